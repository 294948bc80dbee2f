/** A SQLite file that other processes write, too. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kysely, sql } from 'kysely';
import Libsql from 'libsql';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { callRecord } from '../../testing/server/call-record.ts';
import { LockHolder, runGroupsProcess } from '../../testing/server/second-process.ts';
import { GroupStore } from '../groups/index.ts';
import { openSqliteReader } from './sqlite-dialect.ts';

const logger = pino({ level: 'silent' });
const TIMEOUT_MS = 60_000;

let folder: string;
let path: string;
let store: GroupStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'video-call-'));
  path = join(folder, 'test.db');
  store = await GroupStore.open(`file:${path}`, { logger });
  await store.replaceMembers('g', [{ id: '1' }], { at: 1 });
});

afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

it('is written as soon as another process gives the lock back, again and again', async () => {
  const other = await LockHolder.start(path);
  for (let turn = 0; turn < 5; turn++) {
    await other.lock();
    const writing = store.putMember('g', { id: `turn ${turn}` });
    await sleep(100);
    await other.unlock();
    expect(await writing).toBe(true);
    expect(await store.putMember('g', { id: `after ${turn}` })).toBe(true);
  }
  await other.stop();
  expect((await store.membersOf('g')).items).toHaveLength(11);
});

it('is read while another process and this one want to write', async () => {
  const other = await LockHolder.start(path);
  await other.lock();
  let isWritten = false;
  const writing = store.putMember('g', { id: '2' }).then(() => (isWritten = true));
  for (let turn = 0; turn < 50; turn++) {
    expect(await store.isMember('g', '1')).toBe(true);
    expect(await store.isMember('g', '2')).toBe(false);
    await sleep(2);
  }
  expect(isWritten).toBe(false);
  await other.unlock();
  await writing;
  expect(await store.isMember('g', '2')).toBe(true);
  await other.stop();
});

it(
  'is told to be unavailable when the lock is held for too long, and keeps the records of calls',
  async () => {
    const other = await LockHolder.start(path);
    await other.lock();
    store.recordCall(callRecord('kept'));
    const order: string[] = [];
    const attempts = ['2', '3', '4'].map((id) =>
      store.putMember('g', { id }).catch((error: { code: string }) => order.push(error.code)),
    );
    // Those that were asked for at the same time give up at the same time, not one after the other.
    const later = setTimeout(() => order.push('later'), 9_000);
    await Promise.all(attempts);
    clearTimeout(later);
    expect(order).toEqual(Array(3).fill('store-unavailable'));
    await other.unlock();
    await store.callsWritten();
    expect((await store.calls()).items.map(({ callId }) => callId)).toEqual(['kept']);
    expect(await store.putMember('g', { id: '2' })).toBe(true);
    await other.stop();
  },
  TIMEOUT_MS,
);

it(
  'loses nothing when groups are imported beside a server that writes',
  async () => {
    const file = join(folder, 'import.json');
    const members = Array.from({ length: 3_000 }, (_, index) => ({
      id: `m${index}`,
      name: `member ${index}`,
    }));
    const groups = Array.from({ length: 8 }, (_, index) => ({ id: `imported ${index}`, members }));
    await writeFile(file, JSON.stringify({ groups }));
    let isImporting = true;
    const importing = runGroupsProcess(['import', file], { DATABASE_URL: `file:${path}` }).finally(
      () => (isImporting = false),
    );
    let written = 0;
    while (isImporting) {
      written += 1;
      store.recordCall(callRecord(`call ${written}`));
      expect(await store.putMember('g', { id: `written ${written}` })).toBe(true);
      await sleep(5);
    }
    expect(await importing).toEqual({
      code: 0,
      output: 'Imported 3000 users and 8 groups: 24000 members added, 0 removed.\n',
    });
    await store.callsWritten();
    expect((await store.membersOf('g')).items).toHaveLength(written + 1);
    expect((await store.calls({ limit: 100_000 })).items).toHaveLength(written);
    for (const { id } of groups) expect(await store.group(id)).toMatchObject({ memberCount: 3_000 });
  },
  TIMEOUT_MS,
);

it('shows a reader that met the lock what was written since', async () => {
  // Without WAL a writer locks readers out, which stands for the rare moments in which one with WAL does.
  const plain = join(folder, 'plain.db');
  const writer = new Libsql(plain);
  writer.exec('create table t (n integer)');
  const reader = new Kysely({ dialect: openSqliteReader(plain) });
  const count = async () =>
    (await sql<{ n: number }>`select count(*) as n from t`.execute(reader)).rows[0]?.n;
  expect(await count()).toBe(0);
  writer.exec('begin exclusive');
  await expect(count()).rejects.toMatchObject({ code: 'SQLITE_BUSY' });
  for (let written = 1; written < 4; written++) {
    writer.exec(written === 1 ? 'insert into t values (1); commit' : 'insert into t values (1)');
    expect(await count()).toBe(written);
  }
  await expect(sql`insert into t values (1)`.execute(reader)).rejects.toThrow('readonly');
  await reader.destroy();
  writer.close();
});
