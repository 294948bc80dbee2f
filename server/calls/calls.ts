import { randomUUID } from 'node:crypto';
import { type ClientMessage, ProtocolError, type RefusalCode } from '../../protocol/index.ts';
import type { Activity } from '../cluster/occupancy.ts';
import type { ConnectionRef } from '../cluster/presence.ts';
import { alreadyInCall, missedCall, refusal } from '../sessions/errors.ts';
import { CALL_QUOTA, OFFER_QUOTA } from '../sessions/limits.ts';
import { Quota } from '../sessions/quota.ts';
import { SessionRegistry, type SessionsOptions } from '../sessions/registry.ts';
import { pageEvent } from '../sessions/session-state.ts';
import type { SessionPolicy, SessionRunner } from '../sessions/runner.ts';
import { callRecord } from './call-ending.ts';
import { advance, deadlinesOf, isOpenTo, startCall } from './call-machine.ts';
import type { CallConnection, CallFacts, CallKind, CallMessage } from './call-state.ts';

/** How long the callee has, once it clicked on "accept", until its offer is there. */
const ANSWER_TIMEOUT_MS = 60_000;

export type CallStart = Extract<ClientMessage, { id: 'call'; reqType: 'ptop' }>;

export interface CallsOptions extends SessionsOptions {
  /** Default `ANSWER_TIMEOUT_MS`. */
  readonly answerTimeoutMs?: number;
}

type Call = SessionRunner<CallKind>;

const POLICY: SessionPolicy<CallKind> = {
  advance,
  deadlinesOf,
  phaseOf: ({ phase }) => phase.name,
  labelsOf: ({ facts: { callId, caller, callee } }) => ({ callId, caller: caller.name, callee: callee.name }),
  candidateMessage: ({ facts }, _endpoint, found) => ({ id: 'iceCandidate', callId: facts.callId, ...found }),
};

/** The one-to-one calls of this server. */
export class Calls {
  readonly #options: CallsOptions;
  /** Of those that ended it is remembered who took part. */
  readonly #calls: SessionRegistry<CallKind, readonly string[]>;
  readonly #callQuota: Quota;
  readonly #offerQuota: Quota;

  constructor(options: CallsOptions) {
    this.#callQuota = new Quota(CALL_QUOTA, options.callsMax);
    this.#offerQuota = new Quota(OFFER_QUOTA, options.offersMax);
    this.#options = options;
    this.#calls = new SessionRegistry('call', POLICY, options);
  }

  /** How many calls ring or run. */
  get size(): number {
    return this.#calls.size;
  }

