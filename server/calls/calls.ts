import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { type ClientMessage, ProtocolError, type RefusalCode } from '../../protocol/index.ts';
import type { Activity, Occupancy } from '../cluster/occupancy.ts';
import type { ConnectionRef, Presence } from '../cluster/presence.ts';
import { ActiveCall } from './active-call.ts';
import { missedCall, refusal } from './call-ending.ts';
import type { CallQuality, CallRecord, CallRecords } from './call-record.ts';
import type { CallEvent, CallFacts, Device } from './call-state.ts';
import { EndedCalls } from './ended-calls.ts';
import type { MediaPool } from '../sessions/media.ts';

/** How long the callee has, once it clicked on "accept", until its offer is there. */
export const ANSWER_TIMEOUT_MS = 60_000;

export type CallPerson = Extract<ClientMessage, { id: 'call'; reqType: 'ptop' }>;

/** The messages about a one-to-one call that exists already. */
export type CallMessage = Extract<
  ClientMessage,
  {
    id:
      | 'answering'
      | 'prepare'
      | 'incomingCallResponse'
      | 'onIceCandidate'
      | 'stop'
      | 'offer'
      | 'mediaState'
      | 'quality';
  }
>;

export interface CallsOptions {
  readonly presence: Presence;
  readonly occupancy: Occupancy;
  readonly pool: MediaPool;
  readonly records: CallRecords;
  readonly ringTimeoutMs: number;
  readonly answerTimeoutMs?: number;
  readonly logger: Logger;
}

/** The one-to-one calls of this server. */
export class Calls {
  readonly #options: CallsOptions;
  readonly #calls = new Map<string, ActiveCall>();
  readonly #ended = new EndedCalls();

  constructor(options: CallsOptions) {
    this.#options = options;
  }

  /** How many calls ring or run. */
  get size(): number {
    return this.#calls.size;
  }

  /**
   * A user calls another one. What hinders the call is told to the caller as `callResponse`.
   * @throws ProtocolError `already-in-call`
   */
  async start(connection: ConnectionRef, { to, media, sdpOffer }: CallPerson): Promise<void> {
    const { occupancy, presence, pool } = this.#options;
    const caller = connection.user;
    const own = await occupancy.of(caller.name);
    if (own) return this.#callBack(connection, own, to, sdpOffer);
    const [reachable] = await presence.connectionsOf(to);
    const facts: CallFacts = {
      callId: randomUUID(),
      caller,
      callee: reachable?.user ?? { name: to, displayName: to, avatar: '' },
      callerDevice: deviceOf(connection),
      media,
      createdAt: Date.now(),
    };
    if (to === caller.name) return this.#refuse(facts, 'not-allowed');
    if (!reachable) return this.#refuse(facts, 'offline');
    if (!pool.available) return this.#refuse(facts, 'media-unavailable');
    await this.#ring(connection, facts, sdpOffer);
  }

  /**
   * A client says something about the call that it rings for or is in.
   * @throws ProtocolError `unknown-call`
   */
  async handle(connection: ConnectionRef, message: CallMessage): Promise<void> {
    const from = 'from' in message ? message.from : undefined;
    const call = await this.#find(connection, message.callId, from);
    if (call) return call.dispatch(eventOf(connection.id, message));
    const { callId } = message;
    const isAccept =
      message.id === 'answering' ||
      (message.id === 'incomingCallResponse' && message.callResponse === 'accept');
    if (isAccept) {
      const which = callId === undefined ? {} : { callId };
      this.#options.presence.send(connection.id, { id: 'stopCommunication', ...which, reason: 'cancelled' });
    } else if (callId === undefined || !this.#ended.has(callId, connection.user.name)) {
      throw new ProtocolError('unknown-call', 'There is no such call, or you have no part in it.');
    }
  }

  /** A connection has been registered: if its user is being rung, it rings too. */
  async connected(connection: ConnectionRef): Promise<void> {
    const call = await this.#find(connection);
    if (call?.facts.callee.name !== connection.user.name) return;
    call.dispatch({ type: 'connected', device: deviceOf(connection) });
  }

  /**
   * A connection has gone for good.
   * @param isClean whether its page closed it itself
   */
  async left(connection: ConnectionRef, isClean: boolean): Promise<void> {
    const call = await this.#find(connection);
    call?.dispatch({ type: 'left', device: connection.id, isClean });
  }

