/** A group that must exist does not. */
export class UnknownGroupError extends Error {
  override readonly name = 'UnknownGroupError';
  readonly code = 'unknown-group';

  constructor(groupId: string) {
    super(`There is no group "${groupId}".`);
  }
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
