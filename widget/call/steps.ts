import type { ServerMessage } from '../../protocol/index.ts';
import {
  awaitsAnswer,
  isOfferSent,
  MAX_FAILURES,
  newNegotiation,
  offerSent,
  repairPauseMs,
  type Negotiation,
} from '../session/negotiation.ts';
import type { EndReason, ProblemCode } from '../session/terms.ts';
import type { CallEffect, CallState, Ended, Ongoing, Parties, Transition } from './state.ts';

/** @returns the state with `call` as the current one */
export function withCall(state: CallState, call: Ongoing): CallState {
  return { ...state, current: call };
}

/** Only who calls whom, of whatever else is known about a call. */
export function partiesOf({ direction, peer, media }: Parties): Parties {
  return { direction, peer, media };
}

/** A call as it begins. */
export function begin(parties: Parties, phase: 'incoming' | 'outgoing'): Ongoing {
  return {
    ...parties,
    phase,
    progress: 'connecting',
    negotiation: newNegotiation(0),
    ready: false,
    callSent: false,
    remote: { audio: true, video: parties.media === 'video', screen: false },
    hasRemoteMedia: false,
    restarting: false,
    offline: false,
  };
}

/** Does the next step of the negotiation, when everything it needs is there. */
export function proceed(state: CallState, call: Ongoing): Transition {
  const { negotiation, callId } = call;
  if (negotiation.offer === 'none' && call.ready) return makeOffer(state, call, negotiation);
  if (negotiation.offer === 'made') return sendOffer(state, call);
  const answers = call.phase === 'active' && call.direction === 'in' && call.ready && !call.callSent;
  if (answers && isOfferSent(negotiation) && callId !== undefined) {
    // The offer went ahead in `prepare`.
    const accept = { id: 'incomingCallResponse', callId, callResponse: 'accept' } as const;
    return [withCall(state, { ...call, callSent: true }), [{ type: 'send', message: accept }]];
  }
  return [withCall(state, call), []];
}

function makeOffer(state: CallState, call: Ongoing, negotiation: Negotiation, delayMs = 0): Transition {
  const { generation } = negotiation;
  return [
    withCall(state, { ...call, negotiation: { ...negotiation, offer: 'making' } }),
    [{ type: 'make-offer', name: call.peer.name, generation, direction: 'sendrecv', delayMs }],
  ];
}

function sendOffer(state: CallState, call: Ongoing): Transition {
  const { callId, negotiation, phase } = call;
  const { sdpOffer = '', generation } = negotiation;
  const sent: Ongoing = { ...call, negotiation: offerSent(negotiation) };
  if (phase === 'outgoing' && !call.callSent) {
    if (!call.ready) return [withCall(state, call), []];
    const message = { id: 'call', reqType: 'ptop', to: call.peer.name, media: call.media, sdpOffer } as const;
    return [withCall(state, { ...sent, callSent: true }), [{ type: 'send', message }]];
  }
  if (callId === undefined) return [withCall(state, call), []];
  if (phase === 'incoming') {
    return flush(state, sent, [{ type: 'send', message: { id: 'prepare', callId, sdpOffer } }]);
  }
  if (call.callSent) {
    return flush(state, sent, [{ type: 'send', message: { id: 'offer', callId, sdpOffer, generation } }]);
  }
  if (!call.ready) return [withCall(state, call), []];
  const message = { id: 'incomingCallResponse', callId, callResponse: 'accept', sdpOffer } as const;
  return flush(state, { ...sent, callSent: true }, [{ type: 'send', message }]);
}

/** Sends the candidates that waited, once the server knows what they belong to. */
export function flush(state: CallState, call: Ongoing, before: readonly CallEffect[] = []): Transition {
  const { callId, negotiation } = call;
  if (callId === undefined || !isOfferSent(negotiation)) return [withCall(state, call), before];
  const { held, generation } = negotiation;
  const candidates = held.map((candidate): CallEffect => ({
    type: 'send',
    message: { id: 'onIceCandidate', callId, candidate, generation },
  }));
  return [
    withCall(state, { ...call, negotiation: { ...negotiation, held: [] } }),
    [...before, ...candidates],
  ];
}

