/** The media part of a call's life: offers, answers, and starting anew when a media server was lost. Pure. */
import type { ServerMessageInput } from '../../protocol/index.ts';
import { endWithoutMedia, send } from './call-ending.ts';
import type { CallEffect, CallEvent, CallState, Device, Leg, Side, Step } from './call-state.ts';

/** The two parties' devices, the caller's first; the callee's once it has accepted. */
export function partiesOf({ facts, phase }: CallState): readonly Device[] {
  const hasAccepted = phase.name === 'accepted' || phase.name === 'running';
  return hasAccepted ? [facts.callerDevice, phase.by] : [facts.callerDevice];
}

/**
 * Begins to answer an offer. While media is lost nothing is begun: `restartMedia` will ask for another offer.
 * @param options.isPreparation whether the answer goes out as `prepared`
 */
export function beginNegotiation(
  state: CallState,
  device: string,
  sdpOffer: string,
  generation: number,
  { isPreparation = false } = {},
): Step {
  if (!state.isMediaUp) return [state, []];
  const attempt = state.attempts + 1;
  const leg: Leg = { ...state.legs[device], pending: { attempt, generation, isPreparation } };
  const next: CallState = {
    ...state,
    attempts: attempt,
    generation: Math.max(state.generation, generation),
    legs: { ...state.legs, [device]: leg },
  };
  return [next, [{ type: 'negotiate', device, attempt, generation, sdpOffer }]];
}

/** A party brings a new offer for its leg; an old generation's is dropped. */
export function offered(state: CallState, event: CallEvent & { type: 'offer' }): Step {
  const { device, generation, sdpOffer } = event;
  const isParty = partiesOf(state).some(({ id }) => id === device);
  const leg = state.legs[device];
  const current = leg?.pending?.generation ?? leg?.ready?.generation ?? state.generation - 1;
  return isParty && generation > current
    ? beginNegotiation(state, device, sdpOffer, generation)
    : [state, []];
}

/** An answer is there: whoever made the offer gets it, and the call starts if that was all it waited for. */
export function negotiated(state: CallState, event: CallEvent & { type: 'negotiated' }, at: number): Step {
  const { device, attempt, sdpAnswer } = event;
  const pending = state.legs[device]?.pending;
  if (pending?.attempt !== attempt) return [state, []];
  const { generation } = pending;
  const next: CallState = {
    ...state,
    legs: { ...state.legs, [device]: { ready: { generation, sdpAnswer } } },
  };
  const [started, starting] = startIfReady(next, at);
  const isStart = starting.length > 0;
  const answer = answerMessage(state, device, pending, sdpAnswer);
  const effects: CallEffect[] = [];
  if (answer && !(isStart && answer.id === 'callProgress')) effects.push(send(device, answer));
  if (answer && !isStart) effects.push({ type: 'forward-candidates', device });
  if (state.phase.name === 'running') effects.push(...joinIfReady(next));
  return [started, [...effects, ...starting]];
}

/** The message that brings an answer before, or after, the one with which the call starts. */
function answerMessage(
  { facts, phase }: CallState,
  device: string,
  { generation, isPreparation }: NonNullable<Leg['pending']>,
  sdpAnswer: string,
): ServerMessageInput | undefined {
  const { callId } = facts;
  if (generation > 0 || phase.name === 'running') return { id: 'answer', callId, sdpAnswer, generation };
  if (isPreparation) return { id: 'prepared', callId, sdpAnswer };
  if (device !== facts.callerDevice.id || !facts.callerDevice.canRestart) return undefined;
  return { id: 'callProgress', callId, state: phase.name === 'ringing' ? 'ringing' : 'accepted', sdpAnswer };
}

/** Starts an accepted call whose legs are both ready. Both learn their answers (again) in doing so. */
export function startIfReady(state: CallState, at: number): Step {
  const { facts, phase, legs } = state;
  if (phase.name !== 'accepted') return [state, []];
  const caller = facts.callerDevice.id;
  const callee = phase.by.id;
  const callerAnswer = answerOf(legs[caller]);
  const calleeAnswer = answerOf(legs[callee]);
  if (callerAnswer === undefined || calleeAnswer === undefined) return [state, []];
  const { callId } = facts;
  const accepted = (sdpAnswer: string) =>
    ({ id: 'callResponse', callId, response: 'accepted', sdpAnswer }) as const;
  const next: CallState = { ...state, phase: { name: 'running', by: phase.by, startedAt: at } };
  return [
    next,
    [
      { type: 'stop-timer' },
      ...joinIfReady(next),
      send(caller, accepted(callerAnswer)),
      send(
        callee,
        phase.calledBack
          ? accepted(calleeAnswer)
          : { id: 'startCommunication', callId, sdpAnswer: calleeAnswer },
      ),
      { type: 'forward-candidates', device: caller },
      { type: 'forward-candidates', device: callee },
      ...tellMediaState(next, 'caller'),
      ...tellMediaState(next, 'callee'),
    ],
  ];
}

