import { ProtocolError } from '../../protocol/index.ts';
import { SlidingWindow } from './sliding-window.ts';

/** How often somebody may do something, and what is said to who does it too often. */
export interface QuotaRule {
  readonly max: number;
  readonly windowMs: number;
  /** What there would be too many of, as in "Too many calls in too short a time." */
  readonly what: string;
}

/** Lets each of many do something so often within a window of time, and tells who does more when to go on. */
export class Quota {
  readonly #rule: QuotaRule;
  readonly #window: SlidingWindow;

  /** @param max in place of the rule's */
  constructor(rule: QuotaRule, max = rule.max) {
    this.#rule = rule;
    this.#window = new SlidingWindow(rule.windowMs, max);
  }

  /**
   * @param key whose doing it is
   * @param at milliseconds of any clock that does not go back
   * @param weight how much of it is done at once
   * @throws ProtocolError `rate-limited`
   */
  require(key: string, at: number, weight = 1): void {
    const wait = this.#window.waitOf(key, at, weight);
    if (wait === 0) return;
    const message = `Too many ${this.#rule.what} in too short a time.`;
    throw new ProtocolError('rate-limited', message, { retryAfterMs: Math.ceil(wait) });
  }

  /**
   * Takes note that it is done, if it may be; parameters as for `require`.
   * @throws ProtocolError `rate-limited`
   */
  take(key: string, at: number, weight = 1): void {
    this.require(key, at, weight);
    this.#window.take(key, at, weight);
  }
}
