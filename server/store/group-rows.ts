import { sql, type Kysely } from 'kysely';
import { inChunks } from './chunks.ts';
import type { Engine } from './database-url.ts';
import type { Group, GroupPatch } from './model.ts';
import type { GroupsTable, Tables } from './schema.ts';

/** One group, if it is stored. */
export async function findGroup(db: Kysely<Tables>, id: string): Promise<Group | undefined> {
  const row = await selectGroups(db).where('id', '=', id).executeTakeFirst();
  return row && toGroup(row);
}

/** Groups in the order of their ids. */
export async function findGroups(
  db: Kysely<Tables>,
  after: string | undefined,
  limit: number,
): Promise<Group[]> {
  let query = selectGroups(db).orderBy('id').limit(limit);
  if (after !== undefined) query = query.where('id', '>', after);
  return (await query.execute()).map(toGroup);
}

/** The groups that a user is in, in the order of their ids. */
export async function findGroupsOf(
  db: Kysely<Tables>,
  userId: string,
  after: string | undefined,
  limit: number,
): Promise<Group[]> {
  let query = selectGroups(db)
    .innerJoin('vc_members as membership', 'membership.group_id', 'vc_groups.id')
    .where('membership.user_id', '=', userId)
    .orderBy('id')
    .limit(limit);
  if (after !== undefined) query = query.where('id', '>', after);
  return (await query.execute()).map(toGroup);
}

/** Removes a group with its members. */
export async function removeGroup(db: Kysely<Tables>, id: string): Promise<void> {
  await db.deleteFrom('vc_groups').where('id', '=', id).execute();
}

/** Groups with the number of their members. */
function selectGroups(db: Kysely<Tables>) {
  return db
    .selectFrom('vc_groups')
    .select(['id', 'name', 'avatar', 'owner', 'members_at as membersAt'])
    .select((group) =>
      group
        .selectFrom('vc_members')
        .whereRef('vc_members.group_id', '=', 'vc_groups.id')
        .select((member) => member.fn.countAll<string | number>().as('count'))
        .as('memberCount'),
    );
}

/** A row of `selectGroups`: databases count in different types. */
function toGroup(row: Omit<Group, 'memberCount'> & { memberCount: string | number | null }): Group {
  return { ...row, memberCount: Number(row.memberCount) };
}

/**
 * Reads groups and keeps others from changing them or their members until the transaction ends.
 * @returns the stored groups of these ids, by id
 */
export async function lockGroups(
  db: Kysely<Tables>,
  engine: Engine,
  ids: readonly string[],
): Promise<Map<string, GroupsTable>> {
  const found = new Map<string, GroupsTable>();
  await inChunks([...ids].sort(), async (chunk) => {
    const query = db.selectFrom('vc_groups').selectAll().where('id', 'in', chunk).orderBy('id');
    // SQLite has no such lock: its transactions hold the whole file from their beginning.
    const rows = await (engine === 'sqlite' ? query : query.forUpdate()).execute();
    for (const row of rows) found.set(row.id, row);
  });
  return found;
}

/** A group's row as it will be: what the patch leaves out stays, and is empty in a new group. */
export function mergeGroup(
  patch: GroupPatch,
  before: GroupsTable | undefined,
  membersAt: number | undefined,
): GroupsTable {
  return {
    id: patch.id,
    name: patch.name ?? before?.name ?? '',
    avatar: patch.avatar ?? before?.avatar ?? '',
    owner: patch.owner === undefined ? (before?.owner ?? null) : patch.owner,
    members_at: membersAt ?? before?.members_at ?? null,
  };
}

/** Writes whole rows, new or changed. */
export async function writeGroups(
  db: Kysely<Tables>,
  engine: Engine,
  rows: readonly GroupsTable[],
): Promise<void> {
  const sorted = [...rows].sort((a, b) => (a.id < b.id ? -1 : 1));
  await inChunks(sorted, async (chunk) => {
    const insert = db.insertInto('vc_groups').values(chunk);
    const upsert =
      engine === 'mysql'
        ? insert.onDuplicateKeyUpdate({
            name: sql`values(name)`,
            avatar: sql`values(avatar)`,
            owner: sql`values(owner)`,
            members_at: sql`values(members_at)`,
          })
        : insert.onConflict((conflict) =>
            conflict.column('id').doUpdateSet((row) => ({
              name: row.ref('excluded.name'),
              avatar: row.ref('excluded.avatar'),
              owner: row.ref('excluded.owner'),
              members_at: row.ref('excluded.members_at'),
            })),
          );
    await upsert.execute();
  });
}
