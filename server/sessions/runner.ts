import type { Logger } from 'pino';
import type { ServerMessageInput } from '../../protocol/index.ts';
import type { Presence } from '../cluster/presence.ts';
import type { CallRecord } from '../groups/index.ts';
import type { FoundCandidate } from './endpoint-negotiation.ts';
import type { MediaPool } from './media.ts';
import { SessionMedia } from './session-media.ts';
import type { Deadlines, EndpointId, MediaEvent, SessionEffect, SessionEvent } from './session-state.ts';

/** The types that make a kind of session. */
export interface SessionKind {
  State: unknown;
  Event: { readonly type: string };
  Endpoint: EndpointId;
  Timer: string;
}

type EventOf<Kind extends SessionKind> = Kind['Event'] | SessionEvent<Kind['Endpoint'], Kind['Timer']>;

/** What becomes of a session of a kind, and what is to be done about it. */
export type StepOf<Kind extends SessionKind> = readonly [
  Kind['State'],
  readonly SessionEffect<Kind['Endpoint']>[],
];

/** What makes a session a call or a room. All of it is pure. */
export interface SessionPolicy<Kind extends SessionKind> {
  /** @param at when it happens, in milliseconds since 1970 */
  advance(state: Kind['State'], event: EventOf<Kind>, at: number): StepOf<Kind>;
  /** The timers that run in a state. */
  deadlinesOf(state: Kind['State']): Deadlines<Kind['Timer']>;
  /** Where the session is in its life, for the log; `ended` when it is over. */
  phaseOf(state: Kind['State']): string;
  /** What identifies the session in the log. */
  labelsOf(state: Kind['State']): Readonly<Record<string, string>>;
  /** Brings a candidate of the media server to the page that has the endpoint's answer. */
  candidateMessage(
    state: Kind['State'],
    endpoint: Kind['Endpoint'],
    found: FoundCandidate,
  ): ServerMessageInput;
}

/** What every session needs of the world around it. */
export interface SessionWorld {
  readonly presence: Presence;
  readonly pool: MediaPool;
  /** Where the records of ended calls go. */
  readonly records: { record(record: CallRecord): void };
  readonly logger: Logger;
}

/** What a session tells of itself. */
export interface SessionListener {
  /** Users have left the session and may take part in another. */
  onFree(names: readonly string[]): void;
  /** The session is over; called once. */
  onEnd(): void;
}

/**
 * Runs a call or a room in the world: events one after the other, the effects of each in their order, and the timers
 * that its state names. One exception must not end calling: it is logged, and what comes after it is done.
 */
export class SessionRunner<Kind extends SessionKind> {
  readonly #policy: SessionPolicy<Kind>;
  readonly #world: SessionWorld;
  readonly #listener: SessionListener;
  readonly #media: SessionMedia<Kind['Endpoint']>;
  readonly #steps: (() => void)[] = [];
  /** One that has gone off stays, so that it does not go off again. */
  readonly #timers = new Map<Kind['Timer'], { readonly endsAt: number; readonly handle: NodeJS.Timeout }>();
  #state: Kind['State'];
  #isRunning = false;

