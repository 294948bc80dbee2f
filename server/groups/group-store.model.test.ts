import fc from 'fast-check';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { describeEachDatabase } from '../../testing/server/databases.ts';
import { GroupStore, UnknownGroupError, type ImportPlan } from './index.ts';

const logger = pino({ level: 'silent' });

/** Few ids, so that operations meet, and ones that careless databases confuse; users and groups share them. */
const IDS = ['1', '1 ', 'a', 'A', 'á', 'a\u0301', '\u{1F600}'];

const id = fc.constantFrom(...IDS);
const ids = fc.uniqueArray(id, { maxLength: IDS.length });
const name = fc.option(fc.constantFrom('', 'Ann', 'ann ', '张三', 'O\'Hara \\ " %'), { nil: undefined });
const user = fc.record({ id, name });
const group = fc.record({
  id,
  name,
  owner: fc.option(fc.option(id, { nil: null }), { nil: undefined }),
  members: fc.option(ids, { nil: undefined }),
  added: fc.option(ids, { nil: undefined }),
});

type Command =
  | { readonly do: 'putUser'; readonly user: { id: string; name: string | undefined } }
  | {
      readonly do: 'putGroup';
      readonly group: { id: string; name: string | undefined; owner: string | null | undefined };
    }
  | { readonly do: 'deleteGroup'; readonly id: string }
  | { readonly do: 'putMember'; readonly id: string; readonly user: { id: string; name: string | undefined } }
  | { readonly do: 'removeMember'; readonly id: string; readonly userId: string }
  | { readonly do: 'import'; readonly plan: ImportPlan; readonly at: number };

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ do: fc.constant('putUser' as const), user }),
  fc.record({ do: fc.constant('putGroup' as const), group }),
  fc.record({ do: fc.constant('deleteGroup' as const), id }),
  fc.record({ do: fc.constant('putMember' as const), id, user }),
  fc.record({ do: fc.constant('removeMember' as const), id, userId: id }),
  fc.record({
    do: fc.constant('import' as const),
    at: fc.nat(5),
    plan: fc.record({
      users: fc.array(user, { maxLength: 4 }),
      groups: fc.uniqueArray(group, { maxLength: 4, selector: (candidate) => candidate.id }),
    }),
  }),
);

/** What the store must behave like. */
class Model {
  readonly users = new Map<string, string>();
  readonly groups = new Map<
    string,
    { name: string; owner: string | null; at: number | null; members: Set<string> }
  >();
  readonly events: string[] = [];

  run(command: Command): unknown {
    switch (command.do) {
      case 'putUser':
        return this.#putUser(command.user);
      case 'putGroup':
        return this.#putGroup(command.group);
      case 'deleteGroup':
        this.#setMembers(command.id, new Set());
        if (this.groups.has(command.id)) this.events.push(`deleted ${command.id}`);
        return this.groups.delete(command.id);
      case 'putMember': {
        const members = this.groups.get(command.id)?.members;
        if (!members) return 'unknown-group';
        this.#putUser(command.user);
        const isNew = !members.has(command.user.id);
        this.#setMembers(command.id, new Set([...members, command.user.id]));
        return isNew;
      }
      case 'removeMember': {
        const members = new Set(this.groups.get(command.id)?.members);
        const was = members.delete(command.userId);
        this.#setMembers(command.id, members);
        return was;
      }
      case 'import':
        return this.#import(command.plan, command.at);
      default:
        return command satisfies never;
    }
  }

