import { setTimeout as sleep } from 'node:timers/promises';
import { Kysely, sql, type Dialect, type Transaction } from 'kysely';
import type { Logger } from 'pino';
import { bounded } from './bounded.ts';
import { parseDatabaseUrl, type DatabaseAddress, type Engine } from './database-url.ts';
import { StoreUnavailableError } from './errors.ts';
import { isConflict, translate } from './failures.ts';
import { migrate } from './migrations.ts';
import { openMysql } from './mysql-dialect.ts';
import { openPostgres } from './postgres-dialect.ts';
import type { Tables } from './schema.ts';
import { openSqlite } from './sqlite-dialect.ts';

const QUERY_TIMEOUT_MS = 5_000;
/** A database server may still be starting; a file is there or is not. */
const OPEN_TIMEOUT_MS = { sqlite: 3_000, postgres: 15_000, mysql: 15_000 } as const;
const OPEN_RETRY_MS = 300;
const CLOSE_TIMEOUT_MS = 2_000;
/** How often a transaction is run that loses against others that run at the same time. */
const TRANSACTION_ATTEMPTS = 5;

/** What `Database.open` can be told. */
export interface DatabaseOptions {
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** How long to wait for a connection and for each answer, in milliseconds; default 5,000. */
  readonly queryTimeoutMs?: number | undefined;
  /** How long to wait at the start for a database that does not answer yet, in milliseconds; default 15,000, for a file 3,000. */
  readonly openTimeoutMs?: number | undefined;
}

/** A database with this version's tables. Its failures are `StoreUnavailableError`; it recovers by itself. */
export class Database {
  readonly engine: Engine;
  readonly #db: Kysely<Tables>;

  private constructor(engine: Engine, db: Kysely<Tables>) {
    this.engine = engine;
    this.#db = db;
  }

  /**
   * Opens a database and makes its tables. Waits a while for one that is still starting.
   * @param url `DATABASE_URL`
   * @throws DatabaseUrlError, or StoreUnavailableError when it does not answer in time
   */
  static async open(url: string, options: DatabaseOptions): Promise<Database> {
    const address = parseDatabaseUrl(url);
    const deadline = Date.now() + (options.openTimeoutMs ?? OPEN_TIMEOUT_MS[address.engine]);
    for (;;) {
      try {
        return await Database.#openOnce(address, options.queryTimeoutMs ?? QUERY_TIMEOUT_MS);
      } catch (error) {
        if (!(error instanceof StoreUnavailableError) || Date.now() + OPEN_RETRY_MS > deadline) throw error;
        options.logger.warn({ err: error, engine: address.engine }, 'database not ready, trying again');
        await sleep(OPEN_RETRY_MS);
      }
    }
  }

  static async #openOnce(address: DatabaseAddress, queryTimeoutMs: number): Promise<Database> {
    let db: Kysely<Tables> | undefined;
    try {
      db = new Kysely<Tables>({ dialect: openDialect(address, queryTimeoutMs) });
      await migrate(db, address.engine);
      return new Database(address.engine, db);
    } catch (error) {
      await db?.destroy().catch(() => undefined);
      throw translate(error);
    }
  }

  /** @throws StoreUnavailableError when the database does not answer */
  async check(): Promise<void> {
    await this.read((db) => sql`select 1`.execute(db));
  }

  /**
   * Runs statements that need no transaction.
   * @throws StoreUnavailableError when the database does not answer
   */
  async read<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    try {
      return await work(this.#db);
    } catch (error) {
      throw translate(error);
    }
  }

  /**
   * Runs statements of which all or none take effect; again when they lost against others.
   * @param work may be called several times
   * @throws StoreUnavailableError when the database does not answer
   */
  async transaction<T>(work: (trx: Transaction<Tables>) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#begin().execute(work);
      } catch (error) {
        if (!isConflict(error) || attempt === TRANSACTION_ATTEMPTS) throw translate(error);
      }
    }
  }

  /** Ends all connections; a connection that does not answer is left to the process's end. */
  async close(): Promise<void> {
    await bounded(this.#db.destroy(), CLOSE_TIMEOUT_MS, () => undefined).catch(() => undefined);
  }

  /** With `read committed` neither server locks the gaps between rows, so imports do not block each other. */
  #begin() {
    const transaction = this.#db.transaction();
    return this.engine === 'sqlite' ? transaction : transaction.setIsolationLevel('read committed');
  }
}

function openDialect(address: DatabaseAddress, queryTimeoutMs: number): Dialect {
  switch (address.engine) {
    case 'sqlite':
      return openSqlite(address.path);
    case 'postgres':
      return openPostgres(address.url, queryTimeoutMs);
    case 'mysql':
      return openMysql(address.url, queryTimeoutMs);
  }
}
