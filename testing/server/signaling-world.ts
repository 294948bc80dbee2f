import { once } from 'node:events';
import { BlockList } from 'node:net';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { WebSocketServer } from 'ws';
import { AnonymousAuthenticator } from '../../server/auth/anonymous.ts';
import type { Authenticator } from '../../server/auth/authenticator.ts';
import { LocalOccupancy } from '../../server/cluster/occupancy.ts';
import { LocalPresence } from '../../server/cluster/presence.ts';
import { OriginGuard } from '../../server/http/origin-guard.ts';
import { OriginPolicy } from '../../server/http/origin-policy.ts';
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
      occupancy: new LocalOccupancy(),
      calls: { connected: async () => undefined, left: async () => undefined },
      rooms: { connected: async () => undefined, left: async () => undefined, groupCallsOf: async () => [] },
      ice: { stunUrls: [], turnUrls: [], turnSecret: undefined },
      limits: this.limits,
      logger,
    });
    const trustedProxies = new BlockList();
    const origins = new OriginPolicy({
      allowedOrigins: [],
      publicUrl: undefined,
      trustedProxies,
      isLoopbackOnly: false,
      allowsLocalhost: true,
    });
    this.gateway = new Gateway({
      origins: new OriginGuard(origins, logger),
      acceptsTutorials: true,
      routes: [],
      trustedProxies,
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
