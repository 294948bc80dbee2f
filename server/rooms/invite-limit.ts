import { FIRST_PROTOCOL_VERSION } from '../../protocol/index.ts';
import { INVITE_QUOTA, INVITED_NAMES_QUOTA } from '../sessions/limits.ts';
import { Quota } from '../sessions/quota.ts';

/** How often each user may invite, by messages and by names. */
export class InviteLimit {
  readonly #invites = new Quota(INVITE_QUOTA);
  readonly #names = new Quota(INVITED_NAMES_QUOTA);

  /**
   * Takes note of an `invite` of a user.
   * @param names how many it names
   * @param protocol the version of the protocol that its page speaks; the first has no limit of messages
   * @param at milliseconds of any clock that does not go back
   * @throws ProtocolError `rate-limited`
   */
  take(name: string, names: number, protocol: number, at: number): void {
    this.#names.require(name, at, names);
    if (protocol !== FIRST_PROTOCOL_VERSION) this.#invites.take(name, at);
    this.#names.take(name, at, names);
  }
}