  #putUser({ id, name }: { id: string; name?: string | undefined }): void {
    const after = name ?? this.users.get(id) ?? '';
    this.users.set(id, after);
  }

  #putGroup({
    id,
    name,
    owner,
  }: {
    id: string;
    name?: string | undefined;
    owner?: string | null | undefined;
  }): boolean {
    const before = this.groups.get(id);
    this.groups.set(id, {
      name: name ?? before?.name ?? '',
      owner: owner === undefined ? (before?.owner ?? null) : owner,
      at: before?.at ?? null,
      members: before?.members ?? new Set(),
    });
    return !before;
  }

  #import({ users, groups }: ImportPlan, at: number): unknown {
    const before = this.events.length;
    for (const user of users) this.#putUser(user);
    for (const { members, added = [], ...patch } of groups) {
      this.#putGroup(patch);
      const group = this.groups.get(patch.id);
      if (!group) throw new Error('the group was just made');
      const isStale = group.at !== null && at < group.at;
      const list = members && !isStale ? members : [...group.members];
      if (members && !isStale) group.at = at;
      this.#setMembers(patch.id, new Set([...list, ...added]));
    }
    const events = this.events.slice(before);
    return {
      users: new Set(users.map(({ id }) => id)).size,
      groups: groups.length,
      membersAdded: events.filter((event) => event.startsWith('+')).length,
      membersRemoved: events.filter((event) => event.startsWith('-')).length,
    };
  }

  #setMembers(groupId: string, after: Set<string>): void {
    const group = this.groups.get(groupId);
    if (!group) return;
    for (const userId of after) if (!group.members.has(userId)) this.events.push(`+${groupId}/${userId}`);
    for (const userId of group.members) if (!after.has(userId)) this.events.push(`-${groupId}/${userId}`);
    group.members = after;
  }
}

async function run(store: GroupStore, command: Command): Promise<unknown> {
  switch (command.do) {
    case 'putUser':
      return await store.putUser(command.user);
    case 'putGroup':
      return await store.putGroup(command.group);
    case 'deleteGroup':
      return await store.deleteGroup(command.id);
    case 'putMember':
      return await store.putMember(command.id, command.user).catch((error: unknown) => {
        if (error instanceof UnknownGroupError) return error.code;
        throw error;
      });
    case 'removeMember':
      return await store.removeMember(command.id, command.userId);
    case 'import':
      return await store.importAll(command.plan, command.at);
    default:
      return command satisfies never;
  }
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

async function expectSame(store: GroupStore, model: Model): Promise<void> {
  const { items } = await store.groups();
  const groups = [...model.groups].sort(([a], [b]) => byBytes(a, b));
  expect(items).toEqual(
    groups.map(([id, { name, owner, at, members }]) => ({
      id,
      name,
      owner,
      avatar: '',
      membersAt: at,
      memberCount: members.size,
    })),
  );
  for (const [id, { members }] of groups) {
    const expected = [...members]
      .sort(byBytes)
      .map((userId) => ({ id: userId, name: model.users.get(userId) ?? '', avatar: '' }));
    expect((await store.membersOf(id)).items).toEqual(expected);
  }
  for (const userId of IDS) {
    const expected = groups.filter(([, { members }]) => members.has(userId)).map(([id]) => id);
    expect((await store.groupsOf(userId)).items.map(({ id }) => id)).toEqual(expected);
    expect((await store.user(userId))?.name).toBe(model.users.get(userId));
  }
}

await describeEachDatabase('GroupStore', (create, databaseName) => {
  it('behaves like maps in memory, whatever is done to it', { timeout: 120_000 }, async () => {
    const database = await create();
    const store = await GroupStore.open(database.url, { logger });
    const wipe = async () => {
      for (const { id } of (await store.groups()).items) await store.deleteGroup(id);
      for (const id of IDS) await store.putUser({ id, name: '' });
    };
    const check = async (commands: Command[]) => {
      await wipe();
      const model = new Model();
      for (const id of IDS) model.users.set(id, '');
      const events: string[] = [];
      const disposers = [
        store.on('memberAdded', ({ groupId, userId }) => events.push(`+${groupId}/${userId}`)),
        store.on('memberRemoved', ({ groupId, userId }) => events.push(`-${groupId}/${userId}`)),
        store.on('groupDeleted', ({ groupId }) => events.push(`deleted ${groupId}`)),
      ];
      try {
        for (const each of commands) {
          expect(await run(store, each)).toEqual(model.run(each));
          expect(events.splice(0).sort()).toEqual(model.events.splice(0).sort());
        }
        await expectSame(store, model);
      } finally {
        for (const dispose of disposers) dispose();
      }
    };
    try {
      const numRuns = databaseName === 'SQLite' ? 100 : 30;
      await fc.assert(fc.asyncProperty(fc.array(command, { maxLength: 20 }), check), { numRuns });
    } finally {
      await store.close();
      await database.drop();
    }
  });
});
