import type { Logger } from 'pino';
import type { Person, ServerMessageInput, ServerMessageOf } from '../../protocol/index.ts';
import type { NegotiationFailure } from '../calls/call-state.ts';
import type { MediaPool } from '../sessions/media.ts';
import type { Presence } from '../cluster/presence.ts';
import type { CallRecord } from '../groups/index.ts';
import { advance } from './room-machine.ts';
import { RoomMedia } from './room-media.ts';
import { groupCallState } from './room-messages.ts';
import type { RoomEffect, RoomEvent, RoomFacts, RoomState, RoomStep, RoomTimer } from './room-state.ts';
import { seatOf, seatOfUser } from './room-state.ts';

/** How long each of a room's waits lasts, in milliseconds. */
export type RoomTimeouts = Readonly<Record<RoomTimer['name'], number>>;

export interface ActiveRoomOptions {
  readonly presence: Pick<Presence, 'send' | 'sendToUser'>;
  readonly pool: MediaPool;
  readonly timeouts: RoomTimeouts;
  readonly logger: Logger;
  /** Called when somebody has left the call and may take part in another. */
  readonly onFree: (name: string) => void;
  /** Called once, when the call has ended. */
  readonly onEnd: (record: CallRecord) => void;
}

/** A group call in the world: feeds its state machine with what happens and does what that says. */
export class ActiveRoom {
  readonly facts: RoomFacts;
  readonly #options: ActiveRoomOptions;
  readonly #media: RoomMedia;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #events: RoomEvent[] = [];
  readonly #members: Map<string, Person>;
  #state: RoomState;
  #isDispatching = false;

  /**
   * @param start how the room begins
   * @param members of the group, by name; empty for a room without one
   */
  constructor([state, effects]: RoomStep, members: ReadonlyMap<string, Person>, options: ActiveRoomOptions) {
    this.facts = state.facts;
    this.#options = options;
    this.#members = new Map(members);
    this.#media = this.#openMedia();
    this.#state = state;
    this.#log('begins');
    this.#run([state, effects]);
  }

  get isEnded(): boolean {
    return this.#state.isEnded;
  }

  /** The group's members, as far as they are known here. */
  get members(): ReadonlyMap<string, Person> {
    return this.#members;
  }

  /** Somebody has become a member of the group, and hears of its call. */
  addMember(person: Person): void {
    this.#members.set(person.name, person);
    if (this.groupCall) this.#options.presence.sendToUser(person.name, this.groupCall);
  }

  /** Somebody is no member of the group any more, and takes no part in its call: for its pages there is none. */
  removeMember(name: string): void {
    const wasMember = this.#members.delete(name);
    const { groupCall } = this;
    this.dispatch({ type: 'member-removed', name });
    if (!wasMember || !groupCall) return;
    this.#options.presence.sendToUser(name, { ...groupCall, active: false, participants: [] });
  }

