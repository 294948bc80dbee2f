import { sql, type Kysely } from 'kysely';
import { inChunks } from './chunks.ts';
import type { Engine } from './database-url.ts';
import type { User } from './model.ts';
import type { Tables } from './schema.ts';

/** A user's being in a group. */
export interface Membership {
  readonly groupId: string;
  readonly userId: string;
}

/** A group's members in the order of their ids, with what is known about them. */
export async function findMembers(
  db: Kysely<Tables>,
  groupId: string,
  after: string | undefined,
  limit: number | undefined,
): Promise<User[]> {
  let query = db
    .selectFrom('vc_members as member')
    .leftJoin('vc_users as user', 'user.id', 'member.user_id')
    .where('member.group_id', '=', groupId)
    .select(['member.user_id as id', 'user.name', 'user.avatar'])
    .orderBy('member.user_id');
  if (after !== undefined) query = query.where('member.user_id', '>', after);
  if (limit !== undefined) query = query.limit(limit);
  const rows = await query.execute();
  return rows.map(({ id, name, avatar }) => ({ id, name: name ?? '', avatar: avatar ?? '' }));
}

/** Whether a user is in a group. */
export async function hasMember(db: Kysely<Tables>, groupId: string, userId: string): Promise<boolean> {
  const row = await db
    .selectFrom('vc_members')
    .select('user_id')
    .where('group_id', '=', groupId)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row !== undefined;
}

/** The ids of the members of each of these groups. */
export async function memberIdsOf(
  db: Kysely<Tables>,
  groupIds: readonly string[],
): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>(groupIds.map((id) => [id, new Set()]));
  await inChunks(groupIds, async (chunk) => {
    const rows = await db.selectFrom('vc_members').selectAll().where('group_id', 'in', chunk).execute();
    for (const row of rows) found.get(row.group_id)?.add(row.user_id);
  });
  return found;
}

/** Adds members; who is one already stays one. */
export async function addMembers(
  db: Kysely<Tables>,
  engine: Engine,
  members: readonly Membership[],
): Promise<void> {
  await inChunks(members, async (chunk) => {
    const rows = chunk.map(({ groupId, userId }) => ({ group_id: groupId, user_id: userId }));
    const insert = db.insertInto('vc_members').values(rows);
    const insertNew =
      engine === 'mysql'
        ? insert.onDuplicateKeyUpdate({ user_id: sql`vc_members.user_id` })
        : insert.onConflict((conflict) => conflict.columns(['group_id', 'user_id']).doNothing());
    await insertNew.execute();
  });
}

/**
 * Removes members of one group.
 * @returns how many of them were members
 */
export async function removeMembers(
  db: Kysely<Tables>,
  groupId: string,
  userIds: readonly string[],
): Promise<number> {
  let removed = 0;
  await inChunks(userIds, async (chunk) => {
    const { numDeletedRows } = await db
      .deleteFrom('vc_members')
      .where('group_id', '=', groupId)
      .where('user_id', 'in', chunk)
      .executeTakeFirstOrThrow();
    removed += Number(numDeletedRows);
  });
  return removed;
}
