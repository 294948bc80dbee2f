/** An estimate this far below the sent bit rate means congestion. */
const CONGESTED_RATIO = 0.9;
const CONGESTED_LOSS = 0.1;
/** Congestion must last, because a new subscriber's estimate starts low and rises. */
const CONGESTED_REPORTS = 3;
const MIN_LIMIT_BPS = 100_000;
/** A source that uses less than this part of the limit for a while is not restricted by it. */
const UNUSED_RATIO = 0.7;
const UNUSED_REPORTS = 5;

/**
 * How much one subscriber can receive, as far as it restricts the source. A subscriber's estimate (REMB) follows what
 * it is sent, so it is meaningful only while it stays below that, or while there is loss.
 */
export class SubscriberLimit {
  #estimateBps = 0;
  #limitBps = Infinity;
  #congested = 0;
  #unused = 0;
  #bytesBefore = 0;
  #updatedMs = 0;

  /** The browser's last estimate, bit/s; 0 when none came. */
  get estimateBps(): number {
    return this.#estimateBps;
  }

  /** Bit/s; `Infinity` when this subscriber does not restrict its source. */
  get limitBps(): number {
    return this.#limitBps;
  }

  /** @param bps the browser's estimate */
  estimate(bps: number): void {
    this.#estimateBps = bps;
  }

  /**
   * To be called about once a second.
   * @param bytesSent in all
   * @param fractionLost 0…1 as the browser reported last
   */
  update(bytesSent: number, fractionLost: number, nowMs: number): void {
    const elapsedMs = nowMs - this.#updatedMs;
    const sentBps = elapsedMs > 0 ? ((bytesSent - this.#bytesBefore) * 8000) / elapsedMs : 0;
    const isFirst = this.#updatedMs === 0;
    this.#bytesBefore = bytesSent;
    this.#updatedMs = nowMs;
    if (isFirst || this.#estimateBps === 0 || sentBps === 0) return;
    const congested = this.#estimateBps < sentBps * CONGESTED_RATIO || fractionLost > CONGESTED_LOSS;
    this.#congested = congested ? this.#congested + 1 : 0;
    this.#unused = sentBps < this.#limitBps * UNUSED_RATIO ? this.#unused + 1 : 0;
    if (this.#congested >= CONGESTED_REPORTS) {
      this.#limitBps = Math.max(MIN_LIMIT_BPS, Math.min(this.#estimateBps, sentBps));
    } else if (!congested && this.#limitBps !== Infinity) {
      if (this.#unused >= UNUSED_REPORTS) this.#limitBps = Infinity;
      else this.#limitBps = Math.max(this.#limitBps, this.#estimateBps);
    }
  }
}

/**
 * The limit of all receivers together: the median, so that one slow receiver does not degrade the picture for
 * everyone.
 */
export function commonLimit(limitsBps: readonly number[]): number {
  const sorted = [...limitsBps].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Infinity;
}
