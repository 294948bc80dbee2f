import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { GroupStore, StoreUnavailableError } from './index.ts';

const stores: GroupStore[] = [];

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

function makeStore(databaseUrl: string): GroupStore {
  const store = new GroupStore(databaseUrl, { logger: pino({ level: 'silent' }) });
  stores.push(store);
  return store;
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
  const directory = mkdtempSync(join(tmpdir(), 'store-'));
  const blocked = join(directory, 'data');
  writeFileSync(blocked, 'a file where the directory should be');
  const store = makeStore(`file:${blocked}/video-call.db`);
  let opened = 0;
  const opening = store.open({ timeoutMs: Infinity, prepare: async () => void (opened += 1) });
  await expect(store.check()).rejects.toThrow(StoreUnavailableError);
  store.recordCall(RECORD);
  expect(opened).toBe(0);
  rmSync(blocked);
  await opening;
  expect(opened).toBe(1);
  await store.callsWritten();
  expect((await store.calls()).items).toMatchObject([RECORD]);
});

test('a preparation that fails is tried again', async () => {
  const store = makeStore('file::memory:');
  let attempts = 0;
  const prepare = async () => {
    attempts += 1;
    if (attempts === 1) throw new StoreUnavailableError(new Error('gone again'));
  };
  await store.open({ timeoutMs: Infinity, prepare });
  expect(attempts).toBe(2);
  await store.check();
});

test('closing does not wait for a database that never comes', async () => {
  const store = makeStore('postgres://nobody:x@127.0.0.1:1/none');
  const opening = store.open({ timeoutMs: Infinity });
  await store.close();
  await opening;
  await expect(store.check()).rejects.toThrow(StoreUnavailableError);
});
