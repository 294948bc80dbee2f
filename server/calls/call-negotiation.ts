/** The media part of a call's life: offers, answers, and starting anew when a media server was lost. Pure. */
import type { ServerMessageInput } from '../../protocol/index.ts';
import { errorMessage, negotiationError } from '../sessions/errors.ts';
import {
  type EndpointState,
  generationOf,
  negotiate,
  send,
  type SessionEffect,
} from '../sessions/session-state.ts';
import { endForAll } from './call-ending.ts';
import type { CallConnection, CallState, EventOf, Side, Step } from './call-state.ts';

/** The two parties' connections, the caller's first; the callee's once it has accepted. */
function partiesOf({ facts, phase }: CallState): readonly CallConnection[] {
  const hasAccepted = phase.name === 'accepted' || phase.name === 'running';
  return hasAccepted ? [facts.callerConnection, phase.by] : [facts.callerConnection];
}

/**
 * Begins to answer an offer. While media is lost nothing is begun: `restartMedia` will ask for another offer.
 * @param options.generation of the offer; by default 0
 * @param options.isPreparation whether the answer goes out as `prepared`
 */
export function beginNegotiation(
  state: CallState,
  connectionId: string,
  sdpOffer: string,
  { generation = 0, isPreparation = false } = {},
): Step {
  if (!state.isMediaUp) return [state, []];
  const begun = negotiate(state, { connectionId }, { generation, sdpOffer });
  const endpoint = { ...state.endpoints[connectionId], pending: { ...begun.pending, isPreparation } };
  return [withEndpoint(begun.state, connectionId, endpoint), [begun.effect]];
}

/** The endpoints but for those of some connections. */
export function without({ endpoints }: CallState, connectionIds: readonly string[]): CallState['endpoints'] {
  return Object.fromEntries(Object.entries(endpoints).filter(([id]) => !connectionIds.includes(id)));
}

function withEndpoint(state: CallState, connectionId: string, endpoint: EndpointState): CallState {
  return { ...state, endpoints: { ...state.endpoints, [connectionId]: endpoint } };
}

/** A party brings a new offer for its endpoint; an old generation's is dropped. */
export function offered(state: CallState, event: EventOf<'offer'>): Step {
  const { connectionId, generation, sdpOffer } = event;
  const isParty = partiesOf(state).some(({ id }) => id === connectionId);
  const current = generationOf(state.endpoints[connectionId]) ?? state.generation - 1;
  return isParty && generation > current
    ? beginNegotiation(state, connectionId, sdpOffer, { generation })
    : [state, []];
}

/** An answer is there: whoever made the offer gets it, and the call starts if that was all it waited for. */
export function negotiated(state: CallState, event: EventOf<'negotiated'>, at: number): Step {
  const { endpoint, attempt, sdpAnswer } = event;
  const { connectionId } = endpoint;
  const pending = state.endpoints[connectionId]?.pending;
  if (pending?.attempt !== attempt) return [state, []];
  const { generation } = pending;
  const next = withEndpoint(state, connectionId, { ready: { generation, sdpAnswer } });
  const [started, starting] = startIfReady(next, at);
  const isStart = starting.length > 0;
  const answer = answerMessage(state, connectionId, pending, sdpAnswer);
  const effects: SessionEffect[] = [];
  if (answer && !(isStart && answer.id === 'callProgress')) effects.push(send(connectionId, answer));
  if (answer && !isStart) effects.push({ type: 'forward-candidates', endpoint });
  if (state.phase.name === 'running') effects.push(...connectIfReady(next));
  return [started, [...effects, ...starting]];
}

/** The message that brings an answer before, or after, the one with which the call starts. */
function answerMessage(
  { facts, phase }: CallState,
  connectionId: string,
  { generation, isPreparation }: NonNullable<EndpointState['pending']>,
  sdpAnswer: string,
): ServerMessageInput | undefined {
  const { callId, callerConnection } = facts;
  if (generation > 0 || phase.name === 'running') return { id: 'answer', callId, sdpAnswer, generation };
  if (isPreparation) return { id: 'prepared', callId, sdpAnswer };
  if (connectionId !== callerConnection.id || !callerConnection.canRestart) return undefined;
  return { id: 'callProgress', callId, state: phase.name === 'ringing' ? 'ringing' : 'accepted', sdpAnswer };
}

