import { StoreUnavailableError } from './errors.ts';

/** SQLSTATE classes and codes (PostgreSQL, appendix A) of a server that cannot serve: connection, login, resources, shutdown. */
const POSTGRES_GONE = /^(08|28|53|57|58|3D000|25006|55P03)/;
/** Result codes of SQLite for a file that cannot be read or written now. */
const SQLITE_GONE = /^SQLITE_(BUSY|LOCKED|CANTOPEN|IOERR|FULL|READONLY|CORRUPT|NOTADB|PERM|AUTH|NOMEM)/;
/** Codes of MySQL and MariaDB for the same. */
const MYSQL_GONE =
  /^(PROTOCOL_|POOL_|ER_(SERVER_SHUTDOWN|CON_COUNT_ERROR|TOO_MANY_USER_CONNECTIONS|LOCK_WAIT_TIMEOUT|OPTION_PREVENTS_STATEMENT|DISK_FULL|RECORD_FILE_FULL|ACCESS_DENIED_ERROR|DBACCESS_DENIED_ERROR|BAD_DB_ERROR|NORMAL_SHUTDOWN|UNKNOWN_COM_ERROR))/;
/** Codes of the operating system, such as `ECONNREFUSED`. */
const SYSTEM_GONE = /^E[A-Z_]+$/;
/** What the drivers say, without a code, of a connection that ended. */
const MESSAGE_GONE =
  /connection (terminated|ended|lost|failed|is closed|is in closed state)|timeout exceeded when trying to connect|pool is closed|after calling end|ConnectionFailed|connection is not open|client has encountered a connection error|driver has already been destroyed/i;

/** Transactions that lost against another and will pass when run again: serialization failure, deadlock. */
const CONFLICT = /^(40001|40P01|ER_LOCK_DEADLOCK)$/;

/** Whether the transaction failed only because another ran at the same time. */
export function isConflict(error: unknown): boolean {
  return CONFLICT.test(codeOf(error));
}

/**
 * A driver's error as the store reports it: a database that is gone as `StoreUnavailableError`,
 * everything else (a mistake of ours, an error of the caller's) unchanged.
 */
export function translate(error: unknown): unknown {
  return isGone(error) ? new StoreUnavailableError(error) : error;
}

function isGone(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof StoreUnavailableError) return false;
  const code = codeOf(error);
  if (code === 'timed-out' || isConflict(error)) return true;
  if ([POSTGRES_GONE, SQLITE_GONE, MYSQL_GONE, SYSTEM_GONE].some((known) => known.test(code))) return true;
  if ('fatal' in error && error.fatal === true) return true;
  return MESSAGE_GONE.test(error.message);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
