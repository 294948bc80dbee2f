import type { ServerMessage, ServerMessageOf } from '../../protocol/index.ts';
import { problemOf } from '../session/codes.ts';
import { isOngoing, type CallState, type Ongoing, type Transition } from './state.ts';
import {
  applyAnswer,
  begin,
  end,
  fail,
  flush,
  isAbout,
  offerAgain,
  proceed,
  restartMedia,
  startIfMediaArrived,
  withCall,
} from './steps.ts';

/** What a message from the server does to the call. Messages about other calls change nothing. */
export function onMessage(state: CallState, message: ServerMessage, now: number): Transition {
  if (message.id === 'incomingCall') return onIncomingCall(state, message);
  if (message.id === 'missedCall') {
    return [state, message.groupId === undefined ? [{ type: 'missed', call: message }] : []];
  }
  const orphan = onOrphan(state, message);
  if (orphan) return orphan;
  const call = state.current;
  return isOngoing(call) ? onCallMessage(state, call, message, now) : [state, []];
}

/** A reply to a `call` that was given up before the server had named it: it is stopped by its name now. */
function onOrphan(state: CallState, message: ServerMessage): Transition | undefined {
  if (state.orphans === 0) return undefined;
  if (message.id === 'callProgress' && message.room !== undefined) return undefined;
  const named = message.id === 'callProgress' || message.id === 'callResponse';
  if (!named && !(message.id === 'error' && message.inReplyTo === 'call')) return undefined;
  const { current } = state;
  if (named && isOngoing(current) && current.callId === message.callId) return undefined;
  const rest = { ...state, orphans: state.orphans - 1 };
  const runs =
    message.id === 'callProgress' || (message.id === 'callResponse' && message.response === 'accepted');
  return [rest, runs ? [{ type: 'send', message: { id: 'stop', callId: message.callId } }] : []];
}

function onIncomingCall(state: CallState, message: ServerMessageOf<'incomingCall'>): Transition {
  // Rooms are rung by their own window.
  if (message.reqType === 'group') return [state, []];
  const { current } = state;
  const { callId, caller, media } = message;
  if (isOngoing(current)) {
    if (current.callId === callId) return [state, []];
    // We call each other: the server takes our call as the accept of theirs.
    if (current.phase === 'outgoing' && current.peer.name === caller.name) {
      return current.callSent ? [state, []] : acceptInstead(state, current, callId);
    }
    const busy = { id: 'incomingCallResponse', callId, callResponse: 'reject', code: 'busy' } as const;
    return [state, [{ type: 'send', message: busy }]];
  }
  const call: Ongoing = {
    ...begin({ direction: 'in', peer: caller, media }, 'incoming'),
    callId,
    progress: 'ringing',
  };
  return [
    withCall(state, call),
    [
      { type: 'rang', call },
      { type: 'prepare-offer', name: caller.name },
    ],
  ];
}

/** Who was just about to be called calls: that is answered with the devices that are being opened. */
function acceptInstead(state: CallState, call: Ongoing, callId: string): Transition {
  const accepting: Ongoing = { ...call, direction: 'in', phase: 'active', callId };
  const [next, effects] = proceed(state, accepting);
  return [next, [{ type: 'send', message: { id: 'answering', callId } }, ...effects]];
}

function onCallMessage(state: CallState, call: Ongoing, message: ServerMessage, now: number): Transition {
  switch (message.id) {
    case 'callProgress':
      return onProgress(state, call, message, now);
    case 'callResponse':
      return onResponse(state, call, message, now);
    case 'startCommunication':
      if (call.phase !== 'active' || !isAbout(call, message)) return [state, []];
      return accepted(state, call, message.sdpAnswer, now);
    case 'prepared':
      return answered(state, call, message, 0);
    case 'answer':
      return answered(state, call, message, message.generation);
    case 'iceCandidate':
      return onCandidate(state, call, message);
    case 'stopCommunication':
      if (message.room !== undefined || !isAbout(call, message)) return [state, []];
      return end(state, call, message.reason, now);
    case 'mediaState': {
      if (!isAbout(call, message) || message.name !== call.peer.name) return [state, []];
      const { audio, video, screen } = message;
      // From somebody without any device nothing will ever come: there is nothing to wait for.
      const hasRemoteMedia = call.hasRemoteMedia || (!audio && !video);
      return startIfMediaArrived(state, { ...call, remote: { audio, video, screen }, hasRemoteMedia }, now);
    }
    case 'restartMedia': {
      const { negotiation } = call;
      const isNew = isAbout(call, message) && message.generation > negotiation.generation;
      if (message.room !== undefined || !isNew) return [state, []];
      const called = { ...call, negotiation: { ...negotiation, failures: 0 } };
      return restartMedia(state, called, message.generation, now);
    }
    case 'error':
      return onError(state, call, message, now);
    default:
      return [state, []];
  }
}

