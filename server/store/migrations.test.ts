import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeEachDatabase, type TestDatabase } from '../../testing/server/databases.ts';
import { GroupStore } from '../groups/index.ts';

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
