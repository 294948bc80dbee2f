import type { CallRecord } from '../../server/groups/index.ts';

/** The record of a call that nobody answered. */
export function callRecord(callId: string, fields: Partial<CallRecord> = {}): CallRecord {
  return {
    callId,
    reqType: 'ptop',
    caller: '1',
    startedAt: 1,
    endedAt: 2,
    durationMs: 0,
    outcome: 'no-answer',
    participants: [{ name: '2', outcome: 'no-answer' }],
    ...fields,
  };
}
