import type { CallRecord } from '../groups/index.ts';
import type { SessionFacts } from './session-state.ts';

/**
 * What remains of a call between two people, or of a group's.
 * @param how.answeredAt missing when nobody answered
 * @param how.reason why it ended; kept of an answered call only
 */
export function recordOf(
  facts: SessionFacts<string>,
  how: Omit<CallRecord, 'callId' | 'caller' | 'media' | 'startedAt' | 'durationMs'>,
): CallRecord {
  const { callId, caller, media, createdAt } = facts;
  const { answeredAt, endedAt, reason } = how;
  const isAnswered = answeredAt !== undefined;
  const durationMs = isAnswered ? endedAt - answeredAt : 0;
  const kept = { callId, media, caller: caller.name, startedAt: createdAt, durationMs };
  return { ...how, ...kept, reason: isAnswered ? reason : undefined };
}
