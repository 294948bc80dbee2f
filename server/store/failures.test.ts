import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiServer } from '../../testing/server/api-server.ts';
import { callRecord } from '../../testing/server/call-record.ts';
import { describeEachDatabaseServer, type TestDatabase } from '../../testing/server/databases.ts';
import { CallLog } from './call-log.ts';
import { findCalls } from './call-rows.ts';
import { Database } from './database.ts';
import { StoreUnavailableError } from './errors.ts';
import { translate } from './failures.ts';

const logger = pino({ level: 'silent' });

function driverError(fields: object, message = 'x'): Error {
  return Object.assign(new Error(message), fields);
}

async function callIds(database: Database): Promise<string[]> {
  const calls = await database.read((db) => findCalls(db, {}, undefined, 100));
  return calls.map(({ callId }) => callId).sort();
}

describe('failures that pass', () => {
  it.each([
    { code: 'SQLITE_BUSY' },
    { code: 'SQLITE_BUSY_SNAPSHOT' },
    { code: 'SQLITE_FULL' },
    { code: 'SQLITE_IOERR_WRITE' },
    ...['08006', '08P01', '40001', '40P01', '53100', '53300', '57P01', '57P03'].map((code) => ({ code })),
    ...[1021, 1040, 1114, 1205, 1213, 2006, 2013].map((errno) => ({ code: 'ER_SOMETHING', errno })),
    { code: 'ECONNRESET', errno: -104, syscall: 'read' },
    { code: 'PROTOCOL_CONNECTION_LOST', fatal: true },
    { code: 'timed-out' },
  ])('are told as store-unavailable: %j', (fields) => {
    const error = driverError(fields);
    expect(translate(error)).toBeInstanceOf(StoreUnavailableError);
    expect(translate(error)).toMatchObject({ code: 'store-unavailable', cause: error });
  });

  it.each([
    { code: 'SQLITE_CONSTRAINT_PRIMARYKEY' },
    { code: 'SQLITE_ERROR' },
    { code: 'SQLITE_CORRUPT' },
    { code: 'SQLITE_READONLY' },
    ...['22001', '23505', '25006', '42P01', '57014', '58030', '540'].map((code) => ({ code })),
    { code: 'ER_DUP_ENTRY', errno: 1062 },
    { code: 'ER_NO_SUCH_TABLE', errno: 1146 },
    { code: 'ER_DATA_TOO_LONG', errno: 1406 },
    { code: 'ERR_INVALID_ARG_TYPE' },
    {},
  ])('are not these: %j', (fields) => {
    const error = driverError(fields);
    expect(translate(error)).toBe(error);
  });
});

/** Statements that make every insert into `vc_calls` fail, and one that ends that. */
const FAILURES: Record<string, { passing: string[]; lasting: string[]; end: string }> = {
  PostgreSQL: {
    passing: postgresTrigger('53100'),
    lasting: postgresTrigger('22012'),
    end: 'drop trigger fails on vc_calls',
  },
  MariaDB: {
    passing: [mariaDbTrigger(1021)],
    lasting: [mariaDbTrigger(1406)],
    end: 'drop trigger fails',
  },
};

function postgresTrigger(code: string): string[] {
  return [
    `create or replace function fail() returns trigger language plpgsql as
      $$ begin raise exception 'as the test wants it' using errcode = '${code}'; end $$`,
    'create trigger fails before insert on vc_calls for each row execute function fail()',
  ];
}

function mariaDbTrigger(errno: number): string {
  return `create trigger fails before insert on vc_calls for each row
    signal sqlstate 'HY000' set mysql_errno = ${errno}, message_text = 'as the test wants it'`;
}

