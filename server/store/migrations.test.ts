import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { callRecord } from '../../testing/server/call-record.ts';
import { describeEachDatabase, type TestDatabase } from '../../testing/server/databases.ts';
import { GroupStore } from '../groups/index.ts';
import { Database } from './database.ts';

const logger = pino({ level: 'silent' });
const PROCESSES = 2;
/** Starting a process takes its time on a busy machine. */
const TIMEOUT_MS = 60_000;

/** Loads everything first, so that the processes migrate at the same moment. */
const PROGRAM = `
  const { GroupStore } = await import(${JSON.stringify(new URL('../groups/index.ts', import.meta.url).href)});
  const logger = { info() {}, warn() {}, error() {} };
  process.send('ready');
  process.once('message', async () => {
    const store = await GroupStore.open(process.env.DATABASE_URL, { logger });
    await store.putGroup({ id: String(process.pid) });
    await store.close();
    process.disconnect();
  });
`;

await describeEachDatabase('migrations', (create) => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await create();
  });

  afterEach(() => database.drop());

  it(
    'let several servers start at once',
    async () => {
      const servers = Array.from({ length: PROCESSES }, () => startServer(database.url));
      await Promise.all(servers.map((server) => server.ready));
      for (const { go } of servers) go();
      expect(await Promise.all(servers.map((server) => server.end))).toEqual(
        servers.map(() => ({ code: 0, said: '' })),
      );
      const store = await GroupStore.open(database.url, { logger });
      expect((await store.groups()).items).toHaveLength(PROCESSES);
      await store.close();
    },
    TIMEOUT_MS,
  );

  it('keep what a database of a former version has in it', async () => {
    const before = await GroupStore.open(database.url, { logger });
    await before.replaceMembers('g', [{ id: '1', name: 'Ann' }], { at: 1, owner: '1' });
    await before.close();
    const former = new Database(database.url, { logger });
    await former.open();
    await former.transaction(async (trx) => {
      await sql`drop table vc_call_participants`.execute(trx);
      await sql`drop table vc_calls`.execute(trx);
      await sql`delete from vc_migrations where name = '0002-calls'`.execute(trx);
    });
    await former.close();
    const after = await GroupStore.open(database.url, { logger });
    expect((await after.membersOf('g')).items).toEqual([{ id: '1', name: 'Ann', avatar: '' }]);
    expect(await after.group('g')).toMatchObject({ owner: '1', membersAt: 1 });
    after.recordCall(callRecord('c'));
    await after.callsWritten();
    expect((await after.calls()).items).toHaveLength(1);
    await after.close();
  });

  it('let several stores of one process open at once', async () => {
    const stores = await Promise.all([1, 2, 3, 4].map(() => GroupStore.open(database.url, { logger })));
    for (const [index, store] of stores.entries()) await store.putGroup({ id: String(index) });
    expect((await stores[0]?.groups())?.items).toHaveLength(4);
    await Promise.all(stores.map((store) => store.close()));
  });
});

function startServer(url: string) {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', PROGRAM], {
    env: { ...process.env, DATABASE_URL: url },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
  const exit = once(child, 'close');
  return {
    ready: Promise.race([once(child, 'message'), exit]),
    go: () => child.connected && child.send('go'),
    end: exit.then(([code]) => ({ code: code as number, said })),
  };
}
