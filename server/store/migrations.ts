import { sql, type Kysely } from 'kysely';
import type { Engine } from './database-url.ts';
import { StoreUnavailableError } from './errors.ts';
import type { Tables } from './schema.ts';

/** How long one server waits for another that migrates the same MariaDB or MySQL database, in seconds. */
const LOCK_TIMEOUT_S = 3;

/**
 * The types of the columns. Ids compare byte by byte everywhere: SQLite's `text` and PostgreSQL's "C" do;
 * MariaDB's `varchar` would ignore trailing spaces whatever its collation, so there ids are bytes,
 * at most 3 for each of the 128 UTF-16 units that `protocol/` allows.
 */
const TYPES = {
  sqlite: { id: 'text', name: 'text', avatar: 'text', word: 'text', time: 'integer' },
  postgres: { id: 'text collate "C"', name: 'text', avatar: 'text', word: 'text', time: 'bigint' },
  mysql: {
    id: 'varbinary(384)',
    name: 'varchar(128)',
    avatar: 'varchar(2048)',
    word: 'varchar(32)',
    time: 'bigint',
  },
} as const;

const TABLE_OPTIONS = {
  sqlite: '',
  postgres: '',
  mysql: 'engine = InnoDB character set utf8mb4 collate utf8mb4_bin',
} as const;

/** Each may have been cut off halfway where DDL knows no transactions, so each can be run again. */
const MIGRATIONS: readonly { readonly name: string; statements(engine: Engine): string[] }[] = [
  { name: '0001-groups', statements: groupsTables },
  { name: '0002-calls', statements: callsTables },
];

function groupsTables(engine: Engine): string[] {
  const { id, name, avatar, time } = TYPES[engine];
  return [
    `create table if not exists vc_users (id ${id} not null primary key,
      name ${name} not null, avatar ${avatar} not null) ${TABLE_OPTIONS[engine]}`,
    `create table if not exists vc_groups (id ${id} not null primary key,
      name ${name} not null, avatar ${avatar} not null, owner ${id}, members_at ${time}) ${TABLE_OPTIONS[engine]}`,
    ...tableWithIndexes(engine, 'vc_members', {
      columns: `group_id ${id} not null, user_id ${id} not null, primary key (group_id, user_id),
        foreign key (group_id) references vc_groups (id) on delete cascade`,
      indexes: { vc_members_by_user: 'user_id, group_id' },
    }),
  ];
}

function callsTables(engine: Engine): string[] {
  const { id, word, time } = TYPES[engine];
  return [
    ...tableWithIndexes(engine, 'vc_calls', {
      columns: `call_id ${id} not null primary key, req_type ${word} not null, media ${word}, group_id ${id},
        caller ${id} not null, started_at ${time} not null, answered_at ${time}, ended_at ${time} not null,
        duration_ms ${time} not null, outcome ${word} not null, reason ${word}, ended_by ${id}`,
      indexes: {
        vc_calls_by_time: 'started_at, call_id',
        vc_calls_by_group: 'group_id, started_at, call_id',
      },
    }),
    ...tableWithIndexes(engine, 'vc_call_participants', {
      columns: `call_id ${id} not null, name ${id} not null, outcome ${word} not null,
        joined_at ${time}, left_at ${time}, quality text, primary key (call_id, name),
        foreign key (call_id) references vc_calls (call_id) on delete cascade`,
      indexes: { vc_call_participants_by_name: 'name, call_id' },
    }),
  ];
}

/** MySQL has no `create index if not exists`, so there the indexes are made with their table. */
function tableWithIndexes(
  engine: Engine,
  table: string,
  { columns, indexes }: { columns: string; indexes: Record<string, string> },
): string[] {
  const list = Object.entries(indexes);
  if (engine === 'mysql') {
    const inline = list.map(([name, on]) => `index ${name} (${on})`).join(', ');
    return [`create table if not exists ${table} (${columns}, ${inline}) ${TABLE_OPTIONS.mysql}`];
  }
  return [
    `create table if not exists ${table} (${columns})`,
    ...list.map(([name, on]) => `create index if not exists ${name} on ${table} (${on})`),
  ];
}

/**
 * Brings the database to this version's tables. Several servers may start at once: one does the work
 * under a lock while the others wait. (Kysely's own migrator does not lock SQLite between processes,
 * and takes a table of the same name in another PostgreSQL schema for its own.)
 * @throws StoreUnavailableError when another server holds the lock for too long
 */
export async function migrate(db: Kysely<Tables>, engine: Engine): Promise<void> {
  switch (engine) {
    case 'sqlite':
      return await db.transaction().execute((trx) => runPending(trx, engine));
    case 'postgres':
      return await db.transaction().execute(async (trx) => {
        await sql`select pg_advisory_xact_lock(hashtext('video-call migrations'), hashtext(current_schema()))`.execute(
          trx,
        );
        await runPending(trx, engine);
      });
    case 'mysql':
      return await db.connection().execute((connection) => underMysqlLock(connection));
    default:
      return engine satisfies never;
  }
}

/** MySQL's locks belong to the whole server, so the database's name is part of the lock's (at most 64 characters). */
async function underMysqlLock(connection: Kysely<Tables>): Promise<void> {
  const name = sql`concat('video-call ', md5(database()))`;
  const { rows } = await sql<{
    got: number | null;
  }>`select get_lock(${name}, ${LOCK_TIMEOUT_S}) as got`.execute(connection);
  if (rows[0]?.got !== 1) {
    throw new StoreUnavailableError(new Error('another server is still migrating the database'));
  }
  try {
    await runPending(connection, 'mysql');
  } finally {
    // The lock ends with its connection, too; a failure to give it back must not hide why the migration failed.
    await sql`select release_lock(${name})`.execute(connection).catch(() => undefined);
  }
}

async function runPending(db: Kysely<Tables>, engine: Engine): Promise<void> {
  await sql
    .raw(`create table if not exists vc_migrations (name varchar(128) not null primary key)`)
    .execute(db);
  const { rows } = await sql<{ name: string }>`select name from vc_migrations`.execute(db);
  const done = new Set(rows.map(({ name }) => name));
  for (const { name, statements } of MIGRATIONS) {
    if (done.has(name)) continue;
    for (const statement of statements(engine)) await sql.raw(statement).execute(db);
    await sql`insert into vc_migrations (name) values (${name})`.execute(db);
  }
}
