import { ownView, type MediaShown } from '../session/own-view.ts';
import type { CallState, Ongoing } from './state.ts';
import type { CallView } from './view.ts';
import type { CallStatus } from '../session/terms.ts';

/**
 * What the interface shows in a state.
 * @param media what the state machine does not know: streams and what was measured
 */
export function viewOf({ current }: CallState, media?: MediaShown): CallView {
  if (current.phase === 'idle') return current;
  if (current.phase === 'ended') {
    return { ...current, canCallAgain: canCallAgain(current.direction, current.reason) };
  }
  if (current.phase === 'problem') {
    const { info, ...problem } = current;
    return { ...problem, ...info };
  }
  return ongoingView(current, media);
}

function ongoingView(call: Ongoing, media: MediaShown | undefined): CallView {
  const { direction, peer, callId, startedAt } = call;
  const parties = { direction, peer, media: call.media, ...(callId !== undefined && { callId }) };
  if (call.phase === 'incoming') return { phase: 'incoming', ...parties };
  const localStream = media?.local.preview;
  const remoteStream = startedAt === undefined ? undefined : media?.streams.get(peer.name);
  return {
    phase: call.phase,
    ...parties,
    status: statusOf(call),
    ...(startedAt !== undefined && { startedAt }),
    ...(localStream && { localStream }),
    ...(remoteStream && { remoteStream }),
    remote: call.remote,
    ...ownView(media),
  };
}

function statusOf(call: Ongoing): CallStatus {
  if (call.phase === 'active' && (call.offline || call.restarting)) return 'reconnecting';
  return call.startedAt === undefined ? call.progress : 'talking';
}

/** After one's own call, however it went, and after a connection that broke. */
function canCallAgain(direction: 'in' | 'out', reason: string): boolean {
  return direction === 'out' ? reason !== 'replaced' : reason === 'peer-lost' || reason === 'media-failed';
}
