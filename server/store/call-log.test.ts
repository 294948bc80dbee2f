import { pino } from 'pino';
import { expect, it } from 'vitest';
import { callRecord } from '../../testing/server/call-record.ts';
import { CallLog } from './call-log.ts';
import { findCalls } from './call-rows.ts';
import { Database } from './database.ts';

const logger = pino({ level: 'silent' });

it('keeps the newest records while there is no database, in bounded memory', async () => {
  const database = new Database('file::memory:', { logger });
  const errors: unknown[] = [];
  const log = new CallLog(database, {
    warn: () => undefined,
    error: (fields: unknown) => void errors.push(fields),
  });
  const participants = Array.from({ length: 30_000 }, (_, index) => ({
    name: `participant ${index}`,
    outcome: 'no-answer' as const,
  }));
  for (const callId of ['1', '2', '3', '4', '5']) log.add(callRecord(callId, { participants }));
  expect(errors).toEqual([{ callId: '1' }, { callId: '2' }]);
  await database.open();
  await log.written();
  const calls = await database.read((db) => findCalls(db, {}, undefined, 10));
  expect(calls.map(({ callId }) => callId).sort()).toEqual(['3', '4', '5']);
  expect(calls[0]?.participants).toHaveLength(30_000);
  await log.close();
  await database.close();
});

it('says how many records are lost when it is closed without a database', async () => {
  const database = new Database('file::memory:', { logger });
  const errors: unknown[] = [];
  const log = new CallLog(database, {
    warn: () => undefined,
    error: (fields: unknown) => void errors.push(fields),
  });
  log.add(callRecord('1'));
  log.add(callRecord('2'));
  await log.close();
  expect(errors).toEqual([{ records: 2 }]);
  await database.close();
});
