import { sql, type Kysely } from 'kysely';
import { inChunks } from './chunks.ts';
import type { Engine } from './database-url.ts';
import type { User, UserPatch } from './model.ts';
import type { Tables } from './schema.ts';

/** The users of these ids that are stored, by id. */
export async function findUsers(db: Kysely<Tables>, ids: readonly string[]): Promise<Map<string, User>> {
  const found = new Map<string, User>();
  await inChunks(ids, async (chunk) => {
    const rows = await db.selectFrom('vc_users').selectAll().where('id', 'in', chunk).execute();
    for (const row of rows) found.set(row.id, row);
  });
  return found;
}

/** Writes what differs from what is stored; a repeated import writes nothing. */
export async function writeUsers(
  db: Kysely<Tables>,
  engine: Engine,
  patches: readonly UserPatch[],
): Promise<void> {
  const wanted = new Map<string, UserPatch>();
  for (const patch of patches) wanted.set(patch.id, { ...wanted.get(patch.id), ...withoutGaps(patch) });
  const stored = await findUsers(db, [...wanted.keys()]);
  const changed: User[] = [];
  for (const patch of wanted.values()) {
    const before = stored.get(patch.id);
    const { id, name = before?.name ?? '', avatar = before?.avatar ?? '' } = patch;
    if (name !== before?.name || avatar !== before.avatar) changed.push({ id, name, avatar });
  }
  changed.sort((a, b) => (a.id < b.id ? -1 : 1));
  await inChunks(changed, (chunk) => upsertUsers(db, engine, chunk));
}

/** A field that is there but undefined must not hide an earlier patch's. */
function withoutGaps({ id, name, avatar }: UserPatch): UserPatch {
  return { id, ...(name !== undefined && { name }), ...(avatar !== undefined && { avatar }) };
}

async function upsertUsers(db: Kysely<Tables>, engine: Engine, rows: User[]): Promise<void> {
  const insert = db.insertInto('vc_users').values(rows);
  const upsert =
    engine === 'mysql'
      ? insert.onDuplicateKeyUpdate({ name: sql`values(name)`, avatar: sql`values(avatar)` })
      : insert.onConflict((conflict) =>
          conflict.column('id').doUpdateSet((row) => ({
            name: row.ref('excluded.name'),
            avatar: row.ref('excluded.avatar'),
          })),
        );
  await upsert.execute();
}