/** Starts an accepted call whose endpoints are both ready. Both learn their answers (again) in doing so. */
export function startIfReady(state: CallState, at: number): Step {
  const { facts, phase, endpoints } = state;
  if (phase.name !== 'accepted') return [state, []];
  const caller = facts.callerConnection.id;
  const callee = phase.by.id;
  const callerAnswer = answerOf(endpoints[caller]);
  const calleeAnswer = answerOf(endpoints[callee]);
  if (callerAnswer === undefined || calleeAnswer === undefined) return [state, []];
  const { callId } = facts;
  const accepted = (sdpAnswer: string) =>
    ({ id: 'callResponse', callId, response: 'accepted', sdpAnswer }) as const;
  const next: CallState = { ...state, phase: { name: 'running', by: phase.by, startedAt: at } };
  return [
    next,
    [
      ...connectIfReady(next),
      send(caller, accepted(callerAnswer)),
      send(
        callee,
        phase.calledBack
          ? accepted(calleeAnswer)
          : { id: 'startCommunication', callId, sdpAnswer: calleeAnswer },
      ),
      { type: 'forward-candidates', endpoint: { connectionId: caller } },
      { type: 'forward-candidates', endpoint: { connectionId: callee } },
      ...tellMediaState(next, 'caller'),
      ...tellMediaState(next, 'callee'),
    ],
  ];
}

function answerOf(endpoint: EndpointState | undefined): string | undefined {
  return endpoint?.pending ? undefined : endpoint?.ready?.sdpAnswer;
}

/** Tells the other side of a running call what one side sends at the moment, if that is known. */
export function tellMediaState({ facts, phase, flags }: CallState, side: Side): SessionEffect[] {
  const ofSide = flags[side];
  if (!ofSide || phase.name !== 'running') return [];
  const other = side === 'caller' ? phase.by.id : facts.callerConnection.id;
  return [send(other, { id: 'mediaState', callId: facts.callId, name: facts[side].name, ...ofSide })];
}

/** Lets media flow both ways in a running call. */
function connectIfReady(state: CallState): SessionEffect[] {
  const [caller, callee] = partiesOf(state).map(({ id: connectionId }) => ({ connectionId }));
  if (!caller || !callee) return [];
  const isReady = [caller, callee].every(({ connectionId }) => state.endpoints[connectionId]?.ready);
  if (!isReady) return [];
  return [
    { type: 'connect', from: caller, to: callee },
    { type: 'connect', from: callee, to: caller },
  ];
}

/** A running call survives a failed offer; one that has not begun may need it to begin. */
export function notNegotiated(
  state: CallState,
  { endpoint, attempt, code }: EventOf<'not-negotiated'>,
  at: number,
): Step {
  const { connectionId } = endpoint;
  const failed = state.endpoints[connectionId];
  if (failed?.pending?.attempt !== attempt) return [state, []];
  const others = without(state, [connectionId]);
  const endpoints = failed.ready ? { ...others, [connectionId]: { ready: failed.ready } } : others;
  const next: CallState = { ...state, endpoints };
  const tell = (inReplyTo: string) => send(connectionId, negotiationError(code, inReplyTo));
  const { phase, facts } = state;
  if (phase.name === 'running') return [next, [tell('offer')]];
  if (failed.pending.isPreparation && phase.name === 'accepted') {
    // An accept that counted on what was prepared waits for an offer instead.
    const until = at + facts.timeouts.answer;
    return [{ ...next, phase: { name: 'answering', by: phase.by, until } }, [needOffer(connectionId)]];
  }
  if (failed.pending.isPreparation) return [next, code === 'bad-sdp' ? [tell('prepare')] : []];
  const [ended, effects] = endForAll(next, at, 'media-failed');
  const isCaller = connectionId === facts.callerConnection.id;
  return [
    ended,
    code === 'bad-sdp' ? [tell(isCaller ? 'call' : 'incomingCallResponse'), ...effects] : effects,
  ];
}

/** Asks a connection that accepted for the offer that it thought was prepared. */
export function needOffer(connectionId: string): SessionEffect {
  const message = 'The accept needs an "sdpOffer": nothing is prepared for this call.';
  return send(connectionId, errorMessage('need-offer', message, 'incomingCallResponse'));
}

/** The media server went away: nothing of what was negotiated is left. */
export function mediaLost(state: CallState, at: number): Step {
  if (!state.isMediaUp) return [state, []];
  if (partiesOf(state).some(({ canRestart }) => !canRestart)) return endForAll(state, at, 'media-failed');
  return [{ ...state, isMediaUp: false, endpoints: {} }, [{ type: 'recover-media' }]];
}

/** There is a media server again: the parties are asked for new offers. */
export function mediaRecovered(state: CallState, at: number): Step {
  if (state.isMediaUp) return [state, []];
  const parties = partiesOf(state);
  if (parties.some(({ canRestart }) => !canRestart)) return endForAll(state, at, 'media-failed');
  const { callId } = state.facts;
  const generation = state.generation + 1;
  const effects = parties.map(({ id }) => send(id, { id: 'restartMedia', callId, generation }));
  return [{ ...state, isMediaUp: true, generation }, effects];
}
