import type { Logger } from 'pino';
import { type ClientMessage, CLOSE, isClean, type ServerMessageInput } from '../../protocol/index.ts';
import { type Identity, RegistrationError } from '../auth/authenticator.ts';
import type { Calls } from '../calls/calls.ts';
import type { Occupancy } from '../cluster/occupancy.ts';
import type { Dialect, Presence } from '../cluster/presence.ts';
import type { Config } from '../config.ts';
import { Client, type FrameSink } from './client.ts';

import { iceServersFor } from './ice-servers.ts';
import type { Limits } from './limits.ts';
import type { RoomService } from './room-service.ts';
import { TokenLives } from './token-lives.ts';

export interface ClientsOptions {
  readonly presence: Presence;
  readonly occupancy: Pick<Occupancy, 'of'>;
  readonly calls: Pick<Calls, 'connected' | 'left'>;
  readonly rooms: Pick<RoomService, 'groupCallsOf' | 'connected' | 'left'>;
  readonly ice: Config['ice'];
  readonly limits: Limits;
  readonly logger: Logger;
}

/** The registered connections of this process, also those that lost their socket just now. */
export class Clients {
  readonly #options: ClientsOptions;
  readonly #byToken = new Map<string, Client>();
  readonly #graceTimers = new Map<Client, NodeJS.Timeout>();
  readonly #tokens: TokenLives;
  #isStopping = false;

  constructor(options: ClientsOptions) {
    this.#options = options;
    const { occupancy, limits, logger } = options;
    this.#tokens = new TokenLives({
      occupancy,
      recheckMs: limits.expiredTokenRecheckMs,
      logger,
      onIdle: (client) => this.#expire(client),
    });
  }

  /** How many are registered. */
  get size(): number {
    return this.#byToken.size;
  }

  /** Bytes of the frames that wait for any of them, or may not have arrived. */
  get queuedBytes(): number {
    return [...this.#byToken.values()].reduce((sum, client) => sum + client.queuedBytes, 0);
  }

  /**
   * Registers a connection and lets it ring, if its user is being called.
   * @param protocol the version of the protocol that is spoken with it
   */
  async register(
    { user, expiresAt }: Identity,
    dialect: Dialect,
    protocol: number,
    sink: FrameSink,
  ): Promise<Client> {
    const { presence, calls, rooms, limits, logger } = this.#options;
    const client = new Client({
      user,
      dialect,
      protocol,
      queue: { framesMax: limits.queuedFramesMax, bytesMax: limits.queuedBytesMax },
      onOverflow: (overflowing) => void this.#remove(overflowing, false),
    });
    this.#byToken.set(client.resumeToken, client);
    await presence.add(client, (message) => client.send(message));
    const greeting = await this.#greeting(client, protocol, {});
    if (!this.#isHere(client))
      throw new RegistrationError('overloaded', 'Too much came before the greeting.');
    client.attach(sink, protocol, greeting);
    logger.info({ name: user.name, connection: client.id, dialect }, 'registered');
    this.#tokens.watch(client, expiresAt);
    await calls.connected(client);
    await rooms.connected(client);
    return client;
  }

  /**
   * Puts a lost client on a new socket; frames that waited for it follow the answer, as fast as the page reads
   * them. A client of which something is lost cannot go on: it has gone.
   * @param protocol the version of the protocol that is spoken on it
   * @throws RegistrationError `resume-expired`
   */
  async resume(token: string, protocol: number, sink: FrameSink): Promise<Client> {
    const client = this.#byToken.get(token);
    if (!client) throw resumeExpired();
    this.#byToken.delete(token);
    this.#byToken.set(client.renewToken(), client);
    const greeting = await this.#greeting(client, protocol, { resumed: true });
    // It may have gone, or lost something, meanwhile.
    if (!this.#isHere(client)) throw resumeExpired();
    if (!client.canResume) {
      client.sink?.terminate();
      await this.#remove(client, false);
      throw resumeExpired();
    }
    clearTimeout(this.#graceTimers.get(client));
    this.#graceTimers.delete(client);
    const former = client.attach(sink, protocol, greeting);
    former?.close(CLOSE.superseded, 'resumed on another socket');
    this.#options.logger.info({ name: client.user.name, connection: client.id }, 'resumed');
    return client;
  }

  /**
   * A client has shown a fresh token.
   * @throws RegistrationError `not-allowed` when it is of another user
   */
  renew(client: Client, { user, expiresAt }: Identity): void {
    if (user.name !== client.user.name) {
      throw new RegistrationError('not-allowed', 'The token is of another user than this connection.');
    }
    this.#tokens.watch(client, expiresAt);
  }

  /**
   * Refuses what a client may not begin since its token has run out.
   * @throws ProtocolError `token-expired`
   */
  requireToken(client: Client, message: ClientMessage): Promise<void> {
    return this.#tokens.require(client, message);
  }

  /** A client's socket was closed; it may come back on another one, if its page did not mean to go. */
  async socketClosed(client: Client, sink: FrameSink, code: number): Promise<void> {
    if (client.sink !== sink) return;
    client.detach();
    if (this.#isStopping || client.dialect !== 'widget' || isClean(code) || !client.canResume) {
      return this.#remove(client, isClean(code));
    }
    const { graceMs } = this.#options.limits;
    this.#graceTimers.set(
      client,
      setTimeout(() => void this.#remove(client, false), graceMs),
    );
  }

  /** From now on nobody is waited for. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all([...this.#graceTimers.keys()].map((client) => this.#remove(client, false)));
  }

  #isHere(client: Client): boolean {
    return this.#byToken.has(client.resumeToken);
  }

  async #remove(client: Client, isCleanClose: boolean): Promise<void> {
    if (!this.#byToken.delete(client.resumeToken)) return;
    clearTimeout(this.#graceTimers.get(client));
    this.#graceTimers.delete(client);
    this.#tokens.forget(client);
    const { presence, calls, rooms, logger } = this.#options;
    logger.info({ name: client.user.name, connection: client.id, isClean: isCleanClose }, 'left');
    await presence.remove(client.id);
    await calls.left(client, isCleanClose);
    await rooms.left(client, isCleanClose);
  }

  /** The token of an idle client has run out: it cannot be resumed, and its user is offline. */
  #expire(client: Client): void {
    const { sink } = client;
    client.detach();
    sink?.close(CLOSE.tokenExpired, 'the token has run out');
    void this.#remove(client, false);
  }

  async #greeting(client: Client, protocol: number, { resumed = false }): Promise<ServerMessageInput> {
    const { ice, rooms } = this.#options;
    return {
      id: 'registerResponse',
      response: 'accepted',
      user: client.user,
      resumeToken: client.resumeToken,
      ...(resumed ? { resumed } : {}),
      iceServers: iceServersFor(ice, client.user.name, Date.now()),
      groupCalls: await rooms.groupCallsOf(client.user.name),
      protocol,
    };
  }
}

function resumeExpired(): RegistrationError {
  return new RegistrationError('resume-expired', 'The connection cannot be resumed any more.');
}
