import type { Logger } from 'pino';
import { type ClientMessage, ProtocolError } from '../../protocol/index.ts';
import { TokenWatch } from '../auth/token-watch.ts';
import type { Occupancy } from '../cluster/occupancy.ts';
import type { Client } from './client.ts';

/** What begins something new: nobody may without a token that counts. */
const BEGINNINGS: ReadonlySet<ClientMessage['id']> = new Set<ClientMessage['id']>([
  'call',
  'joinRoom',
  'invite',
]);

export interface TokenLivesOptions {
  readonly occupancy: Pick<Occupancy, 'of'>;
  /** How often it is looked whether the call has ended that keeps a connection, in milliseconds. */
  readonly recheckMs: number;
  readonly logger: Logger;
  /** A connection's token has run out, and its user is in no call. */
  readonly onIdle: (client: Client) => void;
}

/** What becomes of connections whose token runs out: a call goes on to its end, and nothing new begins. */
export class TokenLives {
  readonly #options: TokenLivesOptions;
  readonly #watches = new Map<Client, TokenWatch>();

  constructor(options: TokenLivesOptions) {
    this.#options = options;
  }

  /**
   * A connection has shown its first token, or another one.
   * @param expiresAt when it runs out, in milliseconds since 1970; undefined: never
   */
  watch(client: Client, expiresAt: number | undefined): void {
    const watch = this.#watches.get(client) ?? this.#watchOf(client);
    this.#watches.set(client, watch);
    watch.watch(expiresAt);
  }

  /** The connection has gone. */
  forget(client: Client): void {
    this.#watches.get(client)?.stop();
    this.#watches.delete(client);
  }

  /**
   * Refuses what a connection may not begin any more.
   * @throws ProtocolError `token-expired`
   */
  async require(client: Client, message: ClientMessage): Promise<void> {
    if (!BEGINNINGS.has(message.id) || !this.#watches.get(client)?.isExpired) return;
    // Whoever has called a group, and then joins its room, goes on with what it has begun.
    if (message.id === 'joinRoom' && (await this.#isBusy(client))) return;
    throw new ProtocolError(
      'token-expired',
      'The token has run out: nothing new begins before it is renewed.',
    );
  }

  #watchOf(client: Client): TokenWatch {
    return new TokenWatch({
      onExpiring: () => client.send({ id: 'tokenExpiring' }),
      onExpired: () => void this.#endIfIdle(client),
      recheckMs: this.#options.recheckMs,
    });
  }

  async #endIfIdle(client: Client): Promise<void> {
    try {
      if (await this.#isBusy(client)) return;
    } catch (error) {
      return this.#options.logger.error({ err: error }, 'cannot tell whether a user is in a call');
    }
    // It may have been renewed meanwhile.
    if (this.#watches.get(client)?.isExpired) this.#options.onIdle(client);
  }

  async #isBusy({ user }: Client): Promise<boolean> {
    return (await this.#options.occupancy.of(user.name)) !== undefined;
  }
}
