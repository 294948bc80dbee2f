import type { Kysely } from 'kysely';
import type { Engine } from './database-url.ts';
import { lockGroups, mergeGroup, writeGroups } from './group-rows.ts';
import { addMembers, memberIdsOf, removeMembers, type Membership } from './member-rows.ts';
import type { GroupImport, ImportPlan } from './model.ts';
import type { GroupsTable, Tables } from './schema.ts';
import { writeUsers } from './user-rows.ts';

/** Who came into which group and who went, for those who must know. */
export interface MembershipChanges {
  readonly added: readonly Membership[];
  readonly removed: readonly Membership[];
}

/**
 * Writes an import within a transaction. Only differences are written, so a repeated import costs reads.
 * @param at when the lists of members were true, in milliseconds since 1970; a list that is older than
 *   the stored one changes no members
 */
export async function applyPlan(
  trx: Kysely<Tables>,
  engine: Engine,
  plan: ImportPlan,
  at: number,
): Promise<MembershipChanges> {
  await writeUsers(trx, engine, plan.users);
  const stored = await lockGroups(
    trx,
    engine,
    plan.groups.map(({ id }) => id),
  );
  const groups = plan.groups.map((group) => withoutStaleMembers(group, stored.get(group.id), at));
  const rows = groups.map((group) => mergeGroup(group, stored.get(group.id), group.members && at));
  await writeGroups(
    trx,
    engine,
    rows.filter((row) => !isSameRow(row, stored.get(row.id))),
  );
  const changes = await findChanges(trx, groups);
  await addMembers(trx, engine, changes.added);
  for (const [groupId, userIds] of byGroup(changes.removed)) await removeMembers(trx, groupId, userIds);
  return changes;
}

function withoutStaleMembers(group: GroupImport, before: GroupsTable | undefined, at: number): GroupImport {
  const isStale = before?.members_at != null && at < before.members_at;
  return isStale ? { ...group, members: undefined } : group;
}

function isSameRow(row: GroupsTable, before: GroupsTable | undefined): boolean {
  return (
    before !== undefined &&
    row.name === before.name &&
    row.avatar === before.avatar &&
    row.owner === before.owner &&
    row.members_at === before.members_at
  );
}

async function findChanges(trx: Kysely<Tables>, groups: readonly GroupImport[]): Promise<MembershipChanges> {
  const concerned = groups.filter(({ members, added }) => members ?? added);
  const before = await memberIdsOf(
    trx,
    concerned.map(({ id }) => id),
  );
  const added: Membership[] = [];
  const removed: Membership[] = [];
  for (const { id: groupId, members, added: more = [] } of concerned) {
    const is = before.get(groupId) ?? new Set();
    const shall = new Set([...(members ?? is), ...more]);
    for (const userId of shall) if (!is.has(userId)) added.push({ groupId, userId });
    for (const userId of is) if (!shall.has(userId)) removed.push({ groupId, userId });
  }
  return { added, removed };
}

function byGroup(members: readonly Membership[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { groupId, userId } of members) {
    const userIds = groups.get(groupId);
    if (userIds) userIds.push(userId);
    else groups.set(groupId, [userId]);
  }
  return groups;
}
