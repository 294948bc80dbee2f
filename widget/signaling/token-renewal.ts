import type { RegisterRejectionCode, Received } from '../../protocol/index.ts';

/** Pause after the first attempt that brought no token, in milliseconds; each one after it is twice as long. */
export const FIRST_RENEWAL_PAUSE_MS = 5_000;
/** Longest such pause, in milliseconds. */
const LONGEST_RENEWAL_PAUSE_MS = 5 * 60_000;

/** What renewing a token needs from outside. */
export interface TokenRenewalOptions {
  /**
   * Gets a token.
   * @returns undefined if there is no other one than that which runs out
   * @throws the page's backend does not answer with one
   */
  readonly findToken: () => Promise<string | undefined>;
  /** Shows a token to the server, which answers by `answered`. */
  readonly show: (token: string) => void;
}

/**
 * Gets another token for the one that runs out, and goes on trying until the server has accepted one: after its
 * end, too, a call still runs, and a late token lets the page begin new ones.
 */
export class TokenRenewal {
  readonly #options: TokenRenewalOptions;
  #isDue = false;
  #failures = 0;
  /** Tells the present attempt from those that were given up. */
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: TokenRenewalOptions) {
    this.#options = options;
  }

  /** The server says that the token runs out. */
  begin(): void {
    this.#isDue = true;
    this.#failures = 0;
    void this.#try();
  }

  /** There may be another token, or another socket to show it on: does not wait for the pause. */
  hurry(): void {
    if (this.#isDue) void this.#try();
  }

  /** The server has answered. */
  answered(code: 'accepted' | Received<RegisterRejectionCode>): void {
    if (code === 'accepted') this.stop();
    else this.#retry();
  }

  /** The socket is gone; what is due stays due. */
  pause(): void {
    this.#attempt += 1;
    clearTimeout(this.#timer);
  }

  /** Nothing is due any more. */
  stop(): void {
    this.#isDue = false;
    this.pause();
  }

  async #try(): Promise<void> {
    this.pause();
    const attempt = this.#attempt;
    const token = await this.#options.findToken().catch(() => undefined);
    if (attempt !== this.#attempt) return;
    if (token === undefined) this.#retry();
    else this.#options.show(token);
  }

  #retry(): void {
    if (!this.#isDue) return;
    clearTimeout(this.#timer);
    const pauseMs = Math.min(FIRST_RENEWAL_PAUSE_MS * 2 ** this.#failures, LONGEST_RENEWAL_PAUSE_MS);
    this.#failures += 1;
    this.#timer = setTimeout(() => void this.#try(), pauseMs);
  }
}
