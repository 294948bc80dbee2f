import { Kysely, sql, type SqliteDialect, type Transaction } from 'kysely';
import type { Logger } from 'pino';
import { bounded } from './bounded.ts';
import { parseDatabaseUrl, type DatabaseAddress, type Engine } from './database-url.ts';
import { StoreUnavailableError } from './errors.ts';
import { isBusy, isConflict, translate } from './failures.ts';
import { migrate } from './migrations.ts';
import { openMysql } from './mysql-dialect.ts';
import { openPostgres } from './postgres-dialect.ts';
import { retry } from './retry.ts';
import type { Tables } from './schema.ts';
import { openSqlite, openSqliteReader } from './sqlite-dialect.ts';

const QUERY_TIMEOUT_MS = 5_000;
/** A database server may still be starting; a file is there or is not. */
const OPEN_TIMEOUT_MS = { sqlite: 3_000, postgres: 15_000, mysql: 15_000 } as const;
const OPEN_PAUSES = { firstPauseMs: 250, lastPauseMs: 5_000 } as const;
const CLOSE_TIMEOUT_MS = 2_000;
/** How long a transaction is run again that loses against others which run at the same time. */
const CONFLICTS = { when: isConflict, firstPauseMs: 5, lastPauseMs: 100, forMs: 5_000 } as const;
/** How long a read waits in the rare moments in which even readers of a SQLite file are locked out. */
const LOCKED_OUT = { when: isBusy, firstPauseMs: 5, lastPauseMs: 20, forMs: 5_000 } as const;

/** What a `Database` can be told. */
export interface DatabaseOptions {
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** How long to wait for a connection and for each answer, in milliseconds; default 5,000. */
  readonly queryTimeoutMs?: number | undefined;
}

/** How a `Database` is opened. */
export interface OpenOptions {
  /** How long to go on while it does not answer, in milliseconds; default 15,000, for a file 3,000. */
  readonly timeoutMs?: number | undefined;
  /** What is to be done once it answers; done again when the database goes away meanwhile. */
  readonly prepare?: (() => Promise<void>) | undefined;
}

/** What transactions run on, and what reads without one; the same where the database has connections for all. */
interface Connections {
  readonly writer: Kysely<Tables>;
  readonly reader: Kysely<Tables>;
}

/**
 * A database with this version's tables. Its failures are `StoreUnavailableError`, also before it has been opened;
 * it recovers by itself.
 */
export class Database {
  readonly engine: Engine;
  readonly #address: DatabaseAddress;
  readonly #options: DatabaseOptions;
  readonly #closing = new AbortController();
  #opening: Promise<void> | undefined;
  #connections: Connections | undefined;

  /**
   * @param url `DATABASE_URL`
   * @throws DatabaseUrlError
   */
  constructor(url: string, options: DatabaseOptions) {
    this.#address = parseDatabaseUrl(url);
    this.engine = this.#address.engine;
    this.#options = options;
  }

  /**
   * Connects and makes the tables. Waits a while for a database that is still starting; returns early when closed.
   * @throws StoreUnavailableError when it does not answer in time
   */
  async open({ timeoutMs = OPEN_TIMEOUT_MS[this.engine], prepare }: OpenOptions = {}): Promise<void> {
    const opening = retry(
      async () => {
        this.#connections ??= await this.#connect();
        await prepare?.();
      },
      {
        ...OPEN_PAUSES,
        when: (error) => error instanceof StoreUnavailableError,
        forMs: timeoutMs,
        signal: this.#closing.signal,
        onFailure: (error) =>
          this.#options.logger.warn({ err: error, engine: this.engine }, 'no database yet; trying again'),
      },
    );
    this.#opening = opening.catch(() => undefined);
    await opening.catch((error: unknown) => {
      if (!this.#closing.signal.aborted) throw error;
    });
  }

  async #connect(): Promise<Connections> {
    const writer = openWriter(this.#address, this.#options.queryTimeoutMs ?? QUERY_TIMEOUT_MS);
    const reader = openReader(this.#address) ?? writer;
    const connections = { writer, reader };
    try {
      await migrate(writer, this.engine);
      await sql`select 1`.execute(reader);
      return connections;
    } catch (error) {
      await disconnect(connections).catch(() => undefined);
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
      return await retry(() => work(this.#opened().reader), LOCKED_OUT);
    } catch (error) {
      throw this.#failureOf(error);
    }
  }

  /**
   * Runs statements of which all or none take effect; again when they lost against others.
   * @param work may be called several times
   * @throws StoreUnavailableError when the database does not answer
   */
  async transaction<T>(work: (trx: Transaction<Tables>) => Promise<T>): Promise<T> {
    try {
      return await retry(() => this.#begin().execute(work), CONFLICTS);
    } catch (error) {
      throw this.#failureOf(error);
    }
  }

  /** Ends all connections; a connection that does not answer is left to the process's end. */
  async close(): Promise<void> {
    this.#closing.abort();
    const closing = async () => {
      await this.#opening;
      if (this.#connections) await disconnect(this.#connections);
    };
    await bounded(closing(), CLOSE_TIMEOUT_MS, () => undefined).catch(() => undefined);
  }

  #opened(): Connections {
    if (!this.#connections) throw new StoreUnavailableError(new Error('not opened yet'));
    return this.#connections;
  }

  #failureOf(error: unknown): unknown {
    return this.#closing.signal.aborted ? new StoreUnavailableError(error) : translate(error);
  }

  /** With `read committed` neither server locks the gaps between rows, so imports do not block each other. */
  #begin() {
    const transaction = this.#opened().writer.transaction();
    return this.engine === 'sqlite' ? transaction : transaction.setIsolationLevel('read committed');
  }
}

async function disconnect({ reader, writer }: Connections): Promise<void> {
  await reader.destroy();
  await writer.destroy();
}

function openWriter(address: DatabaseAddress, queryTimeoutMs: number): Kysely<Tables> {
  switch (address.engine) {
    case 'sqlite':
      return new Kysely({ dialect: openFile(address.path) });
    case 'postgres':
      return new Kysely({ dialect: openPostgres(address.url, queryTimeoutMs) });
    case 'mysql':
      return new Kysely({ dialect: openMysql(address.url, queryTimeoutMs) });
    default:
      return address satisfies never;
  }
}

/** SQLite has one connection for each purpose; what is in memory belongs to the connection that made it. */
function openReader(address: DatabaseAddress): Kysely<Tables> | undefined {
  if (address.engine !== 'sqlite' || address.path === ':memory:') return undefined;
  return new Kysely({ dialect: openSqliteReader(address.path) });
}

/** @throws StoreUnavailableError: whatever is in its way may be mended outside */
function openFile(path: string): SqliteDialect {
  try {
    return openSqlite(path);
  } catch (error) {
    throw new StoreUnavailableError(error);
  }
}
