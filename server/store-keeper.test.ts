import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { StoreUnavailableError } from './groups/index.ts';
import { StoreKeeper } from './store-keeper.ts';

const keepers: StoreKeeper[] = [];

afterEach(async () => {
  for (const keeper of keepers.splice(0)) await keeper.close();
});

function keep(databaseUrl: string): StoreKeeper {
  const members = { url: undefined, headers: {}, maxAgeMs: 0 };
  const keeper = new StoreKeeper({ databaseUrl, members, logger: pino({ level: 'silent' }) });
  keepers.push(keeper);
  return keeper;
}

const RECORD = {
  callId: 'c',
  reqType: 'ptop',
  caller: 'a',
  startedAt: 1,
  endedAt: 2,
  durationMs: 0,
  outcome: 'offline',
  participants: [{ name: 'a', outcome: 'cancelled' }],
} as const;

test('what comes up later is opened then, prepared, and given the records that waited', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'keeper-'));
  const blocked = join(directory, 'data');
  writeFileSync(blocked, 'a file where the directory should be');
  const keeper = keep(`file:${blocked}/video-call.db`);
  let opened = 0;
  await keeper.open(async () => void (opened += 1));
  expect(() => keeper.store).toThrow(StoreUnavailableError);
  keeper.record(RECORD);
  rmSync(blocked);
  await expect.poll(() => opened, { timeout: 10_000 }).toBe(1);
  await keeper.store.callsWritten();
  expect((await keeper.store.calls()).items).toMatchObject([RECORD]);
});

test('a preparation that fails is tried again', async () => {
  const keeper = keep('file::memory:');
  let attempts = 0;
  await keeper.open(async () => {
    attempts += 1;
    if (attempts === 1) throw new StoreUnavailableError(new Error('gone again'));
  });
  expect(attempts).toBe(2);
  await keeper.store.check();
});

test('closing does not wait for a database that never comes', async () => {
  const keeper = keep('postgres://nobody:x@127.0.0.1:1/none');
  await keeper.open(async () => undefined);
  await keeper.close();
  expect(() => keeper.store).toThrow(StoreUnavailableError);
});
