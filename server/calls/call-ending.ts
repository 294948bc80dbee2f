/** How calls end: who is told what, and what is recorded. Pure. */
import type { RefusalCode, ServerMessageInput, StopReason } from '../../protocol/index.ts';
import type { CallRecord } from './call-record.ts';
import type { CallEffect, CallFacts, CallState, Device, Ending, Step } from './call-state.ts';

const REFUSAL_MESSAGES: Readonly<Record<RefusalCode, string>> = {
  declined: 'The call was declined.',
  busy: 'The person called is busy.',
  'no-answer': 'Nobody answered.',
  offline: 'The person called is not connected.',
  'not-allowed': 'This call is not allowed.',
  'no-device': 'The person called has no microphone or camera that can be used.',
  'media-failed': 'The media connection of the call failed.',
  'media-unavailable': 'No media server is available; see /readyz of the server.',
};

/** Tells a caller that its call does not come about. */
export function refusal(callId: string, code: RefusalCode): ServerMessageInput {
  return { id: 'callResponse', callId, response: 'rejected', code, message: REFUSAL_MESSAGES[code] };
}

/** Tells a callee what it missed; `facts.createdAt` is when it was called. */
export function missedCall(facts: CallFacts): ServerMessageInput {
  const { callId, caller, media, createdAt } = facts;
  return { id: 'missedCall', callId, from: caller.name, caller, media, at: createdAt };
}

/** One message to one device. */
export function send(device: string, message: ServerMessageInput): CallEffect {
  return { type: 'send', device, message };
}

/** Tells a device that its part in the call is over. */
export function stop(state: CallState, device: string, reason: StopReason): CallEffect {
  return send(device, { id: 'stopCommunication', callId: state.facts.callId, reason });
}

/** The callee's devices that still have to do with the call. */
export function calleeDevices({ phase }: CallState): readonly Device[] {
  switch (phase.name) {
    case 'ringing':
      return phase.rung;
    case 'answering':
    case 'accepted':
    case 'running':
      return [phase.by];
    case 'ended':
      return [];
    default:
      return phase satisfies never;
  }
}

/** What is said at the end, and to whom. Who is left out is told nothing. */
export interface Farewell {
  readonly ending: Ending;
  readonly caller?: { readonly refusal: RefusalCode } | { readonly stop: StopReason };
  readonly callee?: StopReason;
  /** A device of the callee that knows already. */
  readonly except?: string;
  /** Whether the callee learns that it missed the call. */
  readonly isMissed?: boolean;
}

/**
 * Ends a call.
 * @param at milliseconds since 1970
 */
export function end(state: CallState, at: number, farewell: Farewell): Step {
  const { caller, callee, except, ending, isMissed } = farewell;
  const effects: CallEffect[] = [{ type: 'stop-timer' }];
  if (callee) {
    for (const { id } of calleeDevices(state)) if (id !== except) effects.push(stop(state, id, callee));
  }
  if (caller) {
    const { id } = state.facts.callerDevice;
    effects.push(
      'stop' in caller ? stop(state, id, caller.stop) : send(id, refusal(state.facts.callId, caller.refusal)),
    );
  }
  if (isMissed) {
    effects.push({ type: 'send-user', name: state.facts.callee.name, message: missedCall(state.facts) });
  }
  effects.push({ type: 'release-media' }, { type: 'record', record: recordOf(state, at, ending) });
  return [{ ...state, phase: { name: 'ended' }, legs: {} }, effects];
}

function recordOf({ facts, phase, quality }: CallState, endedAt: number, ending: Ending): CallRecord {
  const { callId, caller, callee, media, createdAt } = facts;
  const started = phase.name === 'running' ? { startedAt: phase.startedAt } : {};
  return {
    callId,
    reqType: 'ptop',
    caller,
    callee,
    media,
    createdAt,
    ...started,
    endedAt,
    ...ending,
    quality,
  };
}

/** Ends a call that the media plane can no longer carry. */
export function endWithoutMedia(
  state: CallState,
  at: number,
  code: 'no-device' | 'media-failed' | 'media-unavailable',
): Step {
  if (state.phase.name === 'running') {
    return end(state, at, {
      ending: { outcome: 'answered', reason: 'media-failed' },
      caller: { stop: 'media-failed' },
      callee: 'media-failed',
    });
  }
  return end(state, at, {
    ending: { outcome: code },
    caller: { refusal: code },
    callee: 'media-failed',
    isMissed: state.phase.name === 'ringing',
  });
}

/** Ends a call because the server stops. */
export function endForShutdown(state: CallState, at: number): Step {
  const isRunning = state.phase.name === 'running';
  return end(state, at, {
    ending: isRunning ? { outcome: 'answered', reason: 'shutdown' } : { outcome: 'shutdown' },
    caller: { stop: 'shutdown' },
    callee: 'shutdown',
    isMissed: state.phase.name === 'ringing',
  });
}

/**
 * Ends a call because one of its two parties goes.
 * @param reason what the other one is told if the call had been accepted
 */
export function endByParty(
  state: CallState,
  at: number,
  side: 'caller' | 'callee',
  reason: 'hangup' | 'peer-lost',
): Step {
  const { facts, phase } = state;
  const endedBy = facts[side].name;
  const isAccepted = phase.name === 'accepted' || phase.name === 'running';
  const ending: Ending =
    phase.name === 'running' ? { outcome: 'answered', reason, endedBy } : { outcome: 'cancelled', endedBy };
  if (side === 'caller') {
    const isMissed = phase.name === 'ringing';
    return end(state, at, { ending, callee: isAccepted ? reason : 'cancelled', isMissed });
  }
  if (phase.name === 'running' || reason === 'hangup') {
    return end(state, at, { ending, caller: { stop: reason } });
  }
  return end(state, at, {
    ending: { outcome: 'media-failed', endedBy },
    caller: { refusal: 'media-failed' },
  });
}

/** Ends a call that one of the callee's devices, which knows already, refuses. */
export function endRefused(
  state: CallState,
  at: number,
  device: string,
  code: 'declined' | 'busy' | 'no-device',
): Step {
  return end(state, at, {
    ending: { outcome: code, endedBy: state.facts.callee.name },
    caller: { refusal: code },
    callee: 'declined-elsewhere',
    except: device,
    isMissed: code === 'busy',
  });
}