  /** Whether the room keeps this user busy: it is in it, or awaited. */
  keeps(name: string): boolean {
    const { facts, reservedFor } = this.#state;
    return (
      seatOfUser(this.#state, name) !== undefined || (reservedFor !== undefined && name === facts.caller.name)
    );
  }

  /** Whether this connection is in the room. */
  seats(device: string): boolean {
    return seatOf(this.#state, device) !== undefined;
  }

  /** The call as those see it who are not in it; undefined for a room without a group. */
  get groupCall(): ServerMessageOf<'groupCallState'> | undefined {
    return groupCallState(this.#state);
  }

  /** Tells the room what happened. An event that comes while another is handled waits for its turn. */
  dispatch(event: RoomEvent): void {
    this.#events.push(event);
    if (this.#isDispatching) return;
    for (let next = this.#events.shift(); next; next = this.#events.shift()) {
      this.#run(advance(this.#state, next, Date.now()));
    }
  }

  #run([state, effects]: RoomStep): void {
    this.#state = state;
    this.#isDispatching = true;
    for (const effect of effects) this.#do(effect);
    this.#isDispatching = false;
  }

  #do(effect: RoomEffect): void {
    switch (effect.type) {
      case 'send':
        return this.#send(effect.devices, effect.message);
      case 'send-users':
        for (const name of effect.names) {
          this.#options.presence.sendToUser(name, effect.message, effect.except);
        }
        return;
      case 'send-group':
        for (const name of this.#members.keys()) this.#options.presence.sendToUser(name, effect.message);
        return;
      case 'refuse': {
        const { device, code, message, inReplyTo } = effect;
        return this.#send([device], { id: 'error', code, message, inReplyTo });
      }
      case 'open-media':
        return this.#media.open();
      case 'reopen-media':
        return this.#media.reopen();
      case 'publish':
        return this.#media.publish(effect);
      case 'subscribe':
        return this.#media.subscribe(effect);
      case 'unsubscribe':
        return this.#media.unsubscribe(effect.device, effect.sender);
      case 'mute':
        return this.#media.mute(effect.sender);
      case 'unmute':
        return this.#media.unmute(effect.sender);
      case 'add-candidate':
        return this.#media.addCandidate(effect, effect.candidate);
      case 'release-seat':
        return this.#media.drop(effect.device, effect.name);
      case 'free':
        return this.#options.onFree(effect.name);
      case 'release-media':
        return this.#media.release();
      case 'start-timer':
        return this.#startTimer(effect.timer);
      case 'stop-timer':
        return this.#stopTimer(effect.timer);
      case 'record':
        this.#log('ended');
        return this.#options.onEnd(effect.record);
      default:
        return effect satisfies never;
    }
  }

  #send(devices: readonly string[], message: ServerMessageInput): void {
    for (const device of devices) this.#options.presence.send(device, message);
  }

  #startTimer(timer: RoomTimer): void {
    this.#stopTimer(timer);
    const goOff = () => {
      this.#timers.delete(keyOf(timer));
      this.dispatch({ type: 'timeout', timer });
    };
    this.#timers.set(keyOf(timer), setTimeout(goOff, this.#options.timeouts[timer.name]));
  }

  #stopTimer(timer: RoomTimer): void {
    clearTimeout(this.#timers.get(keyOf(timer)));
    this.#timers.delete(keyOf(timer));
  }

  #openMedia(): RoomMedia {
    const { room, callId } = this.facts;
    const { presence, pool, logger } = this.#options;
    const log = { room, callId };
    return new RoomMedia(pool, {
      answered: ({ device, sender, generation }, sdpAnswer) =>
        presence.send(device, { id: 'receiveVideoAnswer', room, name: sender, sdpAnswer, generation }),
      notAnswered: ({ device, sender }, code, error) => {
        logger.warn({ ...log, device, sender, code, error }, 'an offer in a room could not be answered');
        presence.send(device, negotiationError(code));
      },
      candidate: ({ device, sender, generation }, candidate) =>
        presence.send(device, { id: 'iceCandidate', room, name: sender, candidate, generation }),
      unavailable: (error) => {
        logger.error({ ...log, error }, 'a room has no media server');
        this.dispatch({ type: 'media-unavailable' });
      },
      lost: () => {
        logger.warn(log, 'a room lost its media server');
        this.dispatch({ type: 'media-lost' });
      },
      back: () => this.dispatch({ type: 'media-back' }),
    });
  }

  #log(phase: string): void {
    const { callId, room, caller } = this.facts;
    this.#options.logger.info({ callId, room, caller: caller.name, phase }, 'group call');
  }
}

function keyOf(timer: RoomTimer): string {
  return timer.name === 'ring' ? `ring ${timer.round}` : timer.name;
}

function negotiationError(code: NegotiationFailure): ServerMessageInput {
  const isBadSdp = code === 'bad-sdp';
  return {
    id: 'error',
    code: isBadSdp ? 'bad-sdp' : 'media-unavailable',
    message: isBadSdp
      ? 'The media server does not understand the "sdpOffer".'
      : 'The media server could not make a media connection.',
    inReplyTo: 'receiveVideoFrom',
  };
}
