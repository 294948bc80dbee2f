import type { ReceptionReport } from './rtcp-writer.ts';

/** A sequence number this far from the expected one is a restart, not a gap (MAX_DROPOUT of RFC 3550, A.1). */
const MAX_JUMP = 3000;

/** Reception statistics of one SSRC: extended sequence numbers, loss, jitter (RFC 3550, appendix A). */
export class ReceptionStatistics {
  readonly #clockRate: number;
  #highest = -1;
  #base = 0;
  #received = 0;
  #expectedBefore = 0;
  #receivedBefore = 0;
  #transit = 0;
  #jitter = 0;
  fractionLost = 0;

  /** @param clockRate of the RTP timestamps, Hz */
  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  /** The highest extended sequence number so far, −1 before the first. */
  get highest(): number {
    return this.#highest;
  }

  get packetsLost(): number {
    return this.#highest < 0 ? 0 : this.#highest - this.#base + 1 - this.#received;
  }

  get jitterSeconds(): number {
    return this.#jitter / this.#clockRate;
  }

  /**
   * Extends a sequence number by its wraps.
   * @returns −1 when it is too far from the others to belong to the same sequence
   */
  extend(sequenceNumber: number): number {
    // Starts with one wrap, so that the numbers of reordered packets before the first one stay positive.
    if (this.#highest < 0) return sequenceNumber + 0x10000;
    const distance = ((sequenceNumber - this.#highest + 0x8000) & 0xffff) - 0x8000;
    return Math.abs(distance) > MAX_JUMP ? -1 : this.#highest + distance;
  }

  /** Counts a packet that is not a duplicate. */
  count(extended: number, timestamp: number, arrivalMs: number): void {
    const transit = (arrivalMs * this.#clockRate) / 1000 - timestamp;
    if (this.#highest < 0) {
      this.#base = this.#highest = extended;
    } else if (extended > this.#highest) {
      this.#highest = extended;
      // A timestamp that wraps is not jitter.
      const difference = Math.abs(transit - this.#transit);
      if (difference < this.#clockRate * 10) this.#jitter += (difference - this.#jitter) / 16;
    }
    this.#transit = transit;
    this.#received++;
  }

  /** The report on the time since the previous one. */
  report(ssrc: number, lastSenderReport: number, delaySinceLastSenderReport: number): ReceptionReport {
    const expected = this.#highest < 0 ? 0 : this.#highest - this.#base + 1;
    const expectedNow = expected - this.#expectedBefore;
    const lostNow = expectedNow - (this.#received - this.#receivedBefore);
    this.#expectedBefore = expected;
    this.#receivedBefore = this.#received;
    this.fractionLost = expectedNow > 0 && lostNow > 0 ? lostNow / expectedNow : 0;
    return {
      ssrc,
      fractionLost: this.fractionLost,
      packetsLost: this.packetsLost,
      highestSequenceNumber: Math.max(0, this.#highest - 0x10000),
      jitter: Math.floor(this.#jitter),
      lastSenderReport,
      delaySinceLastSenderReport,
    };
  }
}
