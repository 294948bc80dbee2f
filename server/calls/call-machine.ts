/**
 * The life of a one-to-one call as a pure function: `(state, event) → [state, effects]`.
 * No timers, no sockets, no media: `SessionRunner` does what the effects say and reports what comes of it.
 */
import type { ServerMessageInput } from '../../protocol/index.ts';
import { type Deadlines, flagsOf, qualityOf, send, type SessionEffect } from '../sessions/session-state.ts';
import { calleeConnections, end, endByParty, endForAll, endRefused, stop } from './call-ending.ts';
import {
  beginNegotiation,
  mediaLost,
  mediaRecovered,
  needOffer,
  negotiated,
  notNegotiated,
  offered,
  startIfReady,
  tellMediaState,
  without,
} from './call-negotiation.ts';
import type {
  CallConnection,
  CallEvent,
  CallFacts,
  CallState,
  CallTimer,
  EventOf,
  Side,
  Step,
} from './call-state.ts';

/**
 * A call that begins to ring.
 * @param rung the callee's connections
 * @param sdpOffer the caller's
 */
export function startCall(facts: CallFacts, rung: readonly CallConnection[], sdpOffer: string): Step {
  const state: CallState = {
    facts,
    phase: { name: 'ringing', rung, until: facts.createdAt + facts.timeouts.ring },
    endpoints: {},
    isMediaUp: true,
    attempts: 0,
    generation: 0,
    flags: {},
    quality: {},
  };
  const [next, negotiating] = beginNegotiation(state, facts.callerConnection.id, sdpOffer);
  return [
    next,
    [
      ...rung.map(({ id }) => send(id, incomingCall(facts))),
      send(facts.callerConnection.id, { id: 'callProgress', callId: facts.callId, state: 'ringing' }),
      { type: 'open-media' },
      ...negotiating,
    ],
  ];
}

/**
 * What becomes of a call when something happens. A call that has ended stays as it is.
 * @param at when it happens, in milliseconds since 1970
 */
export function advance(state: CallState, event: CallEvent, at: number): Step {
  if (state.phase.name === 'ended') return [state, []];
  switch (event.type) {
    case 'connected':
      return connected(state, event.connection);
    case 'answering':
      return answering(state, event.connectionId, at);
    case 'prepare':
      return prepare(state, event);
    case 'incomingCallResponse':
      return event.callResponse === 'accept' ? accept(state, event, at) : reject(state, event, at);
    case 'call-back':
      return calledBack(state, event, at);
    case 'stop':
      return stopped(state, event.connectionId, at);
    case 'left':
      return left(state, event, at);
    case 'timeout':
      return timedOut(state, event.timer, at);
    case 'onIceCandidate':
      return candidate(state, event);
    case 'offer':
      return offered(state, event);
    case 'mediaState':
      return mediaState(state, event);
    case 'quality':
      return withQuality(state, event);
    case 'negotiated':
      return negotiated(state, event, at);
    case 'not-negotiated':
      return notNegotiated(state, event, at);
    case 'media-unavailable':
      return endForAll(state, at, 'media-unavailable');
    case 'media-lost':
      return mediaLost(state, at);
    case 'media-recovered':
      return mediaRecovered(state, at);
    case 'shutdown':
      return endForAll(state, at, 'shutdown');
    default:
      return event satisfies never;
  }
}

/** The timer that runs: a call waits for one thing at a time. */
export function deadlinesOf({ phase }: CallState): Deadlines<CallTimer> {
  if (phase.name === 'ringing') return { ring: phase.until };
  return phase.name === 'answering' || phase.name === 'accepted' ? { answer: phase.until } : {};
}

/** Whether a connection of the callee could accept now: nobody else has. */
export function isOpenTo({ phase }: CallState, connectionId: string): boolean {
  return phase.name === 'ringing' || (phase.name === 'answering' && phase.by.id === connectionId);
}

/** On which side of the call a connection is; a merely rung one is on none. */
function sideOf({ facts, phase }: CallState, connectionId: string): Side | undefined {
  if (connectionId === facts.callerConnection.id) return 'caller';
  return 'by' in phase && phase.by.id === connectionId ? 'callee' : undefined;
}

function incomingCall({ callId, caller, media }: CallFacts): ServerMessageInput {
  return { id: 'incomingCall', callId, reqType: 'ptop', from: caller.name, caller, media };
}

/** Whether this connection of the callee may still accept or refuse. */
function isWaitingFor({ phase }: CallState, connectionId: string): boolean {
  if (phase.name === 'ringing') return phase.rung.some(({ id }) => id === connectionId);
  return phase.name === 'answering' && phase.by.id === connectionId;
}

function candidate(state: CallState, event: EventOf<'onIceCandidate'>): Step {
  const { connectionId, generation, candidate } = event;
  const mayHaveEndpoint = [state.facts.callerConnection, ...calleeConnections(state)].some(
    ({ id }) => id === connectionId,
  );
  const effect = { type: 'add-candidate', endpoint: { connectionId }, generation, candidate } as const;
  return [state, mayHaveEndpoint ? [effect] : []];
}

function connected(state: CallState, connection: CallConnection): Step {
  const { phase } = state;
  if (phase.name !== 'ringing' || phase.rung.some(({ id }) => id === connection.id)) return [state, []];
  return [
    { ...state, phase: { ...phase, rung: [...phase.rung, connection] } },
    [send(connection.id, incomingCall(state.facts))],
  ];
}

