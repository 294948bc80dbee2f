/** An estimate this far under what is sent says that the way is congested. */
const CONGESTED_RATIO = 0.9;
const CONGESTED_LOSS = 0.1;
/** It must last, because a newcomer's estimate begins low and climbs. */
const CONGESTED_REPORTS = 3;
const MIN_LIMIT_BPS = 100_000;
/** When the source uses less than this part of the limit for a while, the limit is not what holds it. */
const UNUSED_RATIO = 0.7;
const UNUSED_REPORTS = 5;

/**
 * What one receiver can take, as far as it limits its source. A receiver's estimate (REMB) follows what it is
 * sent, so it says something only when it stays below that; loss likewise.
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

  /** Bit/s; `Infinity` when this receiver does not limit its source. */
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
 * What all receivers together allow: the lone one decides, of several the middle one, so that one slow
 * receiver does not spoil the picture for everyone.
 */
export function commonLimit(limitsBps: readonly number[]): number {
  const sorted = [...limitsBps].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Infinity;
}
