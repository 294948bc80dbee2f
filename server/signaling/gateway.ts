import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import type websockify from 'koa-websocket';
import type { WebSocket } from 'ws';
import { CLOSE } from '../../protocol/index.ts';
import type { OriginPolicy } from '../http/origin.ts';

import { Connection, type ConnectionOptions } from './connection.ts';
import { DIALECTS } from './dialect.ts';
import { FRAME_MAX_BYTES } from './limits.ts';

/** A WebSocket path besides those of the protocol, and what serves its connections. */
export interface SocketRoute {
  readonly path: string;
  /** Called in the turn in which the socket was accepted. */
  onConnection(socket: WebSocket, request: IncomingMessage): void;
}

export interface GatewayOptions extends Omit<ConnectionOptions, 'dialect' | 'onClose'> {
  readonly origins: OriginPolicy;
  /** Whether the pages of Kurento's tutorials may connect: they cannot prove who they are. */
  readonly acceptsTutorials: boolean;
  readonly routes: readonly SocketRoute[];
  readonly logger: Logger;
}

/** Accepts sockets, path by path, and watches over those that are open. */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #connections = new Set<Connection>();
  /** Of the other routes; only to close them in the end. */
  readonly #sockets = new Set<WebSocket>();
  readonly #heartbeat: NodeJS.Timeout;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#heartbeat = setInterval(() => this.#beat(), options.limits.pingIntervalMs);
  }

  /** How many sockets of the protocol are open. */
  get size(): number {
    return this.#connections.size;
  }

  /** How sockets are accepted. Compression is off: it costs memory for each socket and can be abused. */
  get socketOptions(): NonNullable<Parameters<typeof websockify>[1]> {
    return {
      maxPayload: FRAME_MAX_BYTES,
      perMessageDeflate: false,
      verifyClient: ({ req }: { req: IncomingMessage }, done: (isOk: boolean, code?: number) => void) => {
        const status = this.#refusalOf(req);
        if (status)
          this.#options.logger.warn({ status, url: req.url, origin: req.headers.origin }, 'socket refused');
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
    if (this.#countUnregistered() >= this.#options.limits.unregisteredConnectionsMax) {
      return socket.close(CLOSE.tryAgainLater, 'too many connections that have not registered');
    }
    const onClose = (closed: Connection) => this.#connections.delete(closed);
    this.#connections.add(new Connection(socket, { ...this.#options, dialect, onClose }));
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
    const { host, origin } = request.headers;
    return origins.isHostAllowed(host) && origins.isAllowed(origin, host) ? undefined : 403;
  }

  #serve(route: SocketRoute, socket: WebSocket, request: IncomingMessage): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    route.onConnection(socket, request);
  }

  #countUnregistered(): number {
    let count = 0;
    for (const { isRegistered } of this.#connections) if (!isRegistered) count += 1;
    return count;
  }

  #beat(): void {
    for (const connection of this.#connections) connection.beat();
  }
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '/';
}