  /** @param state what it begins with, be it new or from another process; see `start` */
  constructor(
    state: Kind['State'],
    policy: SessionPolicy<Kind>,
    world: SessionWorld,
    listener: SessionListener,
  ) {
    this.#listener = listener;
    this.#state = state;
    this.#policy = policy;
    this.#world = world;
    this.#media = new SessionMedia(world.pool, {
      onEvent: (event, err) => {
        this.#logTrouble(event, err);
        this.dispatch(event);
      },
      onError: (error) => this.#report(error, 'media'),
      onCandidate: (endpoint, found) =>
        this.#guard('candidate', () => {
          const message = policy.candidateMessage(this.#state, endpoint, found);
          world.presence.send(endpoint.connectionId, message);
        }),
    });
  }

  get state(): Kind['State'] {
    return this.#state;
  }

  get isEnded(): boolean {
    return this.#policy.phaseOf(this.#state) === 'ended';
  }

  /** Performs the effects of the first state, and starts its timers. */
  start(effects: StepOf<Kind>[1]): void {
    this.#log();
    this.#enqueue('start', () => this.#take(this.#state, effects));
  }

  /**
   * Tells the session what happened. An event that comes while another is handled waits for its turn. Never throws.
   * @param at when it happened, in milliseconds since 1970; by default now
   */
  dispatch(event: EventOf<Kind>, at = Date.now()): void {
    this.#enqueue(event.type, () => this.#take(...this.#policy.advance(this.#state, event, at)));
  }

  #enqueue(doing: string, step: () => void): void {
    this.#steps.push(() => this.#guard(doing, step));
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (let next = this.#steps.shift(); next; next = this.#steps.shift()) next();
    } finally {
      this.#isRunning = false;
    }
  }

  #take(state: Kind['State'], effects: StepOf<Kind>[1]): void {
    const { phaseOf } = this.#policy;
    const isChange = phaseOf(state) !== phaseOf(this.#state);
    this.#state = state;
    if (isChange) this.#log();
    if (isChange && this.isEnded) this.#guard('end', () => this.#listener.onEnd());
    for (const effect of effects) this.#guard(effect.type, () => this.#perform(effect));
    this.#setTimers();
  }

  #perform(effect: StepOf<Kind>[1][number]): void {
    const { presence, records } = this.#world;
    switch (effect.type) {
      case 'send':
        for (const id of effect.to) this.#guard('send', () => presence.send(id, effect.message));
        return;
      case 'send-users':
        for (const name of effect.names) {
          this.#guard('send-users', () => presence.sendToUser(name, effect.message, effect.except));
        }
        return;
      case 'open-media':
        return this.#media.open();
      case 'recover-media':
        return this.#media.recover();
      case 'release-media':
        return this.#media.release();
      case 'negotiate':
        return this.#media.negotiate(effect.endpoint, effect);
      case 'add-candidate':
        return this.#media.addCandidate(effect.endpoint, effect.generation, effect.candidate);
      case 'forward-candidates':
        return this.#media.forwardCandidates(effect.endpoint);
      case 'release-endpoints':
        return this.#media.releaseEndpoints(effect.of);
      case 'connect':
        return this.#media.connect(effect.from, effect.to, effect.kind);
      case 'disconnect':
        return this.#media.disconnect(effect.from, effect.to, effect.kind);
      case 'free':
        return this.#listener.onFree(effect.names);
      case 'record':
        return records.record(effect.record);
      default:
        return effect satisfies never;
    }
  }

  #setTimers(): void {
    const deadlines = this.#policy.deadlinesOf(this.#state);
    for (const [timer, { endsAt, handle }] of this.#timers) {
      if (deadlines[timer] === endsAt) continue;
      clearTimeout(handle);
      this.#timers.delete(timer);
    }
    for (const timer of Object.keys(deadlines) as Kind['Timer'][]) {
      const endsAt = deadlines[timer];
      if (endsAt === undefined || this.#timers.has(timer)) continue;
      const goOff = () => this.dispatch({ type: 'timeout', timer }, Math.max(endsAt, Date.now()));
      this.#timers.set(timer, { endsAt, handle: setTimeout(goOff, endsAt - Date.now()) });
    }
  }

  #guard(doing: string, action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#report(error, doing);
    }
  }

  #report(err: unknown, doing: string): void {
    this.#world.logger.error({ ...this.#labels, err, doing }, 'a session goes on after an error');
  }

  /** An offer that cannot be used is its page's doing; else it is the media servers' trouble. */
  #logTrouble(event: MediaEvent<Kind['Endpoint']>, err: unknown): void {
    const about = { ...this.#labels, ...event, err };
    if (event.type === 'not-negotiated' && event.code === 'bad-sdp') {
      this.#world.logger.info(about, 'an offer cannot be used');
    } else if (event.type === 'media-lost' || err !== undefined) {
      this.#world.logger.warn(about, 'a session has trouble with its media');
    }
  }

  get #labels(): Readonly<Record<string, string>> {
    return this.#policy.labelsOf(this.#state);
  }

  #log(): void {
    this.#world.logger.info({ ...this.#labels, phase: this.#policy.phaseOf(this.#state) }, 'session');
  }
}
