import { ProtocolError } from '../../protocol/index.ts';
import { SlidingWindow } from './sliding-window.ts';

/** How often each user may call: a call rings others, takes a media server and leaves a record, however short it is. */
export class CallLimit {
  readonly #calls: SlidingWindow;

  /**
   * @param max calls of one user within the window
   * @param windowMs the window's length in milliseconds
   */
  constructor(max: number, windowMs: number) {
    this.#calls = new SlidingWindow(windowMs, max);
  }

  /**
   * Takes note of a call.
   * @param name whose it is
   * @param at milliseconds of any clock that does not go back
   * @throws ProtocolError `rate-limited`
   */
  take(name: string, at: number): void {
    const wait = this.#calls.waitOf(name, at);
    if (wait > 0) {
      const retryAfterMs = Math.ceil(wait);
      throw new ProtocolError('rate-limited', 'Too many calls in too short a time.', { retryAfterMs });
    }
    this.#calls.take(name, at);
  }
}