/** Applies the server's answer, if it is to the offer that is out. */
export function applyAnswer(
  call: Ongoing,
  sdpAnswer: string | undefined,
  generation = 0,
): { readonly call: Ongoing; readonly effects: readonly CallEffect[] } {
  const { negotiation, peer } = call;
  if (sdpAnswer === undefined || !awaitsAnswer(negotiation, generation)) return { call, effects: [] };
  return {
    call: { ...call, negotiation: { ...negotiation, offer: 'answered' } },
    effects: [{ type: 'apply-answer', name: peer.name, generation, sdpAnswer }],
  };
}

/** The call has started once it is accepted and something is seen or heard of the other side. */
export function startIfMediaArrived(state: CallState, call: Ongoing, now: number): Transition {
  const isConnected = call.phase === 'active' && call.progress === 'accepted' && call.hasRemoteMedia;
  if (!isConnected || call.startedAt !== undefined) return [withCall(state, call), []];
  const started = { ...call, startedAt: now };
  return [withCall(state, started), [{ type: 'started', call: started }]];
}

/** What was negotiated is no use: the call brings an offer of its own. */
export function offerAgain(state: CallState, call: Ongoing): Transition {
  const { generation, failures } = call.negotiation;
  const [next, effects] = proceed(state, {
    ...call,
    negotiation: newNegotiation(generation, 'none', failures),
  });
  return [next, [{ type: 'drop-connection', name: call.peer.name }, ...effects]];
}

/** Makes a new peer connection: Kurento's endpoints cannot be negotiated twice. */
export function restartMedia(state: CallState, before: Ongoing, generation: number, now: number): Transition {
  const failures = before.negotiation.failures + 1;
  if (failures > MAX_FAILURES) return end(state, before, 'media-failed', now, [stopMessage(before)]);
  const call: Ongoing = { ...before, hasRemoteMedia: false };
  if (!call.callSent || call.callId === undefined) {
    // Nothing has been agreed on yet: the first connection is simply made again.
    const negotiation = { ...call.negotiation, failures };
    return offerAgain(state, { ...call, negotiation, restarting: false });
  }
  const restarted = newNegotiation(generation, 'none', failures);
  return makeOffer(state, { ...call, restarting: true }, restarted, repairPauseMs(failures));
}

/** Tells the server that the call is over; without a name, the only one there is. */
export function stopMessage({ callId }: Ongoing): CallEffect {
  return { type: 'send', message: { id: 'stop', ...(callId !== undefined && { callId }) } };
}

/** Ends the call. */
export function end(
  state: CallState,
  call: Ongoing,
  reason: EndReason,
  now: number,
  before: readonly CallEffect[] = [],
): Transition {
  const ended: Ended = {
    ...partiesOf(call),
    phase: 'ended',
    ...(call.callId !== undefined && { callId: call.callId }),
    reason,
    duration: call.startedAt === undefined ? 0 : Math.max(0, now - call.startedAt),
  };
  return [{ ...state, current: ended }, [...before, { type: 'close-media' }, { type: 'ended', call: ended }]];
}

/** Shows a problem instead of the call, which is over. */
export function fail(
  state: CallState,
  parties: Parties,
  problem: ProblemCode,
  detail: string,
  before: readonly CallEffect[] = [],
): Transition {
  return [
    { ...state, current: { phase: 'problem', problem, detail, info: partiesOf(parties) } },
    [...before, { type: 'close-media' }, { type: 'failed', problem, detail }],
  ];
}

/** Whether a message is about this call; the tutorials' messages name none. */
export function isAbout(
  call: Ongoing,
  message: Extract<ServerMessage, { callId?: string | undefined }>,
): boolean {
  return message.callId === undefined || message.callId === call.callId;
}