function answerOf(leg: Leg | undefined): string | undefined {
  return leg?.pending ? undefined : leg?.ready?.sdpAnswer;
}

/** Tells the other side of a running call what one side sends at the moment, if that is known. */
export function tellMediaState({ facts, phase, flags }: CallState, side: Side): CallEffect[] {
  const ofSide = flags[side];
  if (!ofSide || phase.name !== 'running') return [];
  const other = side === 'caller' ? phase.by.id : facts.callerDevice.id;
  return [send(other, { id: 'mediaState', callId: facts.callId, name: facts[side].name, ...ofSide })];
}

function joinIfReady({ facts, phase, legs }: CallState): CallEffect[] {
  if (phase.name !== 'running') return [];
  const devices = [facts.callerDevice.id, phase.by.id] as const;
  return devices.every((id) => legs[id]?.ready) ? [{ type: 'join', devices }] : [];
}

/** A running call survives a failed offer; one that has not begun may need it to begin. */
export function notNegotiated(
  state: CallState,
  event: CallEvent & { type: 'not-negotiated' },
  at: number,
): Step {
  const { device, attempt, code } = event;
  const leg = state.legs[device];
  if (leg?.pending?.attempt !== attempt) return [state, []];
  const others = Object.entries(state.legs).filter(([id]) => id !== device);
  const former: [string, Leg][] = leg.ready ? [[device, { ready: leg.ready }]] : [];
  const next: CallState = { ...state, legs: Object.fromEntries([...others, ...former]) };
  const { phase } = state;
  if (phase.name === 'running') return [next, [negotiationError(device, code, 'offer')]];
  if (leg.pending.isPreparation) return notPrepared(next, device, code);
  const [ended, effects] = endWithoutMedia(next, at, 'media-failed');
  const isCaller = device === state.facts.callerDevice.id;
  const error = negotiationError(device, code, isCaller ? 'call' : 'incomingCallResponse');
  return [ended, code === 'bad-sdp' ? [error, ...effects] : effects];
}

function notPrepared(state: CallState, device: string, code: 'bad-sdp' | 'media-failed'): Step {
  const { phase } = state;
  if (phase.name !== 'accepted') {
    return [state, code === 'bad-sdp' ? [negotiationError(device, code, 'prepare')] : []];
  }
  return [
    { ...state, phase: { name: 'answering', by: phase.by } },
    [{ type: 'start-timer', timer: 'answer' }, needOffer(device)],
  ];
}

/** Asks a device that accepted for the offer that it thought was prepared. */
export function needOffer(device: string): CallEffect {
  return send(device, {
    id: 'error',
    code: 'need-offer',
    message: 'The accept needs an "sdpOffer": nothing is prepared for this call.',
    inReplyTo: 'incomingCallResponse',
  });
}

function negotiationError(device: string, code: 'bad-sdp' | 'media-failed', inReplyTo: string): CallEffect {
  const message =
    code === 'bad-sdp'
      ? 'The media server does not understand the "sdpOffer".'
      : 'The media server could not make a media connection.';
  return send(device, {
    id: 'error',
    code: code === 'bad-sdp' ? code : 'media-unavailable',
    message,
    inReplyTo,
  });
}

/** The media server went away: nothing of what was negotiated is left. */
export function mediaLost(state: CallState, at: number): Step {
  if (!state.isMediaUp) return [state, []];
  if (partiesOf(state).some(({ canRestart }) => !canRestart))
    return endWithoutMedia(state, at, 'media-failed');
  return [{ ...state, isMediaUp: false, legs: {} }, [{ type: 'reopen-media' }]];
}

/** There is a media server again: the parties are asked for new offers. */
export function mediaBack(state: CallState, at: number): Step {
  if (state.isMediaUp) return [state, []];
  const parties = partiesOf(state);
  if (parties.some(({ canRestart }) => !canRestart)) return endWithoutMedia(state, at, 'media-failed');
  const { callId } = state.facts;
  const generation = state.generation + 1;
  const effects = parties.map(({ id }) => send(id, { id: 'restartMedia', callId, generation }));
  return [{ ...state, isMediaUp: true, generation }, effects];
}
