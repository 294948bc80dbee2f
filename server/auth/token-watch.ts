import { msToNextPhase, tokenLife, type TokenLife, type TokenPhase, tokenPhase } from './token-life.ts';

/**
 * Longest time until the clock is looked at again, in milliseconds. Node's timers take no more than 24.8 days,
 * and the clock may be set meanwhile.
 */
const LONGEST_TIMER_MS = 24 * 60 * 60 * 1000;

export interface TokenWatchOptions {
  /** The token runs out soon; told once for each token. */
  readonly onExpiring: () => void;
  /** The token has run out; told again, every `recheckMs`, for as long as the watch goes on. */
  readonly onExpired: () => void;
  readonly recheckMs: number;
}

/** Watches over the token of one connection. */
export class TokenWatch {
  readonly #options: TokenWatchOptions;
  #life: TokenLife | undefined;
  #isFirst = true;
  #told: TokenPhase = 'valid';
  #timer: NodeJS.Timeout | undefined;

  constructor(options: TokenWatchOptions) {
    this.#options = options;
  }

  /** Whether the token has run out. */
  get isExpired(): boolean {
    return tokenPhase(this.#life, Date.now()) === 'expired';
  }

  /**
   * Begins, or goes on with another token.
   * @param expiresAt when the token runs out, in milliseconds since 1970; undefined: never
   */
  watch(expiresAt: number | undefined): void {
    this.#life = tokenLife(expiresAt, this.#isFirst ? undefined : Date.now());
    this.#isFirst = false;
    this.#told = 'valid';
    this.#check();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #check(): void {
    clearTimeout(this.#timer);
    const now = Date.now();
    const phase = tokenPhase(this.#life, now);
    const waitMs = phase === 'expired' ? this.#options.recheckMs : msToNextPhase(this.#life, now);
    if (waitMs !== undefined) {
      this.#timer = setTimeout(() => this.#check(), Math.min(waitMs, LONGEST_TIMER_MS));
    }
    const isNews = phase !== this.#told;
    this.#told = phase;
    // Last, as it may end in another token or in none.
    if (phase === 'expired') this.#options.onExpired();
    else if (phase === 'expiring' && isNews) this.#options.onExpiring();
  }
}