  /**
   * A user calls another one. What hinders the call is told to the caller as `callResponse`.
   * @throws ProtocolError `already-in-call` or `rate-limited`
   */
  async start(connection: ConnectionRef, { to, media, sdpOffer }: CallStart): Promise<void> {
    const { occupancy, presence, pool, ringTimeoutMs, answerTimeoutMs } = this.#options;
    const caller = connection.user;
    const own = await occupancy.of(caller.name);
    if (own) return this.#callBack(connection, own, to, sdpOffer);
    this.#callQuota.take(caller.name, performance.now());
    const [reachable] = await presence.connectionsOf(to);
    const facts: CallFacts = {
      callId: randomUUID(),
      caller,
      callee: reachable?.user ?? { name: to, displayName: to, avatar: '' },
      callerConnection: connectionOf(connection),
      media,
      createdAt: Date.now(),
      timeouts: { ring: ringTimeoutMs, answer: answerTimeoutMs ?? ANSWER_TIMEOUT_MS },
    };
    if (to === caller.name) return this.#refuse(facts, 'not-allowed');
    if (!reachable) return this.#refuse(facts, 'offline');
    if (!pool.available) return this.#refuse(facts, 'media-unavailable');
    const names = namesOf(facts);
    const conflicts = await this.#calls.claim(names, facts.callId);
    const overtaking = conflicts.get(caller.name);
    if (overtaking) return this.#callBack(connection, overtaking, to, sdpOffer);
    if (conflicts.size > 0) {
      presence.sendToUser(to, missedCall(facts));
      return this.#refuse(facts, 'busy');
    }
    await this.#ring(connection, facts, sdpOffer).finally(() => {
      if (!this.#calls.get(facts.callId)) return this.#calls.release(names, facts.callId);
    });
  }

  /**
   * A client says something about the call that it rings for or is in.
   * @throws ProtocolError `unknown-call` or `rate-limited`
   */
  async handle(connection: ConnectionRef, message: CallMessage): Promise<void> {
    const from = 'from' in message ? message.from : undefined;
    const call = await this.#find(connection, message.callId, from);
    if (call) {
      if ('sdpOffer' in message && message.sdpOffer !== undefined) {
        this.#offerQuota.take(JSON.stringify([connection.user.name, connection.id]), performance.now());
      }
      return call.dispatch(pageEvent(connection.id, message));
    }
    const { callId } = message;
    const isAccept =
      message.id === 'answering' ||
      (message.id === 'incomingCallResponse' && message.callResponse === 'accept');
    if (isAccept) {
      const which = callId === undefined ? {} : { callId };
      this.#options.presence.send(connection.id, { id: 'stopCommunication', ...which, reason: 'cancelled' });
    } else if (callId === undefined || !this.#calls.ended.get(callId)?.includes(connection.user.name)) {
      throw new ProtocolError('unknown-call', 'There is no such call, or you have no part in it.');
    }
  }

  /** A connection has been registered: if its user is being rung, it rings too. */
  async connected(connection: ConnectionRef): Promise<void> {
    const call = await this.#find(connection);
    if (call?.state.facts.callee.name !== connection.user.name) return;
    call.dispatch({ type: 'connected', connection: connectionOf(connection) });
  }

  /**
   * A connection has gone for good.
   * @param isClean whether its page closed it itself
   */
  async left(connection: ConnectionRef, isClean: boolean): Promise<void> {
    const call = await this.#find(connection);
    call?.dispatch({ type: 'left', connectionId: connection.id, isClean });
  }

  /** Ends every call, because the server stops. */
  shutDown(): void {
    this.#calls.shutDown();
  }

  async #ring(connection: ConnectionRef, facts: CallFacts, sdpOffer: string): Promise<void> {
    // Its page may have gone while earlier messages of it were waited for.
    if (!(await this.#calls.isConnected(connection))) return;
    const rung = await this.#options.presence.connectionsOf(facts.callee.name);
    const start = startCall(facts, rung.map(connectionOf), sdpOffer);
    this.#calls.open(facts.callId, start, { memoryOf: ({ facts }) => namesOf(facts) });
  }

  /** Who is called by the one that it calls itself accepts that call. */
  #callBack(connection: ConnectionRef, { id }: Activity, to: string, sdpOffer: string): void {
    const call = this.#calls.get(id);
    const { facts } = call?.state ?? {};
    const isGlare = facts?.caller.name === to && facts.callee.name === connection.user.name;
    if (!call || !isGlare || !isOpenTo(call.state, connection.id)) throw alreadyInCall();
    call.dispatch({ type: 'call-back', connection: connectionOf(connection), sdpOffer });
  }

  async #find({ user: { name } }: ConnectionRef, callId?: string, from?: string): Promise<Call | undefined> {
    const call = callId === undefined ? await this.#calls.of(name) : this.#calls.get(callId);
    if (!call || (from !== undefined && from !== call.state.facts.caller.name)) return undefined;
    return namesOf(call.state.facts).includes(name) ? call : undefined;
  }

  #refuse(facts: CallFacts, code: RefusalCode): void {
    const { callId, callerConnection, createdAt } = facts;
    this.#options.presence.send(callerConnection.id, refusal(callId, code));
    this.#calls.remember(callId, namesOf(facts));
    this.#options.records.record(callRecord(facts, { outcome: code, endedAt: createdAt }));
  }
}

function namesOf({ caller, callee }: CallFacts): readonly string[] {
  return [caller.name, callee.name];
}

function connectionOf({ id, dialect }: ConnectionRef): CallConnection {
  return { id, canRestart: dialect === 'widget' };
}