/* SQLite's are tested with a full disk, below. */
await describeEachDatabaseServer('the record of a call', (create, name) => {
  const failures = FAILURES[name];
  if (!failures) throw new Error(`How to make ${name} fail is not said`);

  let test: TestDatabase;
  let database: Database;
  let log: CallLog;
  let warnings: number;
  let errors: unknown[];

  beforeEach(async () => {
    test = await create();
    database = new Database(test.url, { logger });
    await database.open();
    warnings = 0;
    errors = [];
    log = new CallLog(database, {
      warn: () => void (warnings += 1),
      error: (fields: unknown) => void errors.push(fields),
    });
  });

  afterEach(async () => {
    await log.close();
    await database.close();
    await test.drop();
  });

  const run = (statements: readonly string[]) =>
    database.read(async (db) => {
      for (const statement of statements) await sql.raw(statement).execute(db);
    });

  it('is kept while the disk is full, and written when it is not', async () => {
    await run(failures.passing);
    log.add(callRecord('kept'));
    await expect.poll(() => warnings).toBeGreaterThan(0);
    expect(await callIds(database)).toEqual([]);
    await run([failures.end]);
    await log.written();
    expect(await callIds(database)).toEqual(['kept']);
    expect(errors).toEqual([]);
  });

  it('is given up, and logged, when writing it again would not help', async () => {
    await run(failures.lasting);
    log.add(callRecord('lost'));
    await log.written();
    expect(errors).toMatchObject([{ callId: 'lost', err: { message: 'as the test wants it' } }]);
    await run([failures.end]);
    log.add(callRecord('next'));
    await log.written();
    expect(await callIds(database)).toEqual(['next']);
    expect(warnings).toBe(0);
  });
});

describe('a full disk under SQLite', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'video-call-'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('costs neither the record of a call nor the reason', async () => {
    const database = new Database(`file:${join(folder, 'test.db')}`, { logger });
    await database.open();
    const limitPages = (count: number) =>
      database.transaction((trx) => sql.raw(`pragma max_page_count = ${count}`).execute(trx));
    const fill = () =>
      database.transaction(async (trx) => {
        for (let index = 0; index < 200; index++) {
          const id = `user ${index}`.padEnd(100);
          await trx
            .insertInto('vc_users')
            .values({ id, name: 'x'.repeat(128), avatar: '' })
            .execute();
        }
      });
    await limitPages(1);
    const failure = await fill().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'store-unavailable', cause: { code: 'SQLITE_FULL' } });
    const log = new CallLog(database, logger);
    const participants = Array.from({ length: 200 }, (_, index) => ({
      name: `participant ${index}`.padEnd(100),
      outcome: 'no-answer' as const,
    }));
    log.add(callRecord('kept', { participants }));
    await expect(fill()).rejects.toThrow(StoreUnavailableError);
    expect(await callIds(database)).toEqual([]);
    await limitPages(1_000_000);
    await log.written();
    expect(await callIds(database)).toEqual(['kept']);
    await fill();
    await log.close();
    await database.close();
  });

  const disk = smallDisk();
  it.skipIf(!disk)('is told by the API as 503 store-unavailable, and passes', async () => {
    if (!disk) return;
    const server = await ApiServer.listen(undefined, `file:${join(disk.path, 'test.db')}`);
    await server.api('PUT', '/api/groups/before');
    const ballast = join(disk.path, 'ballast');
    fillUp(ballast, disk.path);
    const members = Array.from({ length: 5_000 }, (_, index) => `member ${index}`.padEnd(100));
    for (let turn = 0; turn < 3; turn++) {
      const answer = await server.api('PUT', '/api/groups/large', { members });
      expect(answer).toMatchObject({ status: 503, body: { error: { code: 'store-unavailable' } } });
    }
    const participants = members.map((name) => ({ name, outcome: 'no-answer' as const }));
    server.store.recordCall(callRecord('kept', { participants }));
    expect((await server.api('GET', '/api/groups/before')).status).toBe(200);
    expect((await server.api('GET', '/api/groups/large')).status).toBe(404);
    rmSync(ballast);
    await server.store.callsWritten();
    expect((await server.api('GET', '/api/calls')).body).toMatchObject({ calls: [{ callId: 'kept' }] });
    expect((await server.api('PUT', '/api/groups/large', { members })).status).toBe(201);
    await server.close();
    disk.release();
  });
});

/** A file system of a few megabytes, where this process may mount one. */
function smallDisk(): { readonly path: string; release(): void } | undefined {
  const path = mkdtempSync(join(tmpdir(), 'video-call-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    rmSync(path, { recursive: true });
    process.stderr.write('A full disk under the API is NOT TESTED: no tmpfs can be mounted here\n');
    return undefined;
  }
  const release = () => {
    if (!existsSync(path)) return;
    execFileSync('umount', ['-l', path]);
    rmSync(path, { recursive: true });
  };
  process.once('exit', release);
  return { path, release };
}

function fillUp(file: string, path: string): void {
  const { bavail, bsize } = statfsSync(path);
  writeFileSync(file, Buffer.alloc((bavail - 8) * bsize));
}
