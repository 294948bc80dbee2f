/** The database cannot be reached, read or written now. That passes: the same request can be tried again. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
  readonly code = 'store-unavailable';

  /** @param cause what the database's driver said */
  constructor(cause: unknown) {
    const detail = cause instanceof Error ? cause.message || String(cause.name) : String(cause);
    super(`The membership database cannot be used now (${detail}).`, { cause });
  }
}

/** `DATABASE_URL` names no database that this server knows. */
export class DatabaseUrlError extends Error {
  override readonly name = 'DatabaseUrlError';
  readonly code = 'bad-database-url';
}

/** The `after` of a page query is not the `next` of a page before. */
export class BadCursorError extends Error {
  override readonly name = 'BadCursorError';
  readonly code = 'bad-request';

  constructor() {
    super('"after" must be the "next" of the page before.');
  }
}
