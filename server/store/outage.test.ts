import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { callRecord } from '../../testing/server/call-record.ts';
import { CutableProxy } from '../../testing/server/cutable-proxy.ts';
import { describeEachDatabaseServer, type TestDatabase } from '../../testing/server/databases.ts';
import { GroupStore, StoreUnavailableError } from '../groups/index.ts';
import { Database } from './database.ts';

const logger = pino({ level: 'silent' });
const QUERY_TIMEOUT_MS = 300;
/** Far more than the bound, for a busy machine; far less than what TCP itself would wait. */
const BOUND_MS = 5_000;

await describeEachDatabaseServer('the database going away', (create) => {
  let database: TestDatabase;
  let proxy: CutableProxy;
  let store: GroupStore;

  beforeEach(async () => {
    database = await create();
    proxy = await CutableProxy.listen(database.url);
    store = await GroupStore.open(proxy.url, { logger, queryTimeoutMs: QUERY_TIMEOUT_MS });
    await store.replaceMembers('g', [{ id: '1' }], { at: 1 });
  });

  afterEach(async () => {
    await store.close();
    await proxy.close();
    await database.drop();
  });

  it.each(['cut', 'silence'] as const)('is told in time after a %s, and recovers by itself', async (way) => {
    proxy[way]();
    const startedAt = performance.now();
    const attempts = [
      store.isMember('g', '1'),
      store.membersOf('g'),
      store.putMember('g', { id: '2', name: 'Bob' }),
      store.importAll({ users: [], groups: [{ id: 'h', members: ['1'] }] }),
      store.check(),
    ];
    for (const result of await Promise.allSettled(attempts)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'store-unavailable' } });
    }
    expect(performance.now() - startedAt).toBeLessThan(BOUND_MS);
    proxy.mend();
    await expect.poll(() => store.isMember('g', '1').catch(() => false), { timeout: BOUND_MS }).toBe(true);
    await store.check();
    expect(await store.isMember('g', '2')).toBe(false);
    expect(await store.group('h')).toBeUndefined();
  });

  it('survives more requests than it has connections, while the line is silent', async () => {
    proxy.silence();
    const attempts = Array.from({ length: 40 }, () => store.isMember('g', '1'));
    for (const result of await Promise.allSettled(attempts)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'store-unavailable' } });
    }
    proxy.mend();
    await expect.poll(() => store.isMember('g', '1').catch(() => false), { timeout: BOUND_MS }).toBe(true);
    expect(await Promise.all(Array.from({ length: 40 }, () => store.isMember('g', '1')))).not.toContain(
      false,
    );
  });

  it('leaves half a transaction undone when the line is cut within it', async () => {
    const members = Array.from({ length: 20_000 }, (_, index) => ({ id: `u${index}` }));
    const importing = store.replaceMembers('g', members, { at: 2 });
    setTimeout(() => proxy.cut(), 30);
    await expect(importing).rejects.toThrow(StoreUnavailableError);
    proxy.mend();
    await expect
      .poll(
        () =>
          store.check().then(
            () => true,
            () => false,
          ),
        { timeout: BOUND_MS },
      )
      .toBe(true);
    expect((await store.membersOf('g')).items.map(({ id }) => id)).toEqual(['1']);
  });

  it('tells why a transaction failed, also when it cannot be rolled back', async () => {
    const half = new Database(proxy.url, { logger, queryTimeoutMs: QUERY_TIMEOUT_MS });
    await half.open();
    const failing = half.transaction(async () => {
      proxy.cut();
      throw new Error('the reason');
    });
    await expect(failing).rejects.toThrow('the reason');
    proxy.mend();
    await expect
      .poll(
        () =>
          half.check().then(
            () => true,
            () => false,
          ),
        { timeout: BOUND_MS },
      )
      .toBe(true);
    await half.close();
  });

  it('keeps the records of calls until the database is back', async () => {
    proxy.cut();
    for (const callId of ['a', 'b', 'c']) store.recordCall(callRecord(callId));
    await expect(store.calls()).rejects.toThrow(StoreUnavailableError);
    proxy.mend();
    await store.callsWritten();
    expect((await store.calls()).items.map(({ callId }) => callId).sort()).toEqual(['a', 'b', 'c']);
  });

  it('does not hold up the end of the server', async () => {
    proxy.silence();
    store.recordCall(callRecord('lost'));
    const startedAt = performance.now();
    await store.close();
    expect(performance.now() - startedAt).toBeLessThan(BOUND_MS);
    proxy.mend();
    store = await GroupStore.open(proxy.url, { logger });
  });

  it('waits at the start for a database that is not there yet', async () => {
    proxy.cut();
    const options = { logger, queryTimeoutMs: QUERY_TIMEOUT_MS };
    await expect(GroupStore.open(proxy.url, { ...options, timeoutMs: 0 })).rejects.toThrow(
      StoreUnavailableError,
    );
    let warnings = 0;
    const patient = GroupStore.open(proxy.url, {
      ...options,
      logger: {
        info: () => undefined,
        error: () => undefined,
        warn: () => void (++warnings === 2 && proxy.mend()),
      },
    });
    const late = await patient;
    expect(await late.isMember('g', '1')).toBe(true);
    await late.close();
  });
});
