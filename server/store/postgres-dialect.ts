import {
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  type PostgresQueryResult,
} from 'kysely';
import pg from 'pg';
import { bounded } from './bounded.ts';
import { StoreUnavailableError } from './errors.ts';

const POOL_SIZE = 10;
/** PostgreSQL's type number of `bigint`, which `pg` gives as text. */
const BIGINT_OID = 20;

/**
 * A PostgreSQL database as Kysely uses it.
 * @param url `postgres://…`
 * @param timeoutMs how long to wait for a connection, and for each answer, in milliseconds
 */
export function openPostgres(url: string, timeoutMs: number): PostgresDialect {
  return new PostgresDialect({ pool: new BoundedPostgresPool(url, timeoutMs) });
}

/** A pool that ends a connection which does not answer in time, instead of lending it out again. */
class BoundedPostgresPool implements PostgresPool {
  readonly #pool: pg.Pool;
  readonly #timeoutMs: number;

  constructor(url: string, timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    const types = new pg.TypeOverrides();
    types.setTypeParser(BIGINT_OID, Number);
    this.#pool = new pg.Pool({
      connectionString: url,
      max: POOL_SIZE,
      connectionTimeoutMillis: timeoutMs,
      keepAlive: true,
      allowExitOnIdle: true,
      application_name: 'video-call',
      types,
    });
    // A lost connection shows at its next query; without a listener its event would end the process.
    this.#pool.on('error', () => undefined);
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
  }

  /** Whatever keeps it from connecting may be mended outside: a server that is down, a password that is wrong. */
  async connect(): Promise<PostgresPoolClient> {
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw new StoreUnavailableError(error);
    });
    return new BoundedPostgresClient(client, this.#timeoutMs);
  }

  end(): Promise<void> {
    return this.#pool.end();
  }
}

class BoundedPostgresClient implements PostgresPoolClient {
  readonly #client: pg.PoolClient;
  readonly #timeoutMs: number;
  #isReleased = false;

  constructor(client: pg.PoolClient, timeoutMs: number) {
    this.#client = client;
    this.#timeoutMs = timeoutMs;
  }

  query<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query(cursor: never): never;
  async query(sql: string, parameters: readonly unknown[] = []): Promise<unknown> {
    try {
      return await this.#query(sql, parameters);
    } catch (error) {
      if (sql !== 'rollback') throw error;
      // The failure that led to the rollback is the one to tell, and without the connection all is undone.
      this.#release(true);
      return { command: 'ROLLBACK', rowCount: 0, rows: [] };
    }
  }

  release(): void {
    this.#release(false);
  }

  async #query(sql: string, parameters: readonly unknown[]): Promise<unknown> {
    if (this.#isReleased) throw new Error('Connection terminated');
    const answer = this.#client.query(sql, [...parameters]);
    return await bounded(answer, this.#timeoutMs, () => this.#release(true));
  }

  #release(isBroken: boolean): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#client.release(isBroken);
  }
}