  /** Ends every call, because the server stops. */
  shutDown(): void {
    for (const call of [...this.#calls.values()]) call.dispatch({ type: 'shutdown' });
  }

  async #ring(connection: ConnectionRef, facts: CallFacts, sdpOffer: string): Promise<void> {
    const { occupancy, presence, pool, logger, ringTimeoutMs, answerTimeoutMs } = this.#options;
    const { callId, caller, callee } = facts;
    const conflicts = await occupancy.claim([caller.name, callee.name], { kind: 'call', id: callId });
    const own = conflicts.get(caller.name);
    if (own) return this.#callBack(connection, own, callee.name, sdpOffer);
    if (conflicts.size > 0) {
      presence.sendToUser(callee.name, missedCall(facts));
      return this.#refuse(facts, 'busy');
    }
    // Its page may have gone while earlier messages of it were waited for.
    const callers = await presence.connectionsOf(caller.name);
    if (!callers.some(({ id }) => id === connection.id)) {
      return occupancy.release([caller.name, callee.name], callId);
    }
    const rung = await presence.connectionsOf(callee.name);
    const call = new ActiveCall(facts, rung.map(deviceOf), sdpOffer, {
      presence,
      pool,
      logger,
      timeouts: { ring: ringTimeoutMs, answer: answerTimeoutMs ?? ANSWER_TIMEOUT_MS },
      onEnd: (record) => this.#onEnd(record),
    });
    this.#calls.set(callId, call);
  }

  /** Who is called by the one that it calls itself accepts that call. */
  #callBack(connection: ConnectionRef, { id }: Activity, to: string, sdpOffer: string): void {
    const call = this.#calls.get(id);
    const isGlare = call?.facts.caller.name === to && call.facts.callee.name === connection.user.name;
    if (!isGlare || !call.isOpenTo(connection.id)) {
      throw new ProtocolError('already-in-call', 'You are in a call or room already, or being called.');
    }
    call.dispatch({ type: 'call-back', device: deviceOf(connection), sdpOffer });
  }

  async #find(connection: ConnectionRef, callId?: string, from?: string): Promise<ActiveCall | undefined> {
    const { name } = connection.user;
    const id = callId ?? (await this.#options.occupancy.of(name))?.id;
    const call = id === undefined ? undefined : this.#calls.get(id);
    if (!call) return undefined;
    const { caller, callee } = call.facts;
    if (from !== undefined && from !== caller.name) return undefined;
    return name === caller.name || name === callee.name ? call : undefined;
  }

  #refuse(facts: CallFacts, code: RefusalCode): void {
    const { callId, caller, callee, callerDevice, media, createdAt } = facts;
    this.#options.presence.send(callerDevice.id, refusal(callId, code));
    const parties = { callId, reqType: 'ptop', caller, callee, media } as const;
    this.#onEnd({ ...parties, createdAt, endedAt: createdAt, outcome: code, quality: {} });
  }

  #onEnd(record: CallRecord): void {
    const { callId, caller, callee } = record;
    this.#calls.delete(callId);
    this.#ended.add(callId, [caller.name, callee.name]);
    void this.#options.occupancy.release([caller.name, callee.name], callId);
    this.#options.records.add(record);
  }
}

function deviceOf({ id, dialect }: ConnectionRef): Device {
  return { id, canRestart: dialect === 'widget' };
}

function eventOf(device: string, message: CallMessage): CallEvent {
  switch (message.id) {
    case 'answering':
      return { type: 'answering', device };
    case 'prepare':
      return { type: 'prepare', device, sdpOffer: message.sdpOffer };
    case 'incomingCallResponse':
      return message.callResponse === 'accept'
        ? { type: 'accept', device, sdpOffer: message.sdpOffer }
        : { type: 'reject', device, code: message.code ?? 'declined' };
    case 'onIceCandidate':
      return { type: 'candidate', device, generation: message.generation, candidate: message.candidate };
    case 'stop':
      return { type: 'stop', device };
    case 'offer':
      return { type: 'offer', device, generation: message.generation, sdpOffer: message.sdpOffer };
    case 'mediaState': {
      const { audio, video, screen } = message;
      return { type: 'media-state', device, flags: { audio, video, screen } };
    }
    case 'quality': {
      return { type: 'quality', device, quality: qualityOf(message) };
    }
    default:
      return message satisfies never;
  }
}

function qualityOf(message: CallMessage & { id: 'quality' }): CallQuality {
  const { roundTripMs, lossIn, lossOut, kbpsIn, kbpsOut, framesPerSecondIn } = message;
  return { roundTripMs, lossIn, lossOut, kbpsIn, kbpsOut, framesPerSecondIn };
}
