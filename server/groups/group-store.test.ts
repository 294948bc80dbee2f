import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeEachDatabase, type TestDatabase } from '../../testing/server/databases.ts';
import { GroupStore, ImportError, UnknownGroupError, type CallRecord, type ImportPlan } from './index.ts';

const logger = pino({ level: 'silent' });

/** Ids that careless databases take for one another. */
const LOOKALIKES = [
  'a',
  'A',
  'a ',
  'a  ',
  ' a',
  'á',
  'a\u0301',
  'ａ',
  'ä',
  'ae',
  'æ',
  '１',
  '1',
  '01',
  'ß',
  'ss',
  '\u{1F600}',
  'a\u200b',
  "a'b",
  'a\\',
  'a"',
  'a%',
  'a_',
  '\t',
  'a\n',
];

await describeEachDatabase('GroupStore', (create) => {
  let database: TestDatabase;
  let store: GroupStore;

  beforeEach(async () => {
    database = await create();
    store = await GroupStore.open(database.url, { logger });
  });

  afterEach(async () => {
    await store.close();
    await database.drop();
  });

  it('keeps groups, owners and members', async () => {
    expect(await store.putGroup({ id: '7', name: '项目组', avatar: '/a.png', owner: '1' })).toBe(true);
    expect(await store.putMember('7', { id: '1', name: 'Ann', avatar: '/1.png' })).toBe(true);
    expect(await store.putMember('7', { id: '2' })).toBe(true);
    expect(await store.putMember('7', { id: '2', name: 'Bob' })).toBe(false);
    expect(await store.group('7')).toEqual({
      id: '7',
      name: '项目组',
      avatar: '/a.png',
      owner: '1',
      membersAt: null,
      memberCount: 2,
    });
    expect(await store.membersOf('7')).toEqual({
      items: [
        { id: '1', name: 'Ann', avatar: '/1.png' },
        { id: '2', name: 'Bob', avatar: '' },
      ],
    });
    expect(await store.isMember('7', '2')).toBe(true);
    expect(await store.isMember('7', '3')).toBe(false);
  });

  it('changes only the fields that a patch names', async () => {
    await store.putGroup({ id: 'g', name: 'one', avatar: '/x', owner: 'u' });
    expect(await store.putGroup({ id: 'g', name: 'two' })).toBe(false);
    expect(await store.group('g')).toMatchObject({ name: 'two', avatar: '/x', owner: 'u' });
    await store.putGroup({ id: 'g', owner: null });
    expect(await store.group('g')).toMatchObject({ name: 'two', owner: null });
    await store.putUser({ id: 'u', name: 'Ann', avatar: '/a' });
    await store.putUser({ id: 'u', avatar: '' });
    expect(await store.user('u')).toEqual({ id: 'u', name: 'Ann', avatar: '' });
  });

  it('tells a group from a user of the same id', async () => {
    await store.putUser({ id: '5', name: 'user' });
    await store.putGroup({ id: '5', name: 'group' });
    await store.deleteGroup('5');
    expect(await store.user('5')).toMatchObject({ name: 'user' });
    expect(await store.group('5')).toBeUndefined();
  });

  it('compares ids byte by byte', async () => {
    await store.replaceMembers(
      'g',
      LOOKALIKES.map((id) => ({ id, name: `name of ${id}` })),
      { at: 1 },
    );
    const { items } = await store.membersOf('g');
    const inByteOrder = [...LOOKALIKES].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(items).toEqual(inByteOrder.map((id) => ({ id, name: `name of ${id}`, avatar: '' })));
    for (const id of LOOKALIKES) {
      expect(await store.removeMember('g', id)).toBe(true);
      expect(await store.isMember('g', id)).toBe(false);
    }
    await store.importAll({ users: [], groups: LOOKALIKES.map((id) => ({ id, name: id })) });
    for (const id of LOOKALIKES) expect(await store.group(id)).toMatchObject({ id, name: id });
  });

  it('knows nothing under an id that cannot be stored, and refuses to store it', async () => {
    for (const id of ['', 'a\0', '\ud800', 'x'.repeat(129)]) {
      expect(await store.isMember(id, id)).toBe(false);
      expect(await store.user(id)).toBeUndefined();
      expect(await store.group(id)).toBeUndefined();
      expect(await store.deleteGroup(id)).toBe(false);
      await expect(store.putGroup({ id })).rejects.toThrow(ImportError);
    }
    const longest = '\u{1F600}'.repeat(64);
    await store.putGroup({ id: longest, name: '界'.repeat(128), avatar: '界'.repeat(2048) });
    await store.putMember(longest, { id: '界'.repeat(128) });
    expect(await store.group(longest)).toMatchObject({ name: '界'.repeat(128), avatar: '界'.repeat(2048) });
    expect(await store.isMember(longest, '界'.repeat(128))).toBe(true);
  });

  it('refuses a member of an unknown group and leaves nothing behind', async () => {
    await expect(store.putMember('none', { id: 'u', name: 'Ann' })).rejects.toThrow(UnknownGroupError);
    expect(await store.user('u')).toBeUndefined();
  });

  it('gives lists in pages', async () => {
    const ids = Array.from({ length: 25 }, (_, index) => `u${String(index).padStart(2, '0')}`);
    const groups = ids.map((id) => ({ id, members: id === 'u00' ? ids : ['u00'] }));
    await store.importAll({ users: [], groups });
    for (const list of [
      (after?: string) => store.membersOf('u00', { limit: 10, after }),
      (after?: string) => store.groups({ limit: 10, after }),
      (after?: string) => store.groupsOf('u00', { limit: 10, after }),
    ]) {
      const first = await list();
      const second = await list(first.next);
      const third = await list(second.next);
      const found = [first, second, third].map(({ items }) => items.map(({ id }) => id));
      expect(found).toEqual([ids.slice(0, 10), ids.slice(10, 20), ids.slice(20)]);
      expect(third.next).toBeUndefined();
    }
    await expect(store.groups({ after: 'a\0' })).rejects.toMatchObject({ code: 'bad-request' });
    await expect(store.calls({ after: 'nonsense' })).rejects.toMatchObject({ code: 'bad-request' });
  });

  it('tells who was added and removed, after the fact', async () => {
    const told: string[] = [];
    const off = store.on('memberRemoved', ({ groupId, userId }) => told.push(`-${groupId}/${userId}`));
    store.on('memberAdded', ({ groupId, userId }) => told.push(`+${groupId}/${userId}`));
    store.on('groupDeleted', ({ groupId }) => told.push(`x${groupId}`));
    store.on('memberAdded', () => {
      throw new Error('a listener that fails harms nobody');
    });
    const take = () => told.splice(0).sort();
    await store.replaceMembers('g', [{ id: '1' }, { id: '2' }], { at: 10 });
    expect(take()).toEqual(['+g/1', '+g/2']);
    await store.replaceMembers('g', [{ id: '2' }, { id: '3' }], { at: 20 });
    expect(take()).toEqual(['+g/3', '-g/1']);
    await store.replaceMembers('g', [{ id: '1' }], { at: 15 });
    expect(take()).toEqual([]);
    await store.removeMember('g', '9');
    await store.removeMember('g', '3');
    expect(take()).toEqual(['-g/3']);
    await store.deleteGroup('g');
    expect(take()).toEqual(['-g/2', 'xg']);
    off();
    await store.replaceMembers('g', [{ id: '1' }], { at: 30 });
    await store.replaceMembers('g', [], { at: 40 });
    expect(take()).toEqual(['+g/1']);
  });

  it('removes a member once, however many ask for it at the same time', async () => {
    await store.replaceMembers('g', [{ id: '1' }], { at: 1 });
    const removed: unknown[] = [];
    store.on('memberRemoved', (membership) => removed.push(membership));
    const results = await Promise.all([1, 2, 3, 4].map(() => store.removeMember('g', '1')));
    expect(results.filter(Boolean)).toHaveLength(1);
    expect(removed).toHaveLength(1);
  });

  it('imports all or nothing', async () => {
    const bad: ImportPlan = {
      users: [{ id: '1', name: 'Ann' }],
      groups: [
        { id: 'g', members: ['1'] },
        { id: 'h', members: ['1', 'x\0'] },
      ],
    };
    await expect(store.importAll(bad)).rejects.toMatchObject({
      code: 'bad-import',
      path: '$.groups[1].members[1]',
    });
    expect(await store.groups()).toEqual({ items: [] });
    expect(await store.user('1')).toBeUndefined();
  });

  it('takes imports of the same groups that run at the same time', async () => {
    const ids = Array.from({ length: 60 }, (_, index) => String(index));
    const imports = [0, 1, 2, 3, 4, 5].map((turn) => {
      const order = turn % 2 ? ids : [...ids].reverse();
      const groups = order.slice(0, 20).map((id) => ({ id, name: `turn ${turn}`, members: order }));
      return store.importAll({ users: order.map((id) => ({ id, name: `turn ${turn}` })), groups }, turn);
    });
    await Promise.all(imports);
    expect((await store.membersOf('5')).items).toHaveLength(60);
    expect((await store.groupsOf('5')).items.length).toBe(40);
  });

  it('imports 2,000 members, and the same again with nothing to write', async () => {
    const members = Array.from({ length: 2_000 }, (_, index) => ({
      id: String(index),
      name: `用户 ${index}`,
    }));
    const first = await store.replaceMembers('big', members, { at: 1, owner: '0' });
    expect(first).toEqual({ users: 2_000, groups: 1, membersAdded: 2_000, membersRemoved: 0 });
    const second = await store.replaceMembers('big', members.slice(1), { at: 2 });
    expect(second).toMatchObject({ membersAdded: 0, membersRemoved: 1 });
    expect(await store.group('big')).toMatchObject({ memberCount: 1_999, owner: '0', membersAt: 2 });
  });

  it('keeps the record of calls, the newest first', async () => {
    const records = [3, 1, 2].map((startedAt) => callRecord({ startedAt, callId: `call-${startedAt}` }));
    records.push(callRecord({ startedAt: 2, callId: 'call-2b', reqType: 'group', groupId: 'g' }));
    for (const record of records) store.recordCall(record);
    await store.callsWritten();
    const first = await store.calls({ limit: 2 });
    const second = await store.calls({ limit: 2, after: first.next });
    expect([...first.items, ...second.items].map(({ callId }) => callId)).toEqual([
      'call-3',
      'call-2b',
      'call-2',
      'call-1',
    ]);
    expect(second.next).toBeUndefined();
    expect(first.items[0]).toEqual(records[0]);
    expect((await store.calls({ groupId: 'g' })).items).toEqual([records[3]]);
    expect((await store.calls({ userId: 'bob' })).items).toHaveLength(4);
    expect((await store.calls({ userId: 'nobody' })).items).toEqual([]);
    for (const id of ['a\0', '\ud800', '', 'x'.repeat(1_000)]) {
      expect(await store.calls({ userId: id })).toEqual({ items: [] });
      expect(await store.calls({ groupId: id })).toEqual({ items: [] });
      await expect(store.calls({ after: `1.${id}` })).rejects.toMatchObject({ code: 'bad-request' });
    }
  });

  it('writes a record once, even when told twice, and with a name that cannot be stored', async () => {
    const record = callRecord({ callId: 'call', caller: 'a\0b' });
    store.recordCall(record);
    store.recordCall({ ...record, endedAt: 9 });
    await store.callsWritten();
    const { items } = await store.calls();
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ caller: 'a\uFFFDb', endedAt: 9 });
  });

  it('keeps everything over a restart', async () => {
    await store.replaceMembers('g', [{ id: '1', name: 'Ann' }], { at: 1 });
    store.recordCall(callRecord({ callId: 'last' }));
    await store.close();
    store = await GroupStore.open(database.url, { logger });
    expect(await store.membersOf('g')).toEqual({ items: [{ id: '1', name: 'Ann', avatar: '' }] });
    expect((await store.calls()).items.map(({ callId }) => callId)).toEqual(['last']);
  });
});

function callRecord(fields: Partial<CallRecord>): CallRecord {
  return {
    callId: randomUUID(),
    reqType: 'ptop',
    caller: 'ann',
    startedAt: 1_700_000_000_000,
    answeredAt: 1_700_000_001_000,
    endedAt: 1_700_000_061_000,
    durationMs: 60_000,
    outcome: 'answered',
    media: 'video',
    reason: 'hangup',
    endedBy: 'ann',
    participants: [
      {
        name: 'ann',
        outcome: 'joined',
        joinedAt: 1_700_000_000_000,
        leftAt: 1_700_000_061_000,
        quality: { roundTripMs: 12.5 },
      },
      { name: 'bob', outcome: 'declined' },
    ],
    ...fields,
  };
}
