/** How often every endpoint does its periodic work. */
export const TICK_MS = 100;
const OVERLOAD_LAG_MS = 50;
const RECOVERED_LAG_MS = 20;
/** One late tick may be the scheduler's; a growing queue makes every tick late. */
const LATE_TICKS = 3;

/**
 * @param nowMs monotonic, as `performance.now()`
 * @param tick counts the ticks
 */
type Tick = (nowMs: number, tick: number) => void;

/**
 * One timer for all endpoints, because timers cost. It also measures how late the event loop is: packets then queue
 * up in front of it, and `overloaded` tells the streams to drop video.
 */
export class Ticker {
  readonly #listeners = new Set<Tick>();
  #timer: NodeJS.Timeout | null = null;
  #dueMs = 0;
  #tick = 0;
  #lateTicks = 0;
  overloaded = false;

  /** @returns a function that unsubscribes */
  subscribe(listener: Tick): () => void {
    this.#listeners.add(listener);
    if (!this.#timer) {
      this.#dueMs = performance.now() + TICK_MS;
      this.#timer = setInterval(() => this.#run(performance.now()), TICK_MS).unref();
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0 || !this.#timer) return;
      clearInterval(this.#timer);
      this.#timer = null;
      this.overloaded = false;
    };
  }

  #run(nowMs: number): void {
    const lagMs = nowMs - this.#dueMs;
    this.#lateTicks = lagMs > OVERLOAD_LAG_MS ? this.#lateTicks + 1 : 0;
    this.overloaded = this.overloaded ? lagMs > RECOVERED_LAG_MS : this.#lateTicks >= LATE_TICKS;
    this.#dueMs = nowMs + TICK_MS;
    this.#tick++;
    for (const listener of this.#listeners) listener(nowMs, this.#tick);
  }
}

/** The process's ticker. */
export const ticker = new Ticker();
