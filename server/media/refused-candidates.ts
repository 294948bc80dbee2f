import type { Logger } from 'pino';
import { RepeatedLines } from '../repeated-lines.ts';

/**
 * The candidates that the media server refuses in one pipeline. A page can send as many as it likes, so they
 * are told in one line a minute: how many there were, and why the last one was refused.
 */
export class RefusedCandidates {
  readonly #logger: Logger;
  readonly #lines = new RepeatedLines();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** @param endpoint Kurento's id of the endpoint that the candidate was for */
  add(endpoint: string, error: unknown): void {
    const suppressed = this.#lines.due('candidate', performance.now());
    if (suppressed === undefined) return;
    const reason = error instanceof Error ? error.message : String(error);
    this.#logger.info({ endpoint, reason, suppressed }, 'A candidate was not accepted');
  }
}
