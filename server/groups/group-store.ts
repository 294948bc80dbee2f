import { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import { CallLog } from '../store/call-log.ts';
import { findCalls, type CallsQuery } from '../store/call-rows.ts';
import { assertIdCursor, decodeCursor, encodeCursor } from '../store/cursor.ts';
import { Database, type DatabaseOptions, type OpenOptions } from '../store/database.ts';
import {
  findGroup,
  findGroups,
  findGroupsOf,
  lockGroups,
  mergeGroup,
  removeGroup,
  writeGroups,
} from '../store/group-rows.ts';
import { applyPlan, type MembershipChanges } from '../store/import-rows.ts';
import {
  addMembers,
  findMembers,
  hasMember,
  memberIdsOf,
  removeMembers,
  type Membership,
} from '../store/member-rows.ts';
import type {
  CallRecord,
  Group,
  GroupPatch,
  ImportPlan,
  ImportSummary,
  Page,
  PageQuery,
  User,
  UserPatch,
} from '../store/model.ts';
import { isStorableId } from '../store/storable.ts';
import { findUsers, writeUsers } from '../store/user-rows.ts';
import { UnknownGroupError } from './errors.ts';
import { assertStorable } from './import-plan.ts';

const DEFAULT_PAGE_SIZE = 100;

/** What the store tells, after the change is safe in the database. */
export interface GroupStoreEvents {
  memberAdded: [Membership];
  memberRemoved: [Membership];
  /** Comes after `memberRemoved` for each of its members. */
  groupDeleted: [{ readonly groupId: string }];
}

/** What `GroupStore.open` can be told. */
export interface GroupStoreOptions extends DatabaseOptions {
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
}

/**
 * Who is in which group, and the record of past calls. Ids compare byte by byte. Every method throws
 * `StoreUnavailableError` while the database is gone, within the query timeout, and works again when it is back.
 */
export class GroupStore {
  readonly #database: Database;
  readonly #calls: CallLog;
  readonly #logger: GroupStoreOptions['logger'];
  readonly #events = new EventEmitter<GroupStoreEvents>();

  /**
   * A store that is to be opened; until then its methods throw `StoreUnavailableError`, and records of calls wait.
   * @param url `DATABASE_URL`: `file:…`, `postgres:…`, `mysql:…` or `mariadb:…`
   * @throws DatabaseUrlError
   */
  constructor(url: string, options: GroupStoreOptions) {
    this.#database = new Database(url, options);
    this.#logger = options.logger;
    this.#calls = new CallLog(this.#database, options.logger);
    this.#events.setMaxListeners(0);
  }

  /**
   * Makes a store and opens it.
   * @param url `DATABASE_URL`
   * @throws DatabaseUrlError, or StoreUnavailableError when the database does not answer in time
   */
  static async open(url: string, options: GroupStoreOptions & OpenOptions): Promise<GroupStore> {
    const store = new GroupStore(url, options);
    await store.open(options);
    return store;
  }

  /**
   * Connects to the database and makes its tables; to be called once.
   * @throws StoreUnavailableError when it does not answer in time
   */
  async open(options?: OpenOptions): Promise<void> {
    await this.#database.open(options);
  }

  /** Writes what waits to be written, as far as the database takes it, and ends the connections. */
  async close(): Promise<void> {
    await this.#calls.close();
    this.#events.removeAllListeners();
    await this.#database.close();
  }

  /** @throws StoreUnavailableError when the database does not answer: for `/readyz` */
  async check(): Promise<void> {
    await this.#database.check();
  }

  /**
   * Listens to changes made through this store, whoever made them.
   * @returns takes the listener away again
   */
  on<Name extends keyof GroupStoreEvents>(
    name: Name,
    listener: (event: GroupStoreEvents[Name][0]) => void,
  ): () => void {
    const guarded = (event: GroupStoreEvents[Name][0]) => {
      try {
        listener(event);
      } catch (error) {
        this.#logger.error({ err: error, event: name }, 'listener to membership changes failed');
      }
    };
    const emitter = this.#events as EventEmitter;
    emitter.on(name, guarded);
    return () => void emitter.off(name, guarded);
  }

  /** @returns the user, if anything is stored about it */
  async user(id: string): Promise<User | undefined> {
    return (await this.users([id])).get(id);
  }

  /** @returns those of the users that are stored, by id */
  async users(ids: readonly string[]): Promise<Map<string, User>> {
    return await this.#database.read((db) => findUsers(db, ids.filter(isStorableId)));
  }

  /** Writes what the patch tells about a user; what it leaves out stays. */
  async putUser(patch: UserPatch): Promise<void> {
    assertStorable({ users: [patch], groups: [] });
    await this.#database.transaction((trx) => writeUsers(trx, this.#database.engine, [patch]));
  }

  async group(id: string): Promise<Group | undefined> {
    if (!isStorableId(id)) return undefined;
    return await this.#database.read((db) => findGroup(db, id));
  }

  /** All groups in the order of their ids. */
  async groups({ limit = DEFAULT_PAGE_SIZE, after }: PageQuery = {}): Promise<Page<Group>> {
    assertIdCursor(after);
    return pageById(await this.#database.read((db) => findGroups(db, after, limit + 1)), limit);
  }

  /** The groups that a user is in, in the order of their ids. */
  async groupsOf(userId: string, { limit = DEFAULT_PAGE_SIZE, after }: PageQuery = {}): Promise<Page<Group>> {
    assertIdCursor(after);
    if (!isStorableId(userId)) return { items: [] };
    const groups = await this.#database.read((db) => findGroupsOf(db, userId, after, limit + 1));
    return pageById(groups, limit);
  }

  /**
   * Makes a group or changes it; what the patch leaves out stays.
   * @returns whether the group is new
   */
  async putGroup(patch: GroupPatch): Promise<boolean> {
    assertStorable({ users: [], groups: [patch] });
    const { engine } = this.#database;
    return await this.#database.transaction(async (trx) => {
      const before = (await lockGroups(trx, engine, [patch.id])).get(patch.id);
      await writeGroups(trx, engine, [mergeGroup(patch, before, undefined)]);
      return before === undefined;
    });
  }

  /** @returns whether there was such a group */
  async deleteGroup(id: string): Promise<boolean> {
    if (!isStorableId(id)) return false;
    const members = await this.#database.transaction(async (trx) => {
      const found = await lockGroups(trx, this.#database.engine, [id]);
      if (!found.has(id)) return undefined;
      const userIds = (await memberIdsOf(trx, [id])).get(id);
      await removeGroup(trx, id);
      return userIds;
    });
    if (!members) return false;
    this.#tell({ added: [], removed: [...members].map((userId) => ({ groupId: id, userId })) });
    this.#events.emit('groupDeleted', { groupId: id });
    return true;
  }

  async isMember(groupId: string, userId: string): Promise<boolean> {
    if (!isStorableId(groupId) || !isStorableId(userId)) return false;
    return await this.#database.read((db) => hasMember(db, groupId, userId));
  }

  /**
   * A group's members in the order of their ids.
   * @param query without `limit`: all of them
   */
  async membersOf(groupId: string, { limit, after }: PageQuery = {}): Promise<Page<User>> {
    assertIdCursor(after);
    if (!isStorableId(groupId)) return { items: [] };
    const rows = await this.#database.read((db) =>
      findMembers(db, groupId, after, limit === undefined ? undefined : limit + 1),
    );
    return limit === undefined ? { items: rows } : pageById(rows, limit);
  }

  /**
   * Adds a member, or changes what is stored about it.
   * @returns whether the user was no member before
   * @throws UnknownGroupError
   */
  async putMember(groupId: string, user: UserPatch): Promise<boolean> {
    assertStorable({ users: [user], groups: [{ id: groupId }] });
    const { engine } = this.#database;
    const membership = { groupId, userId: user.id };
    const isNew = await this.#database.transaction(async (trx) => {
      await writeUsers(trx, engine, [user]);
      const found = await lockGroups(trx, engine, [groupId]);
      if (!found.has(groupId)) throw new UnknownGroupError(groupId);
      if (await hasMember(trx, groupId, user.id)) return false;
      await addMembers(trx, engine, [membership]);
      return true;
    });
    if (isNew) this.#tell({ added: [membership], removed: [] });
    return isNew;
  }

  /** @returns whether the user was a member */
  async removeMember(groupId: string, userId: string): Promise<boolean> {
    if (!isStorableId(groupId) || !isStorableId(userId)) return false;
    const removed = await this.#database.transaction((trx) => removeMembers(trx, groupId, [userId]));
    if (removed > 0) this.#tell({ added: [], removed: [{ groupId, userId }] });
    return removed > 0;
  }

  /**
   * Makes these users the members of a group, and nobody else; makes the group when it is new.
   * @param at when the list was true, in milliseconds since 1970; older than the stored list, it changes no members
   */
  async replaceMembers(
    groupId: string,
    members: readonly UserPatch[],
    { at, owner }: { readonly at: number; readonly owner?: string | null | undefined },
  ): Promise<ImportSummary> {
    const group = { id: groupId, owner, members: members.map(({ id }) => id) };
    return await this.importAll({ users: members, groups: [group] }, at);
  }

  /**
   * Writes an import: all of it, or nothing.
   * @param at when the lists of members were true, in milliseconds since 1970
   * @throws ImportError when something in it cannot be stored
   */
  async importAll(plan: ImportPlan, at: number = Date.now()): Promise<ImportSummary> {
    assertStorable(plan);
    const { engine } = this.#database;
    const changes = await this.#database.transaction((trx) => applyPlan(trx, engine, plan, at));
    this.#tell(changes);
    return {
      users: new Set(plan.users.map(({ id }) => id)).size,
      groups: plan.groups.length,
      membersAdded: changes.added.length,
      membersRemoved: changes.removed.length,
    };
  }

  /** Takes the record of an ended call; it is written in the background, later if the database is gone. */
  recordCall(record: CallRecord): void {
    this.#calls.add(record);
  }

  /** Settles when the records taken so far are written. */
  async callsWritten(): Promise<void> {
    await this.#calls.written();
  }

  /** Past calls, the newest first. */
  async calls({ limit = DEFAULT_PAGE_SIZE, after, ...query }: CallsQuery = {}): Promise<Page<CallRecord>> {
    const cursor = after === undefined ? undefined : decodeCursor(after);
    const ids = [query.groupId, query.userId].filter((id) => id !== undefined);
    if (!ids.every(isStorableId)) return { items: [] };
    const found = await this.#database.read((db) => findCalls(db, query, cursor, limit + 1));
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return found.length > limit && last ? { items, next: encodeCursor(last) } : { items };
  }

  #tell({ added, removed }: MembershipChanges): void {
    for (const membership of added) this.#events.emit('memberAdded', membership);
    for (const membership of removed) this.#events.emit('memberRemoved', membership);
  }
}

/** @param rows one more than the page holds, if there are more */
function pageById<Item extends { readonly id: string }>(rows: readonly Item[], limit: number): Page<Item> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return rows.length > limit && last ? { items, next: last.id } : { items };
}
