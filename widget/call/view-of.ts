import type { LocalMedia } from '../media/local-media.ts';
import type { CallState, Ongoing } from './state.ts';
import type { CallStatus, CallView, QualityLevel } from './view.ts';

/** What the state machine does not know: streams and what was measured. */
export interface Surroundings {
  readonly local?: Pick<LocalMedia, 'preview' | 'microphone' | 'camera' | 'sharing'> | undefined;
  readonly remoteStream?: MediaStream | undefined;
  readonly quality?: QualityLevel | undefined;
  readonly soundBlocked: boolean;
}

/** What the interface shows in a state. */
export function viewOf({ current }: CallState, surroundings: Surroundings): CallView {
  if (current.phase === 'idle') return current;
  if (current.phase === 'ended') {
    return { ...current, canCallAgain: canCallAgain(current.direction, current.reason) };
  }
  if (current.phase === 'problem') {
    const { problem, detail, parties } = current;
    return { phase: 'problem', problem, ...(detail && { detail }), ...parties };
  }
  return ongoingView(current, surroundings);
}

function ongoingView(call: Ongoing, { local, remoteStream, quality, soundBlocked }: Surroundings): CallView {
  const { direction, peer, media, callId } = call;
  const parties = { direction, peer, media, ...(callId !== undefined && { callId }) };
  if (call.phase === 'incoming') return { phase: 'incoming', ...parties };
  return {
    phase: call.phase,
    ...parties,
    status: statusOf(call),
    ...(call.startedAt !== undefined && { startedAt: call.startedAt }),
    ...(local?.preview && { localStream: local.preview }),
    ...(remoteStream && call.startedAt !== undefined && { remoteStream }),
    microphone: local?.microphone ?? 'opening',
    camera: local?.camera ?? 'opening',
    sharing: local?.sharing ?? false,
    remote: call.remote,
    ...(quality !== undefined && { quality }),
    soundBlocked,
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
