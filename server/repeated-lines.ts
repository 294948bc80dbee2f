/** For how long a log line about the same thing is not written again, in milliseconds. */
export const REPEATED_LINE_MS = 60_000;
/** Things remembered at a time: whoever makes the server log must not fill its memory. */
const KEYS_MAX = 1000;

interface Line {
  readonly writtenAt: number;
  suppressed: number;
}

/** Keeps what anybody can cause from flooding the log: one line a minute about each thing. */
export class RepeatedLines {
  readonly #lines = new Map<string, Line>();

  /**
   * Whether a line about this is due.
   * @param key what it is about
   * @param now milliseconds of any steady clock
   * @returns how many were left out since the last one; undefined when this one is to be left out too
   */
  due(key: string, now: number): number | undefined {
    const line = this.#lines.get(key);
    if (line && now - line.writtenAt < REPEATED_LINE_MS) {
      line.suppressed += 1;
      return undefined;
    }
    this.#lines.delete(key);
    if (this.#lines.size >= KEYS_MAX) this.#forget(now);
    // Somebody makes up ever new things: what is known of them by now is enough.
    if (this.#lines.size >= KEYS_MAX) return undefined;
    this.#lines.set(key, { writtenAt: now, suppressed: 0 });
    return line?.suppressed ?? 0;
  }

  #forget(now: number): void {
    for (const [key, { writtenAt }] of this.#lines) {
      if (now - writtenAt >= REPEATED_LINE_MS) this.#lines.delete(key);
    }
  }
}
