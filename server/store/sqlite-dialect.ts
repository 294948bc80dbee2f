import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CompiledQuery, SqliteDialect, SqliteDriver, type DatabaseConnection, type Driver } from 'kysely';
import Libsql from 'libsql';

/** How long a transaction waits for another process that writes, in milliseconds. */
const BUSY_TIMEOUT_MS = 5_000;
const BUSY_RETRY_MS = 15;
/** How long any other statement waits, on the event loop: for the moments in which even readers must. */
const STATEMENT_BUSY_TIMEOUT_MS = 10;

/**
 * Takes the write lock when a transaction begins. SQLite's default takes it at the first write, and fails
 * instead of waiting when another process has written since the transaction's first read. It waits between
 * attempts itself, because SQLite's own waiting would stand on the event loop.
 */
class ImmediateSqliteDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    const deadline = Date.now() + BUSY_TIMEOUT_MS;
    for (;;) {
      try {
        return void (await connection.executeQuery(CompiledQuery.raw('begin immediate')));
      } catch (error) {
        if (!isBusy(error) || Date.now() > deadline) throw error;
        await sleep(BUSY_RETRY_MS);
      }
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY';
}

class ImmediateSqliteDialect extends SqliteDialect {
  readonly #database: Libsql.Database;

  constructor(database: Libsql.Database) {
    super({ database });
    this.#database = database;
  }

  override createDriver(): Driver {
    return new ImmediateSqliteDriver({ database: this.#database });
  }
}

/**
 * A SQLite file as Kysely uses it; the file and its folder are made when missing.
 * @param path the file's path, or `:memory:`
 * @throws Error when the file cannot be opened or written
 */
export function openSqlite(path: string): SqliteDialect {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  const database = new Libsql(path, { timeout: STATEMENT_BUSY_TIMEOUT_MS });
  try {
    database.exec('pragma journal_mode = wal');
    database.exec('pragma synchronous = normal');
    database.exec('pragma foreign_keys = on');
  } catch (error) {
    database.close();
    throw error;
  }
  return new ImmediateSqliteDialect(database);
}
