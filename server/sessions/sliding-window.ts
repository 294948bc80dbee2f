/** Counts what each of many does within a window of time, so that none does too much of it. */
export class SlidingWindow {
  readonly #windowMs: number;
  readonly #max: number;
  readonly #taken = new Map<string, readonly { readonly at: number; readonly weight: number }[]>();
  #sweptAt = -Infinity;

  /**
   * @param windowMs the window's length in milliseconds
   * @param max how much of it each may do within the window
   */
  constructor(windowMs: number, max: number) {
    this.#windowMs = windowMs;
    this.#max = max;
  }

  /**
   * How long one must wait until it may do so much more, in milliseconds; 0: it may now.
   * @param at milliseconds of any clock that does not go back
   */
  waitOf(key: string, at: number, weight = 1): number {
    const recent = this.#recent(key, at);
    let room = this.#max - recent.reduce((sum, taken) => sum + taken.weight, 0);
    if (weight <= room) return 0;
    for (const taken of recent) {
      room += taken.weight;
      if (weight <= room) return taken.at + this.#windowMs - at;
    }
    return this.#windowMs;
  }

  /** Counts that it has been done. */
  take(key: string, at: number, weight = 1): void {
    this.#sweep(at);
    this.#taken.set(key, [...this.#recent(key, at), { at, weight }]);
  }

  #recent(key: string, at: number) {
    return (this.#taken.get(key) ?? []).filter((taken) => at - taken.at < this.#windowMs);
  }

  /** Forgets, once in a window, those who have done nothing within it. */
  #sweep(at: number): void {
    if (at - this.#sweptAt < this.#windowMs) return;
    this.#sweptAt = at;
    for (const key of this.#taken.keys()) if (this.#recent(key, at).length === 0) this.#taken.delete(key);
  }
}