/** The first connection that answers wins; the others stop ringing. */
function answering(state: CallState, connectionId: string, at: number): Step {
  const { phase, facts } = state;
  if (phase.name !== 'ringing') return [state, []];
  const by = phase.rung.find(({ id }) => id === connectionId);
  if (!by) return [state, []];
  const others = phase.rung.map(({ id }) => id).filter((id) => id !== connectionId);
  return [
    {
      ...state,
      phase: { name: 'answering', by, until: at + facts.timeouts.answer },
      endpoints: without(state, others),
    },
    [
      ...others.map((id) => stop(state, id, 'answered-elsewhere')),
      ...others.map(releaseEndpoint),
      send(facts.callerConnection.id, { id: 'callProgress', callId: facts.callId, state: 'accepted' }),
    ],
  ];
}

function releaseEndpoint(connectionId: string): SessionEffect {
  return { type: 'release-endpoints', of: { connectionId } };
}

function prepare(state: CallState, { connectionId, sdpOffer }: EventOf<'prepare'>): Step {
  if (!isWaitingFor(state, connectionId) || state.endpoints[connectionId]) return [state, []];
  return beginNegotiation(state, connectionId, sdpOffer, { isPreparation: true });
}

function accept(state: CallState, event: EventOf<'incomingCallResponse'>, at: number): Step {
  const { connectionId, sdpOffer } = event;
  const [answered, effects] = answering(state, connectionId, at);
  const { phase } = answered;
  if (phase.name !== 'answering' || phase.by.id !== connectionId) {
    return [state, sideOf(state, connectionId) ? [] : [stop(state, connectionId, 'answered-elsewhere')]];
  }
  const accepted: CallState = { ...answered, phase: { ...phase, name: 'accepted', calledBack: false } };
  if (sdpOffer !== undefined) {
    const [next, negotiating] = beginNegotiation(accepted, connectionId, sdpOffer);
    return [next, [...effects, ...negotiating]];
  }
  if (!accepted.endpoints[connectionId]) return [answered, [...effects, needOffer(connectionId)]];
  const [next, starting] = startIfReady(accepted, at);
  return [next, [...effects, ...starting]];
}

/** Both call each other: the second call is the accept of the first. */
function calledBack(state: CallState, event: EventOf<'call-back'>, at: number): Step {
  const { connection, sdpOffer } = event;
  const [rung] = connected(state, connection);
  const [answered, effects] = answering(rung, connection.id, at);
  const { phase, facts } = answered;
  if (phase.name !== 'answering' || phase.by.id !== connection.id) return [state, []];
  const accepted: CallState = { ...answered, phase: { ...phase, name: 'accepted', calledBack: true } };
  const [next, negotiating] = beginNegotiation(accepted, connection.id, sdpOffer);
  const progress = send(connection.id, { id: 'callProgress', callId: facts.callId, state: 'accepted' });
  return [next, [...effects, progress, ...negotiating]];
}

function reject(state: CallState, event: EventOf<'incomingCallResponse'>, at: number): Step {
  const { connectionId, code = 'declined' } = event;
  return isWaitingFor(state, connectionId) ? endRefused(state, at, connectionId, code) : [state, []];
}

function stopped(state: CallState, connectionId: string, at: number): Step {
  const side = sideOf(state, connectionId);
  if (side && !(side === 'callee' && state.phase.name === 'answering')) {
    return endByParty(state, at, side, 'hangup');
  }
  return isWaitingFor(state, connectionId) ? endRefused(state, at, connectionId, 'declined') : [state, []];
}

/** Ringing goes on without connections: the callee may be reloading its page. */
function left(state: CallState, { connectionId, isClean }: EventOf<'left'>, at: number): Step {
  const { phase } = state;
  const side = sideOf(state, connectionId);
  if (side === 'callee' && phase.name === 'answering') return endByParty(state, at, side, 'peer-lost');
  if (side) return endByParty(state, at, side, isClean ? 'hangup' : 'peer-lost');
  if (phase.name !== 'ringing') return [state, []];
  const rung = phase.rung.filter(({ id }) => id !== connectionId);
  return [
    { ...state, phase: { ...phase, rung }, endpoints: without(state, [connectionId]) },
    [releaseEndpoint(connectionId)],
  ];
}

function timedOut(state: CallState, timer: CallTimer, at: number): Step {
  const { name } = state.phase;
  if (timer === 'ring' && name === 'ringing') {
    return end(state, at, {
      outcome: 'no-answer',
      caller: { refusal: 'no-answer' },
      callee: 'no-answer',
      isMissed: true,
    });
  }
  if (timer === 'answer' && name === 'answering') return endForAll(state, at, 'no-device');
  if (timer === 'answer' && name === 'accepted') return endForAll(state, at, 'media-failed');
  return [state, []];
}

/** What comes before the call runs is kept for when it does. */
function mediaState(state: CallState, event: EventOf<'mediaState'>): Step {
  const side = sideOf(state, event.connectionId);
  if (!side) return [state, []];
  const next = { ...state, flags: { ...state.flags, [side]: flagsOf(event) } };
  return [next, state.phase.name === 'running' ? tellMediaState(next, side) : []];
}

function withQuality(state: CallState, event: EventOf<'quality'>): Step {
  const side = sideOf(state, event.connectionId);
  return [side ? { ...state, quality: { ...state.quality, [side]: qualityOf(event) } } : state, []];
}
