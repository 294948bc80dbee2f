import type { Kysely } from 'kysely';
import { inChunks } from './chunks.ts';
import type { CallParticipant, CallRecord, PageQuery } from './model.ts';
import type { CallParticipantsTable, CallsTable, Tables } from './schema.ts';

/** Which calls to give; several conditions must all hold. */
export interface CallsQuery extends PageQuery {
  readonly groupId?: string | undefined;
  /** Calls in which this user called or was called. */
  readonly userId?: string | undefined;
}

/** Where a page of calls begins: after this call, on the way back in time. */
export interface CallsCursor {
  readonly startedAt: number;
  readonly callId: string;
}

/** Writes a record within a transaction; writing it again replaces it. */
export async function writeCall(trx: Kysely<Tables>, record: CallRecord): Promise<void> {
  await trx.deleteFrom('vc_calls').where('call_id', '=', record.callId).execute();
  await trx.insertInto('vc_calls').values(toRow(record)).execute();
  const participants = new Map(record.participants.map((participant) => [participant.name, participant]));
  await inChunks([...participants.values()], async (chunk) => {
    const rows = chunk.map(({ name, outcome, joinedAt = null, leftAt = null, quality }) => ({
      call_id: record.callId,
      name,
      outcome,
      joined_at: joinedAt,
      left_at: leftAt,
      quality: quality ? JSON.stringify(quality) : null,
    }));
    await trx.insertInto('vc_call_participants').values(rows).execute();
  });
}

/** Calls from the newest to the oldest. */
export async function findCalls(
  db: Kysely<Tables>,
  { groupId, userId }: CallsQuery,
  after: CallsCursor | undefined,
  limit: number,
): Promise<CallRecord[]> {
  let query = db.selectFrom('vc_calls as call').selectAll('call');
  if (groupId !== undefined) query = query.where('call.group_id', '=', groupId);
  if (userId !== undefined) {
    query = query.where((call) =>
      call.exists(
        call
          .selectFrom('vc_call_participants as participant')
          .whereRef('participant.call_id', '=', 'call.call_id')
          .where('participant.name', '=', userId)
          .select('participant.call_id'),
      ),
    );
  }
  if (after) {
    query = query.where((call) =>
      call.or([
        call('call.started_at', '<', after.startedAt),
        call.and([call('call.started_at', '=', after.startedAt), call('call.call_id', '<', after.callId)]),
      ]),
    );
  }
  const rows = await query
    .orderBy('call.started_at', 'desc')
    .orderBy('call.call_id', 'desc')
    .limit(limit)
    .execute();
  const participants = await findParticipants(
    db,
    rows.map((row) => row.call_id),
  );
  return rows.map((row) => toRecord(row, participants.get(row.call_id) ?? []));
}

async function findParticipants(
  db: Kysely<Tables>,
  callIds: readonly string[],
): Promise<Map<string, CallParticipant[]>> {
  const found = new Map<string, CallParticipant[]>(callIds.map((id) => [id, []]));
  await inChunks(callIds, async (chunk) => {
    const rows = await db
      .selectFrom('vc_call_participants')
      .selectAll()
      .where('call_id', 'in', chunk)
      .orderBy('name')
      .execute();
    for (const row of rows) found.get(row.call_id)?.push(toParticipant(row));
  });
  return found;
}

function toRow(record: CallRecord): CallsTable {
  return {
    call_id: record.callId,
    req_type: record.reqType,
    media: record.media ?? null,
    group_id: record.groupId ?? null,
    caller: record.caller,
    started_at: record.startedAt,
    answered_at: record.answeredAt ?? null,
    ended_at: record.endedAt,
    duration_ms: record.durationMs,
    outcome: record.outcome,
    reason: record.reason ?? null,
    ended_by: record.endedBy ?? null,
  };
}

function toRecord(row: CallsTable, participants: CallParticipant[]): CallRecord {
  return {
    callId: row.call_id,
    reqType: row.req_type as CallRecord['reqType'],
    ...(row.group_id !== null && { groupId: row.group_id }),
    ...(row.media !== null && { media: row.media as NonNullable<CallRecord['media']> }),
    caller: row.caller,
    startedAt: row.started_at,
    ...(row.answered_at !== null && { answeredAt: row.answered_at }),
    endedAt: row.ended_at,
    durationMs: row.duration_ms,
    outcome: row.outcome as CallRecord['outcome'],
    ...(row.reason !== null && { reason: row.reason as NonNullable<CallRecord['reason']> }),
    ...(row.ended_by !== null && { endedBy: row.ended_by }),
    participants,
  };
}

function toParticipant(row: CallParticipantsTable): CallParticipant {
  return {
    name: row.name,
    outcome: row.outcome as CallParticipant['outcome'],
    ...(row.joined_at !== null && { joinedAt: row.joined_at }),
    ...(row.left_at !== null && { leftAt: row.left_at }),
    ...(row.quality !== null && { quality: JSON.parse(row.quality) as Record<string, number> }),
  };
}
