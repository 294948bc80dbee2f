import type { CallRecord as PersonCallRecord } from './calls/call-record.ts';
import type { CallParticipant, CallRecord } from './groups/index.ts';

/** A one-to-one call as the store keeps it. */
export function storedRecordOf(record: PersonCallRecord): CallRecord {
  const { callId, reqType, caller, callee, media, createdAt, startedAt, endedAt } = record;
  const { outcome, reason, endedBy, quality } = record;
  const isAnswered = outcome === 'answered' && startedAt !== undefined;
  const missed = outcome === 'answered' || outcome === 'shutdown' ? 'cancelled' : outcome;
  const part = (
    name: string,
    unanswered: CallParticipant['outcome'],
    measured?: CallParticipant['quality'],
  ) => ({
    name,
    ...(isAnswered
      ? { outcome: 'joined' as const, joinedAt: startedAt, leftAt: endedAt }
      : { outcome: unanswered }),
    ...(measured && { quality: measured }),
  });
  return {
    callId,
    reqType,
    media,
    caller: caller.name,
    startedAt: createdAt,
    ...(isAnswered && { answeredAt: startedAt }),
    endedAt,
    durationMs: isAnswered ? endedAt - startedAt : 0,
    outcome,
    ...(reason && { reason }),
    ...(endedBy !== undefined && { endedBy }),
    participants: [part(caller.name, 'cancelled', quality.caller), part(callee.name, missed, quality.callee)],
  };
}
