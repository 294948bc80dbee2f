const RETRY_INTERVAL_MS = 100;
const MAX_REQUESTS = 5;
/** More than this cannot be caught up with; a key frame will mend it. */
const MAX_MISSING = 300;

interface Missing {
  readonly extended: number;
  requests: number;
  nextAtMs: number;
}

/** The gaps in a stream that the sender is asked to fill: at once, then every 100 ms, five times in all. */
export class MissingPackets {
  #missing: Missing[] = [];

  /**
   * Notes a gap, `from` included, `to` not.
   * @returns false when the gap is too wide to be filled; then nothing is asked for any more
   */
  add(from: number, to: number, nowMs: number): boolean {
    if (this.#missing.length + to - from > MAX_MISSING) {
      this.clear();
      return false;
    }
    for (let extended = from; extended < to; extended++)
      this.#missing.push({ extended, requests: 0, nextAtMs: nowMs });
    return true;
  }

  arrived(extended: number): void {
    const index = this.#missing.findIndex((missing) => missing.extended === extended);
    if (index >= 0) this.#missing.splice(index, 1);
  }

  /** Sequence numbers (16 bit) to be asked for now; counts as asked. */
  due(nowMs: number): number[] {
    if (this.#missing.length === 0) return [];
    this.#missing = this.#missing.filter(
      ({ requests, nextAtMs }) => requests < MAX_REQUESTS || nextAtMs > nowMs,
    );
    const due = this.#missing.filter(
      ({ nextAtMs, requests }) => requests < MAX_REQUESTS && nextAtMs <= nowMs,
    );
    for (const missing of due) {
      missing.requests++;
      missing.nextAtMs = nowMs + RETRY_INTERVAL_MS;
    }
    return due.map(({ extended }) => extended & 0xffff);
  }

  clear(): void {
    this.#missing = [];
  }
}
