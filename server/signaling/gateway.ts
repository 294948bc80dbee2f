import type { IncomingMessage } from 'node:http';
import type { BlockList } from 'node:net';
import type { Logger } from 'pino';
import type websockify from 'koa-websocket';
import type { WebSocket } from 'ws';
import { CLOSE } from '../../protocol/index.ts';
import type { OriginGuard } from '../http/origin-guard.ts';

import { clientAddressOf } from './client-address.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import { DIALECTS } from './dialect.ts';
import { CLOSE_TIMEOUT_MS, FRAME_MAX_BYTES } from './limits.ts';
import { Newcomers } from './newcomers.ts';
import { PacedSocket } from './paced-socket.ts';

/** A WebSocket path besides those of the protocol, and what serves its connections. */
export interface SocketRoute {
  readonly path: string;
  /** Called in the turn in which the socket was accepted. */
  onConnection(socket: WebSocket, request: IncomingMessage): void;
}

export interface GatewayOptions extends Omit<ConnectionOptions, 'dialect' | 'onRegistered' | 'onClose'> {
  readonly origins: OriginGuard;
  /** Whether the pages of Kurento's tutorials may connect: they cannot prove who they are. */
  readonly acceptsTutorials: boolean;
  readonly routes: readonly SocketRoute[];
  /** Whose `X-Forwarded-For` tells where a connection comes from. */
  readonly trustedProxies: BlockList;
  readonly logger: Logger;
}

/** Accepts sockets, path by path, and watches over those that are open. */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #connections = new Set<Connection>();
  readonly #newcomers: Newcomers<Connection>;
  /** Of the other routes; only to close them in the end. */
  readonly #sockets = new Set<WebSocket>();
  readonly #heartbeat: NodeJS.Timeout;

  constructor(options: GatewayOptions) {
    const { unregisteredPerAddressMax: perAddressMax, unregisteredMax: max } = options.limits;
    this.#options = options;
    this.#newcomers = new Newcomers({ perAddressMax, max });
    this.#heartbeat = setInterval(() => this.#beat(), options.limits.pingIntervalMs);
  }

  /** How many sockets of the protocol are open. */
  get size(): number {
    return this.#connections.size;
  }

  /** How many of them have not registered. */
  get newcomerCount(): number {
    return this.#newcomers.size;
  }

  /** Bytes of the clients' frames that wait to be handled. */
  get unhandledBytes(): number {
    return [...this.#connections].reduce((sum, connection) => sum + connection.unhandledBytes, 0);
  }

  /** Bytes that were written to the sockets and that the network has not taken. */
  get unsentBytes(): number {
    return [...this.#connections].reduce((sum, connection) => sum + connection.unsentBytes, 0);
  }

  /**
   * How sockets are accepted. Compression is off: it costs memory for each socket and can be abused. Pings are
   * answered by whoever serves the socket, as answers count for what may be written to it.
   */
  get socketOptions(): NonNullable<Parameters<typeof websockify>[1]> & { readonly closeTimeout: number } {
    return {
      autoPong: false,
      closeTimeout: CLOSE_TIMEOUT_MS,
      maxPayload: FRAME_MAX_BYTES,
      perMessageDeflate: false,
      verifyClient: ({ req }: { req: IncomingMessage }, done: (isOk: boolean, code?: number) => void) => {
        const status = this.#refusalOf(req);
        done(status === undefined, status);
      },
    };
  }

  /** Serves a socket that was just accepted; in the same turn, so that no frame is lost. */
  accept(socket: WebSocket, request: IncomingMessage): void {
    const path = pathOf(request);
    const route = this.#options.routes.find((candidate) => candidate.path === path);
    if (route) return this.#serve(route, socket, request);
    const dialect = DIALECTS[path];
    if (!dialect) return socket.terminate();
    const connection = new Connection(socket, {
      ...this.#options,
      dialect,
      onRegistered: (registered) => this.#newcomers.delete(registered),
      onClose: (closed) => {
        this.#newcomers.delete(closed);
        this.#connections.delete(closed);
      },
    });
    this.#connections.add(connection);
    const address = clientAddressOf(request, this.#options.trustedProxies);
    const leaving = this.#newcomers.add(connection, address);
    if (!leaving) return;
    leaving.close(CLOSE.tryAgainLater, 'too many connections that have not registered');
    this.#options.logger.debug({ address }, 'too many connections that have not registered');
  }

  /** Says goodbye to every socket. */
  close(): void {
    clearInterval(this.#heartbeat);
    for (const connection of this.#connections) connection.close(CLOSE.goingAway, 'the server stops');
    for (const socket of this.#sockets) socket.close(CLOSE.goingAway, 'the server stops');
  }

  /** Cuts the sockets that did not answer the goodbye. */
  terminate(): void {
    for (const connection of this.#connections) connection.terminate();
    for (const socket of this.#sockets) socket.terminate();
  }

  /** The HTTP status with which a request for a socket is refused. */
  #refusalOf(request: IncomingMessage): 403 | 404 | undefined {
    const { routes, origins, acceptsTutorials } = this.#options;
    const path = pathOf(request);
    const dialect = DIALECTS[path];
    const isKnown = dialect
      ? dialect === 'widget' || acceptsTutorials
      : routes.some((route) => route.path === path);
    if (!isKnown) return 404;
    return origins.refusalOf(request) ? 403 : undefined;
  }

  #serve(route: SocketRoute, socket: WebSocket, request: IncomingMessage): void {
    this.#sockets.add(socket);
    const paced = new PacedSocket(socket, this.#options.limits.unsentBytesMax, () => undefined);
    socket.on('ping', (data) => paced.pong(data));
    socket.on('close', () => this.#sockets.delete(socket));
    route.onConnection(socket, request);
  }

  #beat(): void {
    for (const connection of this.#connections) connection.beat();
  }
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '/';
}
