import { StoreUnavailableError } from './errors.ts';

/** A file that is locked, a full disk, a disk that fails; the codes go on with details, as `SQLITE_IOERR_WRITE`. */
const SQLITE_PASSING = /^SQLITE_(BUSY|FULL|IOERR)/;

/**
 * SQLSTATEs (PostgreSQL, appendix A): connection, serialization failure, deadlock, resources such as a full disk,
 * shutdown and start.
 */
const POSTGRES_PASSING = /^(08...|40001|40P01|53...|57P..)$/;

/**
 * Error numbers of MySQL and MariaDB: disk full, too many connections, table full (which is what InnoDB says of a
 * full disk), lock wait timeout, deadlock, server gone, connection lost.
 */
const MYSQL_PASSING: ReadonlySet<unknown> = new Set([1021, 1040, 1114, 1205, 1213, 2006, 2013]);

/** What `pg` and `mysql2` say, without a code, of a connection that ended: the same as 08006 and 2013. */
const CONNECTION_ENDED =
  /connection (terminated|ended|lost)|(client has encountered a connection error|client was closed) and is not queryable|connection is in closed state/i;

/** Serialization failure and deadlock in PostgreSQL; MySQL's deadlock. */
const CONFLICTS: ReadonlySet<unknown> = new Set(['40001', '40P01', 1213]);

/** Whether the transaction failed only because another ran at the same time, and will pass when it is run again. */
export function isConflict(error: unknown): boolean {
  return CONFLICTS.has(codeOf(error)) || CONFLICTS.has(numberOf(error));
}

/** Whether SQLite found the file locked by another connection. */
export function isBusy(error: unknown): boolean {
  return codeOf(error).startsWith('SQLITE_BUSY');
}

/**
 * A driver's error as the store reports it: one that passes, so that the same can be tried again later, as
 * `StoreUnavailableError`; everything else (a mistake of ours, an error of the caller's) unchanged.
 */
export function translate(error: unknown): unknown {
  return error instanceof Error && passes(error) ? new StoreUnavailableError(error) : error;
}

function passes(error: Error): boolean {
  const code = codeOf(error);
  return (
    SQLITE_PASSING.test(code) ||
    POSTGRES_PASSING.test(code) ||
    MYSQL_PASSING.has(numberOf(error)) ||
    isConnectionLost(error)
  );
}

/** A connection that failed has no code of the database's: the operating system or the driver says so. */
function isConnectionLost(error: Error): boolean {
  return (
    codeOf(error) === 'timed-out' ||
    'syscall' in error ||
    ('fatal' in error && error.fatal === true) ||
    CONNECTION_ENDED.test(error.message)
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function numberOf(error: unknown): unknown {
  return error instanceof Error && 'errno' in error ? error.errno : undefined;
}
