import { MysqlDialect, type MysqlPool, type MysqlPoolConnection, type MysqlQueryResult } from 'kysely';
import mysql from 'mysql2';
import { bounded } from './bounded.ts';
import { StoreUnavailableError } from './errors.ts';

const POOL_SIZE = 10;

/**
 * A MariaDB or MySQL database as Kysely uses it.
 * @param url `mysql://…`
 * @param timeoutMs how long to wait for a connection, and for each answer, in milliseconds
 */
export function openMysql(url: string, timeoutMs: number): MysqlDialect {
  return new MysqlDialect({ pool: new BoundedMysqlPool(url, timeoutMs) });
}

/** A pool that ends a connection which does not answer in time, instead of lending it out again. */
class BoundedMysqlPool implements MysqlPool {
  readonly #pool: mysql.Pool;
  readonly #timeoutMs: number;

  constructor(url: string, timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.#pool = mysql.createPool({
      uri: url,
      connectionLimit: POOL_SIZE,
      connectTimeout: timeoutMs,
      enableKeepAlive: true,
      charset: 'utf8mb4_bin',
      // Ids are VARBINARY, so that they compare byte by byte; the bytes are UTF-8.
      typeCast: (field, next) => (field.type === 'VAR_STRING' ? field.string('utf8') : next()),
    });
    // A lost connection shows at its next query; without a listener its event would end the process.
    this.#pool.on('connection', (connection) => connection.on('error', () => undefined));
  }

  /** Whatever keeps it from connecting may be mended outside: a server that is down, a password that is wrong. */
  getConnection(callback: (error: unknown, connection: MysqlPoolConnection) => void): void {
    let isTooLate = false;
    const connection = new Promise<mysql.PoolConnection>((resolve, reject) => {
      this.#pool.getConnection((error, connection) => {
        if (error) reject(error);
        else if (isTooLate) connection.release();
        else resolve(connection);
      });
    });
    bounded(connection, this.#timeoutMs, () => (isTooLate = true)).then(
      (connection) => callback(null, new BoundedMysqlConnection(connection, this.#timeoutMs)),
      (error: unknown) => callback(new StoreUnavailableError(error), undefined as never),
    );
  }

  end(callback: (error: unknown) => void): void {
    this.#pool.end(callback);
  }
}

class BoundedMysqlConnection implements MysqlPoolConnection {
  readonly #connection: mysql.PoolConnection;
  readonly #timeoutMs: number;
  #isReleased = false;

  constructor(connection: mysql.PoolConnection, timeoutMs: number) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
  }

  query(sql: string, parameters: unknown[]): never;
  query(
    sql: string,
    parameters: unknown[],
    callback: (error: unknown, result: MysqlQueryResult) => void,
  ): void;
  query(
    sql: string,
    parameters: unknown[],
    callback?: (error: unknown, result: MysqlQueryResult) => void,
  ): unknown {
    const answer = this.#query(sql, parameters);
    return bounded(answer, this.#timeoutMs, () => this.#destroy()).then(
      (result) => callback?.(null, result),
      (error: unknown) => {
        if (sql !== 'rollback') return callback?.(error, []);
        // The failure that led to the rollback is the one to tell, and without the connection all is undone.
        this.#destroy();
        callback?.(null, []);
      },
    );
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#connection.release();
  }

  #query(sql: string, parameters: unknown[]): Promise<MysqlQueryResult> {
    return new Promise((resolve, reject) => {
      if (this.#isReleased) return reject(new Error('Connection terminated'));
      this.#connection.query(sql, parameters, (error, result) => {
        if (error) reject(error);
        else resolve(result as MysqlQueryResult);
      });
    });
  }

  #destroy(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#connection.destroy();
  }
}
