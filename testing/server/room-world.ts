import * as v from 'valibot';
import { SERVER_MESSAGES, type ServerMessage } from '../../protocol/index.ts';
import type { CallRecord } from '../../server/groups/index.ts';
import { advance } from '../../server/rooms/room-machine.ts';
import type { RoomEffect, RoomEvent, RoomState, RoomStep } from '../../server/rooms/room-state.ts';

/** What the pages, timers and media servers around a room have been told: nothing is read from its state. */
export class RoomWorld {
  state: RoomState;
  /** Whom each connection in the room believes to be there with it. */
  readonly views = new Map<string, Set<string>>();
  /** Users whose pages ring. */
  readonly ringing = new Set<string>();
  /** Users who were told that they missed the call. */
  readonly missed: string[] = [];
  readonly timers = new Set<string>();
  /** `device<sender`, as the media server has it. */
  readonly subscriptions = new Set<string>();
  /** Connections whose media the media server has. */
  readonly published = new Set<string>();
  /** Users whose audio reaches nobody. */
  readonly muted = new Set<string>();
  readonly busy = new Set<string>();
  readonly records: CallRecord[] = [];
  readonly sent: { readonly to: string; readonly message: ServerMessage }[] = [];
  readonly refusals: string[] = [];
  lastGroupCallState: Extract<ServerMessage, { id: 'groupCallState' }> | undefined;
  pipelines = 0;
  #at = 1_000;
  readonly #userOf: (device: string) => string;

  /** @param userOf whose a connection is */
  constructor(start: RoomStep, userOf: (device: string) => string) {
    this.#userOf = userOf;
    this.state = start[0];
    this.#apply(start);
  }

  /** Lets something happen, and does what the room wants done. */
  happen(event: RoomEvent): readonly RoomEffect[] {
    this.#at += 1_000;
    const step = advance(this.state, event, this.#at);
    if (event.type === 'leave') this.views.delete(event.device);
    if (event.type === 'timeout') this.timers.delete(keyOf(event.timer));
    if (event.type === 'decline') this.ringing.delete(event.name);
    this.#apply(step);
    return step[1];
  }

  /** What a connection was sent, of one kind. */
  received<Id extends ServerMessage['id']>(to: string, id: Id): Extract<ServerMessage, { id: Id }>[] {
    return this.sent
      .filter((each) => each.to === to && each.message.id === id)
      .map(({ message }) => message as Extract<ServerMessage, { id: Id }>);
  }

  #apply([state, effects]: RoomStep): void {
    this.state = state;
    for (const effect of effects) this.#do(effect);
    for (const { person } of state.seats) this.busy.add(person.name);
    if (state.reservedFor !== undefined) this.busy.add(state.facts.caller.name);
  }

  #do(effect: RoomEffect): void {
    switch (effect.type) {
      case 'send':
        for (const device of effect.devices) this.#deliver(device, check(effect.message));
        return;
      case 'send-users':
        for (const name of effect.names) this.#deliverToUser(name, check(effect.message));
        return;
      case 'send-group':
        this.lastGroupCallState = check(effect.message) as typeof this.lastGroupCallState;
        return;
      case 'refuse':
        this.refusals.push(`${effect.device}: ${effect.code}`);
        return;
      case 'open-media':
        this.pipelines++;
        return;
      case 'reopen-media':
        this.subscriptions.clear();
        this.published.clear();
        return;
      case 'publish':
        this.published.add(effect.device);
        return;
      case 'add-candidate':
        return;
      case 'subscribe':
        this.subscriptions.add(`${effect.device}<${effect.sender}`);
        return;
      case 'unsubscribe':
        this.subscriptions.delete(`${effect.device}<${effect.sender}`);
        return;
      case 'mute':
        this.muted.add(effect.sender);
        return;
      case 'unmute':
        this.muted.delete(effect.sender);
        return;
      case 'release-seat':
        return this.#releaseSeat(effect.device);
      case 'free':
        this.busy.delete(effect.name);
        return;
      case 'release-media':
        this.pipelines--;
        this.subscriptions.clear();
        this.published.clear();
        return;
      case 'start-timer':
        this.timers.add(keyOf(effect.timer));
        return;
      case 'stop-timer':
        this.timers.delete(keyOf(effect.timer));
        return;
      case 'record':
        this.records.push(effect.record);
        return;
      default:
        return effect satisfies never;
    }
  }

  #deliver(device: string, message: ServerMessage): void {
    this.sent.push({ to: device, message });
    const view = this.views.get(device);
    switch (message.id) {
      case 'existingParticipants':
        this.views.set(device, new Set(message.data));
        this.ringing.delete(this.#userOf(device));
        return;
      case 'newParticipantArrived':
        if (!view || view.has(message.name))
          throw new Error(`${device} cannot use the news of ${message.name}`);
        view.add(message.name);
        return;
      case 'participantLeft':
        if (!view?.delete(message.name)) throw new Error(`${device} never saw ${message.name}`);
        return;
      case 'stopCommunication':
        this.views.delete(device);
        return;
      case 'incomingCall':
        if (!this.ringing.has(this.#userOf(device))) throw new Error(`${device} rings alone`);
        return;
    }
  }

  #deliverToUser(name: string, message: ServerMessage): void {
    this.sent.push({ to: name, message });
    if (message.id === 'incomingCall') this.ringing.add(name);
    if (message.id === 'stopCommunication') this.ringing.delete(name);
    if (message.id === 'missedCall') this.missed.push(name);
  }

  /** Its own subscriptions, and those of others to it, end with what they hang on. */
  #releaseSeat(device: string): void {
    const name = this.#userOf(device);
    this.muted.delete(name);
    this.published.delete(device);
    for (const subscription of this.subscriptions) {
      const [receiver, sender] = subscription.split('<');
      if (receiver === device || sender === name) this.subscriptions.delete(subscription);
    }
  }
}

/** A timer's name in `timers`. */
export function keyOf(timer: Extract<RoomEvent, { type: 'timeout' }>['timer']): string {
  return timer.name === 'ring' ? `ring ${timer.round}` : timer.name;
}

function check(message: { readonly id: keyof typeof SERVER_MESSAGES }): ServerMessage {
  return v.parse(SERVER_MESSAGES[message.id], message) as ServerMessage;
}
