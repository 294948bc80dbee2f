import type { Logger } from 'pino';
import type { Presence } from '../cluster/presence.ts';
import { CallMedia } from './call-media.ts';
import { advance, startCall } from './call-machine.ts';
import type { CallRecord } from './call-record.ts';
import type { CallEffect, CallEvent, CallFacts, CallState, CallTimer, Device, Step } from './call-state.ts';
import type { MediaPool } from '../sessions/media.ts';

/** How long each of a call's waits lasts, in milliseconds. */
export type CallTimeouts = Readonly<Record<CallTimer, number>>;

export interface ActiveCallOptions {
  readonly presence: Pick<Presence, 'send' | 'sendToUser'>;
  readonly pool: MediaPool;
  readonly timeouts: CallTimeouts;
  readonly logger: Logger;
  /** Called once, when the call has ended. */
  readonly onEnd: (record: CallRecord) => void;
}

/** A call in the world: feeds its state machine with what happens and does what that says. */
export class ActiveCall {
  readonly facts: CallFacts;
  readonly #options: ActiveCallOptions;
  readonly #media: CallMedia;
  readonly #events: CallEvent[] = [];
  #state: CallState;
  #timer: NodeJS.Timeout | undefined;
  #isDispatching = false;

  /** Starts to ring `rung`, the callee's connections. */
  constructor(facts: CallFacts, rung: readonly Device[], sdpOffer: string, options: ActiveCallOptions) {
    this.facts = facts;
    this.#options = options;
    this.#media = this.#openMedia();
    const step = startCall(facts, rung, sdpOffer);
    this.#state = step[0];
    this.#run(step);
  }

  /** Whether a device of the callee could accept now: nobody else has. */
  isOpenTo(device: string): boolean {
    const { phase } = this.#state;
    return phase.name === 'ringing' || (phase.name === 'answering' && phase.by.id === device);
  }

  /** Tells the call what happened. An event that comes while another is handled waits for its turn. */
  dispatch(event: CallEvent): void {
    this.#events.push(event);
    if (this.#isDispatching) return;
    for (let next = this.#events.shift(); next; next = this.#events.shift()) {
      this.#run(advance(this.#state, next, Date.now()));
    }
  }

  #run([state, effects]: Step): void {
    if (state.phase.name !== this.#state.phase.name) this.#log(state.phase.name);
    this.#state = state;
    this.#isDispatching = true;
    for (const effect of effects) this.#do(effect);
    this.#isDispatching = false;
  }

  #do(effect: CallEffect): void {
    switch (effect.type) {
      case 'send':
        return this.#options.presence.send(effect.device, effect.message);
      case 'send-user':
        return this.#options.presence.sendToUser(effect.name, effect.message);
      case 'open-media':
        return this.#media.open();
      case 'reopen-media':
        return this.#media.reopen();
      case 'release-media':
        return this.#media.release();
      case 'negotiate':
        return this.#media.negotiate(effect);
      case 'add-candidate':
        return this.#media.addCandidate(effect);
      case 'forward-candidates':
        return this.#media.forwardCandidates(effect.device);
      case 'drop-leg':
        return this.#media.drop(effect.device);
      case 'join':
        return this.#media.join(effect.devices);
      case 'start-timer':
        return this.#startTimer(effect.timer);
      case 'stop-timer':
        return clearTimeout(this.#timer);
      case 'record':
        return this.#options.onEnd(effect.record);
      default:
        return effect satisfies never;
    }
  }

  #startTimer(timer: CallTimer): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.dispatch({ type: 'timeout', timer }), this.#options.timeouts[timer]);
  }

  #openMedia(): CallMedia {
    const { callId } = this.facts;
    const { presence, pool, logger } = this.#options;
    return new CallMedia(pool, {
      negotiated: (device, attempt, sdpAnswer) =>
        this.dispatch({ type: 'negotiated', device, attempt, sdpAnswer }),
      notNegotiated: (device, attempt, code, error) => {
        logger.warn({ callId, device, code, error }, 'an offer of a call could not be answered');
        this.dispatch({ type: 'not-negotiated', device, attempt, code });
      },
      candidate: (device, generation, candidate) =>
        presence.send(device, { id: 'iceCandidate', callId, candidate, generation }),
      unavailable: (error) => {
        logger.error({ callId, error }, 'a call has no media server');
        this.dispatch({ type: 'media-unavailable' });
      },
      lost: () => {
        logger.warn({ callId }, 'a call lost its media server');
        this.dispatch({ type: 'media-lost' });
      },
      back: () => this.dispatch({ type: 'media-back' }),
    });
  }

  #log(phase: string): void {
    const { callId, caller, callee } = this.facts;
    this.#options.logger.info({ callId, caller: caller.name, callee: callee.name, phase }, 'call');
  }
}
