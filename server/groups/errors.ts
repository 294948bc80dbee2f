/** The database does not answer, or not in time. It may come back: the same request can be tried again. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
  readonly code = 'store-unavailable';

  /** @param cause what the database's driver said */
  constructor(cause: unknown) {
    const detail = cause instanceof Error ? cause.message || String(cause.name) : String(cause);
    super(`The membership database does not answer (${detail}).`, { cause });
  }
}

/** A group that must exist does not. */
export class UnknownGroupError extends Error {
  override readonly name = 'UnknownGroupError';
  readonly code = 'unknown-group';

  constructor(groupId: string) {
    super(`There is no group "${groupId}".`);
  }
}

/** `DATABASE_URL` names no database that this server knows. */
export class DatabaseUrlError extends Error {
  override readonly name = 'DatabaseUrlError';
  readonly code = 'bad-database-url';
}

/** Data from outside that cannot be stored: nothing of it was. */
export class ImportError extends Error {
  override readonly name = 'ImportError';
  readonly code = 'bad-import';
  /** Where the mistake is, as a JSON path such as `$.groups[3].members[0].id`. */
  readonly path: string;

  /**
   * @param path where the mistake is; `$` is the whole document
   * @param problem what is wrong there: one sentence
   */
  constructor(path: string, problem: string) {
    super(`${path}: ${problem}`);
    this.path = path;
  }
}

/** The `after` of a page query is not the `next` of a page before. */
export class BadCursorError extends Error {
  override readonly name = 'BadCursorError';
  readonly code = 'bad-request';

  constructor() {
    super('"after" must be the "next" of the page before.');
  }
}
