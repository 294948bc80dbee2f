import type { ServerMessage } from '../../protocol/index.ts';
import type { CallEffect, CallState, Ended, HeldCandidate, Ongoing, Parties, Transition } from './state.ts';
import { without } from './without.ts';
import type { EndReason, ProblemCode } from './view.ts';

/** Media connections that may fail one after the other before the call is given up. */
export const MAX_FAILURES = 5;
/** Pause before the second repair of the media; doubles with each further one, in milliseconds. */
const REPAIR_PAUSE_MS = 1_000;

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
    generation: 0,
    offer: 'none',
    ready: false,
    said: false,
    held: [],
    remote: { audio: true, video: parties.media === 'video', screen: false },
    failures: 0,
    flowing: false,
    restarting: false,
    offline: false,
  };
}

/** Does the next step of the negotiation, when everything it needs is there. */
export function proceed(state: CallState, call: Ongoing): Transition {
  if (call.offer === 'none' && call.ready) {
    return [
      withCall(state, { ...call, offer: 'making' }),
      [{ type: 'make-offer', generation: call.generation, delayMs: 0 }],
    ];
  }
  if (call.offer === 'made') return sendOffer(state, call);
  const answers = call.phase === 'active' && call.direction === 'in' && call.ready && !call.said;
  if (answers && (call.offer === 'sent' || call.offer === 'answered') && call.callId !== undefined) {
    // The offer went ahead in `prepare`.
    const accept = { id: 'incomingCallResponse', callId: call.callId, callResponse: 'accept' } as const;
    return [withCall(state, { ...call, said: true }), [{ type: 'send', message: accept }]];
  }
  return [withCall(state, call), []];
}

function sendOffer(state: CallState, call: Ongoing): Transition {
  const { callId, sdpOffer = '', generation, phase } = call;
  const sent: Ongoing = { ...without(call, 'sdpOffer'), offer: 'sent' };
  if (phase === 'outgoing' && !call.said) {
    if (!call.ready) return [withCall(state, call), []];
    const message = { id: 'call', reqType: 'ptop', to: call.peer.name, media: call.media, sdpOffer } as const;
    return [withCall(state, { ...sent, said: true }), [{ type: 'send', message }]];
  }
  if (callId === undefined) return [withCall(state, call), []];
  if (phase === 'incoming')
    return flush(state, sent, [{ type: 'send', message: { id: 'prepare', callId, sdpOffer } }]);
  if (call.said) {
    return flush(state, sent, [{ type: 'send', message: { id: 'offer', callId, sdpOffer, generation } }]);
  }
  if (!call.ready) return [withCall(state, call), []];
  const message = { id: 'incomingCallResponse', callId, callResponse: 'accept', sdpOffer } as const;
  return flush(state, { ...sent, said: true }, [{ type: 'send', message }]);
}

/** Sends the candidates that waited, once the server knows what they belong to. */
export function flush(state: CallState, call: Ongoing, before: readonly CallEffect[] = []): Transition {
  const { callId, held, generation } = call;
  if (callId === undefined || !isOfferSent(call)) return [withCall(state, call), before];
  const candidates = held
    .filter((candidate) => candidate.generation === generation)
    .map(({ candidate }): CallEffect => ({
      type: 'send',
      message: { id: 'onIceCandidate', callId, candidate, generation },
    }));
  return [withCall(state, { ...call, held: [] }), [...before, ...candidates]];
}

/** One's own candidate: sent, or kept until its offer is. */
export function hold(state: CallState, call: Ongoing, candidate: HeldCandidate): Transition {
  if (candidate.generation !== call.generation) return [state, []];
  return flush(state, { ...call, held: [...call.held, candidate] });
}

function isOfferSent({ offer }: Ongoing): boolean {
  return offer === 'sent' || offer === 'answered';
}

/** Applies the server's answer to the offer that is out; the same answer comes more than once. */
export function applyAnswer(
  call: Ongoing,
  sdpAnswer: string | undefined,
  generation = 0,
): { readonly call: Ongoing; readonly effects: readonly CallEffect[] } {
  if (sdpAnswer === undefined || call.offer !== 'sent' || call.generation !== generation) {
    return { call, effects: [] };
  }
  return { call: { ...call, offer: 'answered' }, effects: [{ type: 'apply-answer', generation, sdpAnswer }] };
}

/** The call has started once it is accepted and something is seen or heard of the other side. */
export function startIfFlowing(state: CallState, call: Ongoing, now: number): Transition {
  if (
    call.phase !== 'active' ||
    call.progress !== 'accepted' ||
    !call.flowing ||
    call.startedAt !== undefined
  ) {
    return [withCall(state, call), []];
  }
  const started = { ...call, startedAt: now };
  return [withCall(state, started), [{ type: 'started', call: started }]];
}

/** Makes a new media connection: Kurento's endpoints cannot be negotiated twice. */
export function restartMedia(state: CallState, call: Ongoing, generation: number, now: number): Transition {
  const failures = call.failures + 1;
  if (failures > MAX_FAILURES) return giveUp(state, call, now);
  const restarted: Ongoing = {
    ...without(call, 'sdpOffer'),
    held: [],
    failures,
    restarting: true,
    flowing: false,
  };
  if (!call.said || call.callId === undefined) {
    // Nothing has been agreed on yet: the first connection is simply made again.
    const [next, effects] = proceed(state, { ...restarted, offer: 'none', restarting: false });
    return [next, [{ type: 'drop-peer' }, ...effects]];
  }
  const delayMs = failures === 1 ? 0 : REPAIR_PAUSE_MS * 2 ** (failures - 2);
  return [
    withCall(state, { ...restarted, generation, offer: 'making' }),
    [{ type: 'make-offer', generation, delayMs }],
  ];
}

function giveUp(state: CallState, call: Ongoing, now: number): Transition {
  return end(state, call, 'media-failed', now, [stopMessage(call)]);
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
    { ...state, current: { phase: 'problem', problem, detail, parties: partiesOf(parties) } },
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