function onProgress(
  state: CallState,
  call: Ongoing,
  message: ServerMessageOf<'callProgress'>,
  now: number,
): Transition {
  if (!isCallers(call, message.callId)) return [state, []];
  const { call: next, effects } = applyAnswer({ ...call, callId: message.callId }, message.sdpAnswer);
  if (message.state === 'accepted') {
    const [after, started] = startIfMediaArrived(
      state,
      { ...next, phase: 'active', progress: 'accepted' },
      now,
    );
    return flushAfter(after, [...effects, ...started]);
  }
  const progress = next.progress === 'accepted' ? 'accepted' : 'ringing';
  return flush(state, { ...next, progress }, effects);
}

function onResponse(
  state: CallState,
  call: Ongoing,
  message: ServerMessageOf<'callResponse'>,
  now: number,
): Transition {
  if (!isCallers(call, message.callId, message.response === 'accepted')) return [state, []];
  const named = { ...call, callId: message.callId };
  if (message.response === 'rejected') return end(state, named, message.code, now);
  return accepted(state, { ...named, phase: 'active' }, message.sdpAnswer, now);
}

/** Whether a reply is to the caller's own call; when two call each other, the other's name survives. */
function isCallers(call: Ongoing, callId: string, mayRename = false): boolean {
  if (call.direction !== 'out' || !call.callSent) return false;
  return call.callId === undefined || call.callId === callId || (mayRename && call.phase === 'outgoing');
}

/** Both sides agreed and the media may flow. */
function accepted(state: CallState, call: Ongoing, sdpAnswer: string, now: number): Transition {
  const { call: next, effects } = applyAnswer({ ...call, progress: 'accepted' }, sdpAnswer);
  const [after, started] = startIfMediaArrived(state, next, now);
  return flushAfter(after, [...effects, { type: 'share-media-state' }, ...started]);
}

function flushAfter(state: CallState, effects: Transition[1]): Transition {
  return isOngoing(state.current) ? flush(state, state.current, effects) : [state, effects];
}

function answered(
  state: CallState,
  call: Ongoing,
  message: ServerMessageOf<'prepared' | 'answer'>,
  generation: number,
): Transition {
  if (!isAbout(call, message)) return [state, []];
  const { call: next, effects } = applyAnswer(call, message.sdpAnswer, generation);
  return [withCall(state, next), effects];
}

function onCandidate(state: CallState, call: Ongoing, message: ServerMessageOf<'iceCandidate'>): Transition {
  // The caller's may overtake the message that names its call.
  const ours = isAbout(call, message) || (call.callId === undefined && call.callSent);
  const { candidate, generation } = message;
  if (message.room !== undefined || !ours || generation !== call.negotiation.generation) return [state, []];
  return [state, [{ type: 'add-candidate', name: call.peer.name, generation, candidate }]];
}

function onError(
  state: CallState,
  call: Ongoing,
  { code, message, inReplyTo }: ServerMessageOf<'error'>,
  now: number,
): Transition {
  const waitsForReply = call.phase === 'outgoing' && call.callSent && call.callId === undefined;
  switch (inReplyTo) {
    case 'call':
      return waitsForReply ? fail(state, call, problemOf(code), message) : [state, []];
    case 'incomingCallResponse':
      if (call.direction !== 'in' || call.startedAt !== undefined) return [state, []];
      if (code === 'need-offer') return offerAgain(state, { ...call, callSent: false });
      return end(state, call, code === 'unknown-call' ? 'ended' : 'media-failed', now);
    case 'prepare':
      return call.direction === 'in' && !call.callSent ? offerAgain(state, call) : [state, []];
    case 'offer':
      return call.negotiation.offer === 'sent' && call.callSent
        ? restartMedia(state, call, call.negotiation.generation + 1, now)
        : [state, []];
    default:
      return [state, []];
  }
}
