/** How often to ask and how long to wait for a sign of life, in milliseconds. */
export interface Pace {
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/** Without a call: keeps proxies from closing the socket. */
export const IDLE_PACE: Pace = { intervalMs: 25_000, timeoutMs: 10_000 };
/** During a call: a cut cable, which closes nothing, is noticed within five seconds. */
export const CALL_PACE: Pace = { intervalMs: 2_000, timeoutMs: 3_000 };

/** How long to wait for a sign of life when the network has changed, in milliseconds. */
export const SUSPICION_TIMEOUT_MS = 2_000;

/** Notices a socket that is dead but was never closed. Every frame is a sign of life. */
export class Heartbeat {
  readonly #ping: () => void;
  readonly #dead: () => void;
  #pace: Pace = IDLE_PACE;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param ping asks the other side for a sign of life
   * @param dead is called once when none came in time
   */
  constructor(ping: () => void, dead: () => void) {
    this.#ping = ping;
    this.#dead = dead;
  }

  /** Begins, or begins anew with another pace. */
  start(pace: Pace): void {
    this.#pace = pace;
    this.alive();
  }

  /** A frame came. */
  alive(): void {
    this.#schedule(() => this.#ask(this.#pace.timeoutMs), this.#pace.intervalMs);
  }

  /** Asks at once, because something suggests that the socket is dead. */
  suspect(): void {
    this.#ask(SUSPICION_TIMEOUT_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #ask(timeoutMs: number): void {
    this.#schedule(this.#dead, timeoutMs);
    this.#ping();
  }

  #schedule(action: () => void, delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, delayMs);
  }
}
