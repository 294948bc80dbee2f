/** How calls end: who is told what, and what is recorded. Pure. */
import type { StopReason } from '../../protocol/index.ts';
import type { CallParticipant, CallRecord } from '../groups/index.ts';
import { missedCall, refusal } from '../sessions/errors.ts';
import { recordOf } from '../sessions/record.ts';
import { send, type SessionEffect } from '../sessions/session-state.ts';
import type {
  CallConnection,
  CallFacts,
  CallState,
  Ending,
  EndNotifications,
  Side,
  Step,
} from './call-state.ts';

/** Tells a connection that its part in the call is over. */
export function stop(state: CallState, connectionId: string, reason: StopReason): SessionEffect {
  return send(connectionId, { id: 'stopCommunication', callId: state.facts.callId, reason });
}

/** The callee's connections that still have to do with the call. */
export function calleeConnections({ phase }: CallState): readonly CallConnection[] {
  if (phase.name === 'ringing') return phase.rung;
  return phase.name === 'ended' ? [] : [phase.by];
}

/**
 * Ends a call.
 * @param at milliseconds since 1970
 */
export function end(state: CallState, at: number, notifications: EndNotifications): Step {
  const { caller, callee, except, isMissed, ...ending } = notifications;
  const { facts, phase, quality } = state;
  const effects: SessionEffect[] = [];
  if (callee) {
    for (const { id } of calleeConnections(state)) if (id !== except) effects.push(stop(state, id, callee));
  }
  if (caller) {
    const { id } = facts.callerConnection;
    effects.push(
      'stop' in caller ? stop(state, id, caller.stop) : send(id, refusal(facts.callId, caller.refusal)),
    );
  }
  if (isMissed) effects.push({ type: 'send-users', names: [facts.callee.name], message: missedCall(facts) });
  const answeredAt = phase.name === 'running' ? phase.startedAt : undefined;
  effects.push(
    { type: 'release-media' },
    { type: 'free', names: [facts.caller.name, facts.callee.name] },
    { type: 'record', record: callRecord(facts, { ...ending, endedAt: at, answeredAt }, quality) },
  );
  return [{ ...state, phase: { name: 'ended' }, endpoints: {} }, effects];
}

/**
 * What is kept of a call that is over, or that never came about.
 * @param how.answeredAt when both had their media; missing if that never happened
 */
export function callRecord(
  facts: CallFacts,
  how: Ending & Pick<CallRecord, 'endedAt' | 'answeredAt'>,
  quality: CallState['quality'] = {},
): CallRecord {
  const { answeredAt: joinedAt, endedAt: leftAt, outcome } = how;
  const part = (side: Side, unanswered: CallParticipant['outcome']) => ({
    name: facts[side].name,
    ...(joinedAt === undefined ? { outcome: unanswered } : { outcome: 'joined' as const, joinedAt, leftAt }),
    ...(quality[side] && { quality: quality[side] }),
  });
  const missed = outcome === 'answered' || outcome === 'shutdown' ? 'cancelled' : outcome;
  const participants = [part('caller', 'cancelled'), part('callee', missed)];
  return recordOf(facts, { ...how, reqType: 'ptop', participants });
}

/** Ends a call that the media plane can no longer carry, or because the server stops. */
export function endForAll(
  state: CallState,
  at: number,
  code: 'no-device' | 'media-failed' | 'media-unavailable' | 'shutdown',
): Step {
  const reason = code === 'shutdown' ? code : 'media-failed';
  const isRunning = state.phase.name === 'running';
  return end(state, at, {
    ...(isRunning ? { outcome: 'answered', reason } : { outcome: code }),
    caller: isRunning || code === 'shutdown' ? { stop: reason } : { refusal: code },
    callee: reason,
    isMissed: state.phase.name === 'ringing',
  });
}

/**
 * Ends a call because one of its two parties goes.
 * @param reason what the other one is told if the call had been accepted
 */
export function endByParty(state: CallState, at: number, side: Side, reason: 'hangup' | 'peer-lost'): Step {
  const { facts, phase } = state;
  const endedBy = facts[side].name;
  const isAccepted = phase.name === 'accepted' || phase.name === 'running';
  const ending: Ending =
    phase.name === 'running' ? { outcome: 'answered', reason, endedBy } : { outcome: 'cancelled', endedBy };
  if (side === 'caller') {
    const isMissed = phase.name === 'ringing';
    return end(state, at, { ...ending, callee: isAccepted ? reason : 'cancelled', isMissed });
  }
  if (phase.name === 'running' || reason === 'hangup') {
    return end(state, at, { ...ending, caller: { stop: reason } });
  }
  return end(state, at, { outcome: 'media-failed', endedBy, caller: { refusal: 'media-failed' } });
}

/** Ends a call that one of the callee's connections, which knows already, refuses. */
export function endRefused(
  state: CallState,
  at: number,
  connectionId: string,
  code: 'declined' | 'busy' | 'no-device',
): Step {
  return end(state, at, {
    outcome: code,
    endedBy: state.facts.callee.name,
    caller: { refusal: code },
    callee: 'declined-elsewhere',
    except: connectionId,
    isMissed: code === 'busy',
  });
}
