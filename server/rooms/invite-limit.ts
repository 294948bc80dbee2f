import { FIRST_PROTOCOL_VERSION, ProtocolError } from '../../protocol/index.ts';
import { SlidingWindow } from '../sessions/sliding-window.ts';

const WINDOW_MS = 60_000;
/** `invite`s of one user within the window. */
const INVITES_MAX = 10;
/** Names in all of them together. Pages of protocol 1 may spread them over as many messages as they like. */
const INVITED_NAMES_MAX = 500;

/** How often each user may invite: every invitation costs a look at the whole group, and may ring many. */
export class InviteLimit {
  readonly #invites = new SlidingWindow(WINDOW_MS, INVITES_MAX);
  readonly #names = new SlidingWindow(WINDOW_MS, INVITED_NAMES_MAX);

  /**
   * Takes note of an `invite` of a user.
   * @param names how many it names
   * @param protocol the version of the protocol that its page speaks
   * @param at milliseconds of any clock that does not go back
   * @throws ProtocolError `rate-limited`
   */
  take(name: string, names: number, protocol: number, at: number): void {
    const isFormer = protocol === FIRST_PROTOCOL_VERSION;
    const wait = Math.max(isFormer ? 0 : this.#invites.waitOf(name, at), this.#names.waitOf(name, at, names));
    if (wait > 0) {
      const retryAfterMs = Math.ceil(wait);
      throw new ProtocolError('rate-limited', 'Too many invitations in too short a time.', { retryAfterMs });
    }
    this.#invites.take(name, at);
    this.#names.take(name, at, names);
  }
}
