import type { IncomingMessage } from 'node:http';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import type { Logger } from '../logger.ts';
import type { ClientConnection, Connections } from './rpc/connections.ts';
import type { Dispatcher } from './rpc/dispatcher.ts';
import type { Reply } from './rpc/reply-cache.ts';

/** The path of Kurento's protocol. */
export const PATH = '/kurento';
const CLOSE_PROTOCOL_ERROR = 1002;
/** As websocketpp's default. */
const MAX_FRAME_BYTES = 32_000_000;
/** A client that leaves as much unread no longer reads; its connection is closed. */
const MAX_UNREAD_BYTES = 64_000_000;
/** After this long without traffic TCP checks whether the client still exists. */
const TCP_KEEP_ALIVE_MS = 60_000;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** What the protocol's connections work with. */
export interface Protocol {
  readonly connections: Connections;
  readonly dispatcher: Pick<Dispatcher, 'handle'>;
}

/**
 * Opens a WebSocket server for Kurento's JSON-RPC.
 * @param host address to listen on
 * @param port TCP port; 0 takes a free one
 */
export function openWebSocketServer(
  { host, port }: { readonly host: string; readonly port: number },
  protocol: Protocol,
  logger: Logger,
): WebSocketServer {
  const server = new WebSocketServer({
    host,
    port,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    verifyClient: ({ origin }: { origin?: string }) => isOriginAllowed(origin, host),
  });
  server.on('connection', (socket, request) => accept(socket, request, protocol, logger));
  return server;
}

/**
 * Whether a handshake with this `Origin` is allowed. Only browsers send one. While the server listens on loopback, no
 * page of another host may reach it through a browser on this machine, because the protocol has no authentication.
 */
function isOriginAllowed(origin: string | undefined, host: string): boolean {
  if (origin === undefined || !LOOPBACK.test(host === '::1' ? '[::1]' : host)) return true;
  return URL.canParse(origin) && LOOPBACK.test(new URL(origin).hostname);
}

/** Serves one connection until it closes. */
function accept(socket: WebSocket, request: IncomingMessage, protocol: Protocol, logger: Logger): void {
  const { connections, dispatcher } = protocol;
  socket.on('error', (error) => logger.debug({ err: error }, 'connection failed'));
  if (request.url?.split('?')[0] !== PATH) {
    socket.close(CLOSE_PROTOCOL_ERROR, 'Invalid path');
    return;
  }
  // A client whose machine vanished would otherwise keep its session, and everything in it, for ever.
  request.socket.setKeepAlive(true, TCP_KEEP_ALIVE_MS);
  const connection: ClientConnection = {
    sessionId: undefined,
    send(text) {
      if (socket.bufferedAmount > MAX_UNREAD_BYTES) socket.terminate();
      else socket.send(text, ignoreClosed);
    },
  };
  const answer = ({ text, sessionId }: Reply): void => {
    if (sessionId !== undefined && socket.readyState === socket.OPEN) connections.bind(sessionId, connection);
    connection.send(text);
  };
  /** Kurento closes the connection on what it cannot parse, without a reply. */
  const abort = (error: unknown): void => {
    logger.warn({ err: error }, 'connection closed');
    socket.terminate();
  };
  socket.on('message', (data: RawData) => {
    try {
      const reply = dispatcher.handle(textOf(data), connection.sessionId);
      if (reply instanceof Promise) reply.then(answer).catch(abort);
      else answer(reply);
    } catch (error) {
      abort(error);
    }
  });
  socket.on('close', () => connections.remove(connection));
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return data instanceof ArrayBuffer ? Buffer.from(data).toString() : data.toString();
}

/** A reply to a connection that is closing is lost, as it would be in the network. */
function ignoreClosed(): void {
  return;
}
