import type { Media } from '../../protocol/index.ts';
import { offerMade } from '../session/negotiation.ts';
import type { SessionEvent } from '../session/state.ts';
import type { ProblemCode } from '../session/terms.ts';
import { onMessage } from './messages.ts';
import {
  isOngoing,
  type CallEffect,
  type CallEvent,
  type CallState,
  type Ongoing,
  type Parties,
  type Transition,
} from './state.ts';
import {
  begin,
  end,
  fail,
  flush,
  partiesOf,
  proceed,
  restartMedia,
  startIfMediaArrived,
  stopMessage,
  withCall,
} from './steps.ts';

/** What matters only while a call is under way: one's own media and the way to the server. */
type OngoingEvent =
  | Exclude<SessionEvent, { type: 'message' | 'unreachable' | 'retry' | 'dismiss' }>
  | { readonly type: 'online' };

/**
 * The life of a one-to-one call as a pure function: no clock, socket, device or DOM.
 * An event that makes no sense in a state changes nothing.
 *
 * @param now milliseconds since 1970
 * @returns the next state and what must be done, in order
 */
export function transition(state: CallState, event: CallEvent, now: number): Transition {
  switch (event.type) {
    case 'dial':
      return dial(state, event);
    case 'accept':
      return accept(state, event.media);
    case 'reject':
    case 'hang-up':
      return hangUp(state, now);
    case 'call-again':
      return state.current.phase === 'ended' ? dial(state, state.current) : [state, []];
    case 'retry':
      return state.current.phase === 'problem' ? dial(state, state.current.info) : [state, []];
    case 'continue-without-devices':
      return state.current.phase === 'problem' ? dial(state, state.current.info, true) : [state, []];
    case 'dismiss':
      return isOngoing(state.current) ? [state, []] : [{ ...state, current: { phase: 'idle' } }, []];
    case 'message':
      return onMessage(state, event.message, now);
    case 'unreachable':
      return unreachable(state, event.problem, event.detail);
    default:
      return isOngoing(state.current) ? duringCall(state, state.current, event, now) : [state, []];
  }
}

function duringCall(state: CallState, call: Ongoing, event: OngoingEvent, now: number): Transition {
  const { negotiation } = call;
  if ('generation' in event && event.generation !== negotiation.generation) return [state, []];
  switch (event.type) {
    case 'media-ready':
      return proceed(state, { ...call, ready: true });
    case 'devices-refused':
      return call.ready || call.phase === 'incoming'
        ? [state, []]
        : withoutDevices(state, call, event.problem, now);
    case 'offer-made':
      if (negotiation.offer !== 'making' && negotiation.offer !== 'none') return [state, []];
      return proceed(state, { ...call, negotiation: offerMade(negotiation, event.sdpOffer) });
    case 'candidate': {
      const held = [...negotiation.held, event.candidate];
      return flush(state, { ...call, negotiation: { ...negotiation, held } });
    }
    case 'connected': {
      const connected = { ...call, negotiation: { ...negotiation, connected: true } };
      // The other side may have nothing to send; the first connection waits for the accept.
      return [withCall(state, connected), event.generation > 0 ? [{ type: 'expect-media' }] : []];
    }
    case 'media-arrived': {
      const healthy = { ...negotiation, failures: 0 };
      const arrived = { ...call, hasRemoteMedia: true, restarting: false, negotiation: healthy };
      return startIfMediaArrived(state, arrived, now);
    }
    case 'connection-lost':
      return restartMedia(state, call, event.generation + 1, now);
    case 'media-impossible':
      // While it rings this was only an attempt to be early.
      if (call.phase === 'incoming') return [state, []];
      return fail(state, call, event.problem, 'No media connection can be made.', refusal(call, 'no-device'));
    case 'offline':
    case 'online': {
      const offline = event.type === 'offline';
      if (call.offline === offline) return [state, []];
      return [withCall(state, { ...call, offline }), [{ type: 'pause-tracks', paused: offline }]];
    }
    case 'session-expired':
      return sessionExpired(state, call, now);
    default:
      return event satisfies never;
  }
}

/** The caller has called nobody yet. The callee cannot come, and nobody waits for it. */
function withoutDevices(state: CallState, call: Ongoing, problem: ProblemCode, now: number): Transition {
  const detail = 'Camera and microphone cannot be used.';
  if (call.direction === 'out') return fail(state, call, problem, detail);
  const [, ending] = end(state, call, 'no-device', now, refusal(call, 'no-device'));
  const shown = { phase: 'problem', problem, detail, info: partiesOf(call) } as const;
  return [{ ...state, current: shown }, [...ending, { type: 'failed', problem, detail }]];
}

/** @param anyway with the voice if that is allowed, else listening only */
function dial(state: CallState, { peer, media }: Omit<Parties, 'direction'>, anyway = false): Transition {
  const { current } = state;
  if (isOngoing(current)) {
    const theyRing = current.phase === 'incoming' && current.peer.name === peer.name;
    return theyRing ? accept(state, media) : [state, []];
  }
  const call = begin({ direction: 'out', peer, media }, 'outgoing');
  return [withCall(state, call), [{ type: 'open-devices', media: anyway ? 'audio' : media, anyway }]];
}

function accept(state: CallState, media: Media): Transition {
  const call = state.current;
  if (call.phase !== 'incoming' || call.callId === undefined) return [state, []];
  return [
    withCall(state, { ...call, phase: 'active', progress: 'connecting' }),
    [
      { type: 'send', message: { id: 'answering', callId: call.callId } },
      { type: 'open-devices', media, anyway: false },
    ],
  ];
}

/** One word for refusing, calling off and hanging up: what it means depends on how far the call is. */
function hangUp(state: CallState, now: number): Transition {
  const call = state.current;
  if (!isOngoing(call)) return [state, []];
  if (call.phase === 'incoming') {
    const [next, effects] = end(state, call, 'declined', now, refusal(call, 'declined'));
    return [{ ...next, current: { phase: 'idle' } }, effects];
  }
  if (call.phase === 'outgoing') {
    const nameless = call.callSent && call.callId === undefined;
    const next = nameless ? { ...state, orphans: state.orphans + 1 } : state;
    return end(next, call, 'cancelled', now, refusal(call, 'declined'));
  }
  return end(state, call, 'hangup', now, [stopMessage(call)]);
}

/** Tells the other side that it comes to nothing, in the way that fits. */
function refusal(call: Ongoing, code: 'declined' | 'no-device'): readonly CallEffect[] {
  const { callId } = call;
  if (call.direction === 'in' && !call.callSent && callId !== undefined) {
    const message = { id: 'incomingCallResponse', callId, callResponse: 'reject', code } as const;
    return [{ type: 'send', message }];
  }
  return call.callSent ? [stopMessage(call)] : [];
}

function unreachable(state: CallState, problem: ProblemCode, detail: string): Transition {
  const call = state.current;
  if (!isOngoing(call) || call.phase !== 'outgoing' || call.callId !== undefined) return [state, []];
  const orphans = state.orphans + (call.callSent ? 1 : 0);
  return fail({ ...state, orphans }, partiesOf(call), problem, detail, refusal(call, 'declined'));
}

function sessionExpired(state: CallState, call: Ongoing, now: number): Transition {
  const fresh: CallState = { ...state, orphans: 0 };
  // The server rings a newly registered connection again.
  if (call.phase === 'incoming') return [{ ...fresh, current: { phase: 'idle' } }, [{ type: 'close-media' }]];
  if (call.phase === 'outgoing' && !call.callSent) return [withCall(fresh, call), []];
  return end(fresh, call, 'peer-lost', now);
}
