const RETRY_INTERVAL_MS = 100;
const MAX_REQUESTS = 5;
/** A wider loss is not worth retransmitting; a key frame repairs it. */
const MAX_QUEUED_PACKETS = 300;

interface LostPacket {
  readonly extendedSequenceNumber: number;
  requests: number;
  nextAtMs: number;
}

/**
 * The packets of one stream that are missing and to be requested by generic NACK (RFC 4585, section 6.2.1): at once,
 * then every 100 ms, five times in all.
 */
export class NackQueue {
  #lost: LostPacket[] = [];

  /**
   * Adds a gap of extended sequence numbers, `from` included, `to` excluded.
   * @returns false when there would be too many to request; the queue is empty then
   */
  add(from: number, to: number, nowMs: number): boolean {
    if (this.#lost.length + to - from > MAX_QUEUED_PACKETS) {
      this.clear();
      return false;
    }
    for (let extendedSequenceNumber = from; extendedSequenceNumber < to; extendedSequenceNumber++)
      this.#lost.push({ extendedSequenceNumber, requests: 0, nextAtMs: nowMs });
    return true;
  }

  /** Removes a packet that arrived after all. */
  remove(extendedSequenceNumber: number): void {
    const index = this.#lost.findIndex((lost) => lost.extendedSequenceNumber === extendedSequenceNumber);
    if (index >= 0) this.#lost.splice(index, 1);
  }

  /** The sequence numbers (16 bit) to request now; each call counts as a request. */
  takeDue(nowMs: number): number[] {
    if (this.#lost.length === 0) return [];
    this.#lost = this.#lost.filter(({ requests, nextAtMs }) => requests < MAX_REQUESTS || nextAtMs > nowMs);
    const due = this.#lost.filter(({ nextAtMs, requests }) => requests < MAX_REQUESTS && nextAtMs <= nowMs);
    for (const lost of due) {
      lost.requests++;
      lost.nextAtMs = nowMs + RETRY_INTERVAL_MS;
    }
    return due.map(({ extendedSequenceNumber }) => extendedSequenceNumber & 0xffff);
  }

  clear(): void {
    this.#lost = [];
  }
}
