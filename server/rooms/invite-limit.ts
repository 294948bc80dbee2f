import { FIRST_PROTOCOL_VERSION, ProtocolError } from '../../protocol/index.ts';

/** `invite`s of one user within `WINDOW_MS`. */
export const INVITES_MAX = 10;
/** Names in all of them together. Pages of protocol 1 may spread them over as many messages as they like. */
export const INVITED_NAMES_MAX = 500;

const WINDOW_MS = 60_000;

interface Invite {
  readonly at: number;
  readonly names: number;
}

/** How often each user may invite: every invitation costs a look at the whole group, and may ring many. */
export class InviteLimit {
  readonly #invites = new Map<string, readonly Invite[]>();

  /**
   * Takes note of an `invite` of a user.
   * @param names how many it names
   * @param protocol the version of the protocol that its page speaks
   * @param at milliseconds of any clock
   * @throws ProtocolError `rate-limited`
   */
  take(name: string, names: number, protocol: number, at: number): void {
    this.#forget(at);
    const invites = this.#invites.get(name) ?? [];
    const isFormer = protocol === FIRST_PROTOCOL_VERSION;
    const isOver = (counted: readonly Invite[]) =>
      (!isFormer && counted.length >= INVITES_MAX) ||
      counted.reduce((sum, invite) => sum + invite.names, names) > INVITED_NAMES_MAX;
    if (isOver(invites)) {
      let gone = 1;
      while (isOver(invites.slice(gone)) && gone < invites.length) gone += 1;
      const retryAfterMs = Math.ceil((invites[gone - 1]?.at ?? at) + WINDOW_MS - at);
      throw new ProtocolError('rate-limited', 'Too many invitations in too short a time.', { retryAfterMs });
    }
    this.#invites.set(name, [...invites, { at, names }]);
  }

  #forget(at: number): void {
    for (const [name, invites] of this.#invites) {
      const recent = invites.filter((invite) => at - invite.at < WINDOW_MS);
      if (recent.length === 0) this.#invites.delete(name);
      else if (recent.length < invites.length) this.#invites.set(name, recent);
    }
  }
}
