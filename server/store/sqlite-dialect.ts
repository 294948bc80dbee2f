import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  SqliteDialect,
  SqliteDriver,
  type DatabaseConnection,
  type Driver,
  type SqliteDatabase,
  type SqliteStatement,
} from 'kysely';
import Libsql from 'libsql';
import { isBusy } from './failures.ts';
import { retry } from './retry.ts';

/** How long a transaction waits for another process that writes, counted from when it was asked for. */
const LOCK_TIMEOUT_MS = 5_000;
const LOCK_PAUSES = { firstPauseMs: 5, lastPauseMs: 20 } as const;
/** SQLite's own waiting stands on the event loop, so it may last no longer than this. */
const BLOCKING_TIMEOUT_MS = 1;

/**
 * A SQLite file as Kysely writes it; the file and its folder are made when missing.
 * @param path the file's path, or `:memory:`
 * @throws Error when the file cannot be opened or written
 */
export function openSqlite(path: string): SqliteDialect {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  const database = connect(path, ['journal_mode = wal', 'synchronous = normal', 'foreign_keys = on']);
  return new WritingDialect(database);
}

/**
 * A second connection to the same file, for reading: in WAL mode readers see the last committed state while
 * another connection writes, whichever process that belongs to.
 * It is made at the first statement.
 * @param path the path of a file that `openSqlite` has opened
 */
export function openSqliteReader(path: string): SqliteDialect {
  return new SqliteDialect({ database: new ReadingDatabase(path) });
}

function connect(path: string, pragmas: readonly string[]): Libsql.Database {
  const database = new Libsql(path, { timeout: BLOCKING_TIMEOUT_MS });
  try {
    for (const pragma of pragmas) database.exec(`pragma ${pragma}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

class WritingDialect extends SqliteDialect {
  readonly #database: Libsql.Database;

  constructor(database: Libsql.Database) {
    super({ database });
    this.#database = database;
  }

  override createDriver(): Driver {
    return new WritingDriver(this.#database);
  }
}

/**
 * Takes the write lock when a transaction begins. SQLite's default takes it at the first write, and fails
 * instead of waiting when another process has written since the transaction's first read.
 *
 * Transactions are begun and ended by `exec`: a prepared `begin immediate` that finds the file locked is never
 * reset by libsql, and as long as it lives no later transaction of the connection can be committed.
 */
class WritingDriver extends SqliteDriver {
  readonly #database: Libsql.Database;
  /** When the transaction that has the connection was asked for. */
  #askedAt = 0;

  constructor(database: Libsql.Database) {
    super({ database });
    this.#database = database;
  }

  /** Those that wait for the connection wait for the lock, too: each for its own time, not one after the other. */
  override async acquireConnection(): Promise<DatabaseConnection> {
    const askedAt = performance.now();
    const connection = await super.acquireConnection();
    this.#askedAt = askedAt;
    return connection;
  }

  override async beginTransaction(): Promise<void> {
    await this.rollbackTransaction();
    await this.#whenUnlocked('begin immediate');
  }

  override async commitTransaction(): Promise<void> {
    await this.#whenUnlocked('commit');
  }

  /** A full disk has rolled back already. What cannot be rolled back now is so when the next one begins. */
  override async rollbackTransaction(): Promise<void> {
    if (!this.#database.inTransaction) return;
    try {
      this.#database.exec('rollback');
    } catch {
      // The failure that led here is the one to tell.
    }
  }

  async #whenUnlocked(statement: string): Promise<void> {
    const forMs = this.#askedAt + LOCK_TIMEOUT_MS - performance.now();
    await retry(() => this.#database.exec(statement), { ...LOCK_PAUSES, when: isBusy, forMs });
  }
}

/**
 * A connection that only reads. A statement that finds the file locked is never reset by libsql, and would hold
 * the connection to the state that it saw then: after that the next statement gets a new connection.
 */
class ReadingDatabase implements SqliteDatabase {
  readonly #path: string;
  #database: Libsql.Database | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  prepare(sql: string): SqliteStatement {
    const statement = this.#guarded(() => this.#connect().prepare(sql));
    return {
      reader: true,
      all: (parameters) => this.#guarded(() => statement.all(parameters)),
      run: () => refuse(sql),
      iterate: () => refuse(sql),
    };
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
  }

  #connect(): Libsql.Database {
    return (this.#database ??= connect(this.#path, ['query_only = on']));
  }

  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (isBusy(error)) this.close();
      throw error;
    }
  }
}

function refuse(sql: string): never {
  throw new Error(`this connection only reads: ${sql}`);
}
