/** The demo's backend, to be mounted beside the signaling; only for a server without authentication. */
import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { DemoChat, type Logger } from './chat.ts';

export { demoImport } from './seed.ts';

/** A WebSocket path and what serves its connections. */
export interface DemoRoute {
  readonly path: string;
  /** Must be called in the same turn in which the socket was accepted, or its first frame is lost. */
  onConnection(socket: WebSocket, request: IncomingMessage): void;
}

/**
 * The WebSocket routes of the demo. The caller checks the origin and ends the sockets when it stops.
 *
 * @param options.logger takes one line per event
 */
export function demoRoutes({ logger }: { readonly logger: Logger }): DemoRoute[] {
  const chat = new DemoChat(logger);
  return [{ path: '/demo/chat', onConnection: (socket) => chat.connect(socket) }];
}
