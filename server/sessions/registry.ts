import type { Activity, Occupancy } from '../cluster/occupancy.ts';
import type { ConnectionRef } from '../cluster/presence.ts';
import {
  type SessionKind,
  type SessionPolicy,
  SessionRunner,
  type SessionWorld,
  type StepOf,
} from './runner.ts';
import { REMEMBERED_MAX } from './limits.ts';

/** What calls and rooms need. */
export interface SessionsOptions extends SessionWorld {
  readonly occupancy: Occupancy;
  readonly ringTimeoutMs: number;
  /** How often one user may call: a person within 10 s, a group within a minute. Default 10. */
  readonly callsMax?: number | undefined;
  /** How often one link may be offered within 10 s. Default 10. */
  readonly offersMax?: number | undefined;
}

/** The calls, or the rooms, of this server: those that go on, and a memory of those that ended last. */
export class SessionRegistry<Kind extends SessionKind, Memory> {
  readonly #kind: Activity['kind'];
  readonly #policy: SessionPolicy<Kind>;
  readonly #options: SessionsOptions;
  readonly #active = new Map<string, SessionRunner<Kind>>();
  readonly #ended = new Map<string, Memory>();

  constructor(kind: Activity['kind'], policy: SessionPolicy<Kind>, options: SessionsOptions) {
    this.#kind = kind;
    this.#policy = policy;
    this.#options = options;
  }

  /** How many go on. */
  get size(): number {
    return this.#active.size;
  }

  /** A session that goes on. */
  get(id: string): SessionRunner<Kind> | undefined {
    return this.#active.get(id);
  }

  /**
   * What is remembered of the sessions that ended last. Messages that were under way then are no mistake of their
   * sender, unlike those about a session that never was or that is none of its business.
   */
  get ended(): ReadonlyMap<string, Memory> {
    return this.#ended;
  }

  /** The session that keeps a user busy. */
  async of(name: string): Promise<SessionRunner<Kind> | undefined> {
    const activity = await this.#options.occupancy.of(name);
    return activity && this.#active.get(activity.id);
  }

  /** Takes all these users for a session, or none; see `Occupancy.claim`. */
  claim(names: readonly string[], id: string): Promise<ReadonlyMap<string, Activity>> {
    return this.#options.occupancy.claim(names, { kind: this.#kind, id });
  }

  /** Frees users for other sessions. Never rejects. */
  async release(names: readonly string[], id: string): Promise<void> {
    try {
      await this.#options.occupancy.release(names, id);
    } catch (err) {
      this.#options.logger.error({ err, names, id }, 'users could not be freed');
    }
  }

  /** Whether a connection is there still, after something was waited for. */
  async isConnected({ id, user }: ConnectionRef): Promise<boolean> {
    const connections = await this.#options.presence.connectionsOf(user.name);
    return connections.some((connection) => connection.id === id);
  }

  /**
   * Begins a session.
   * @param memoryOf what is to be remembered of it when it is over, if anything
   * @param onEnd called when it is over
   */
  open(
    id: string,
    [state, effects]: StepOf<Kind>,
    {
      memoryOf,
      onEnd,
    }: { readonly memoryOf?: (state: Kind['State']) => Memory; readonly onEnd?: () => void },
  ): SessionRunner<Kind> {
    const session = new SessionRunner<Kind>(state, this.#policy, this.#options, {
      onFree: (names) => void this.release(names, id),
      onEnd: () => {
        this.#active.delete(id);
        if (memoryOf) this.remember(id, memoryOf(session.state));
        onEnd?.();
      },
    });
    this.#active.set(id, session);
    session.start(effects);
    return session;
  }

  /** Remembers a session that is over, or never began. */
  remember(id: string, memory: Memory): void {
    this.#ended.set(id, memory);
    const [oldest] = this.#ended.keys();
    if (this.#ended.size > REMEMBERED_MAX && oldest !== undefined) this.#ended.delete(oldest);
  }

  /** Ends every session, because the server stops. */
  shutDown(): void {
    for (const session of [...this.#active.values()]) session.dispatch({ type: 'shutdown' });
  }
}
