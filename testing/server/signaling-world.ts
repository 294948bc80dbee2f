import { once } from 'node:events';
import { BlockList } from 'node:net';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { WebSocketServer } from 'ws';
import { AnonymousAuthenticator } from '../../server/auth/anonymous.ts';
import type { Authenticator } from '../../server/auth/authenticator.ts';
import { LocalPresence } from '../../server/cluster/presence.ts';
import { OriginPolicy } from '../../server/http/origin.ts';
import { Clients } from '../../server/signaling/clients.ts';
import { Gateway } from '../../server/signaling/gateway.ts';
import { DEFAULT_LIMITS, type Limits } from '../../server/signaling/limits.ts';

export interface SignalingWorldOptions {
  readonly limits?: Partial<Limits>;
  readonly authenticator?: Authenticator;
  /** What is done with the messages of registered connections. */
  readonly dispatch?: (id: string) => Promise<void>;
}

/** Signaling without calls and rooms, on real sockets: what it keeps in memory can be asked. */
export class SignalingWorld {
  readonly presence = new LocalPresence();
  readonly clients: Clients;
  readonly gateway: Gateway;
  readonly limits: Limits;
  readonly #sockets: WebSocketServer;

  private constructor({ limits, authenticator, dispatch }: SignalingWorldOptions) {
    const logger = pino({ level: 'silent' });
    this.limits = { ...DEFAULT_LIMITS, ...limits };
    this.clients = new Clients({
      presence: this.presence,
      calls: { connected: async () => undefined, left: async () => undefined },
      rooms: { connected: async () => undefined, left: async () => undefined, groupCallsOf: async () => [] },
      ice: { stunUrls: [], turnUrls: [], turnSecret: undefined },
      limits: this.limits,
      logger,
    });
    this.gateway = new Gateway({
      origins: new OriginPolicy({ allowedOrigins: [], isLoopbackOnly: false, allowsLocalhost: true }),
      acceptsTutorials: true,
      routes: [],
      trustedProxies: new BlockList(),
      authenticator: authenticator ?? new AnonymousAuthenticator(),
      clients: this.clients,
      dispatcher: { dispatch: async (_connection, message) => dispatch?.(message.id) },
      limits: this.limits,
      logger,
    });
    this.#sockets = new WebSocketServer({ port: 0, host: '127.0.0.1', ...this.gateway.socketOptions });
    this.#sockets.on('connection', (socket, request) => this.gateway.accept(socket, request));
  }

  static async start(options: SignalingWorldOptions = {}): Promise<SignalingWorld> {
    const world = new SignalingWorld(options);
    await once(world.#sockets, 'listening');
    return world;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#sockets.address() as AddressInfo).port}/`;
  }

  async close(): Promise<void> {
    await this.clients.stop();
    this.gateway.close();
    this.gateway.terminate();
    this.#sockets.close();
    await once(this.#sockets, 'close');
  }
}
