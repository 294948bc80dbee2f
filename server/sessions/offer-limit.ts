import { ProtocolError } from '../../protocol/index.ts';
import { OFFERS_MAX } from './limits.ts';
import { SlidingWindow } from './sliding-window.ts';

const WINDOW_MS = 10_000;

/**
 * How often each link may be offered anew: every offer makes an endpoint. A link is one person's media connection for
 * one sender, so that who joins a large room may offer for all who are in it at once.
 */
export class OfferLimit {
  readonly #offers: SlidingWindow;

  /** @param max offers for one link within 10 s */
  constructor(max = OFFERS_MAX) {
    this.#offers = new SlidingWindow(WINDOW_MS, max);
  }

  /**
   * Takes note of an offer.
   * @param name whose it is
   * @param endpoint which of that person's: in a room, for the media of which sender
   * @param at milliseconds of any clock that does not go back
   * @throws ProtocolError `rate-limited`
   */
  take(name: string, endpoint: string, at: number): void {
    const link = JSON.stringify([name, endpoint]);
    const wait = this.#offers.waitOf(link, at);
    if (wait > 0) {
      const retryAfterMs = Math.ceil(wait);
      throw new ProtocolError('rate-limited', 'Too many offers in too short a time.', { retryAfterMs });
    }
    this.#offers.take(link, at);
  }
}
