import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { createLogger, type Logger } from './logger.ts';
import { ObjectRegistry } from './kurento/objects/object-registry.ts';
import { isOriginAllowed } from './origin.ts';
import { Connections, type Peer } from './kurento/rpc/connections.ts';
import { Dispatcher } from './kurento/rpc/dispatcher.ts';
import type { Reply } from './kurento/rpc/reply-cache.ts';
import { Sessions } from './kurento/rpc/sessions.ts';
import { Subscriptions } from './kurento/rpc/subscriptions.ts';
import { RelayGate } from './transport/relay-gate.ts';

const PATH = '/kurento';
const CLOSE_PROTOCOL_ERROR = 1002;
/** Kurento's `mediaServer.resources.garbageCollectorPeriod`. */
const GARBAGE_COLLECTOR_PERIOD_MS = 240_000;
/** As websocketpp's default. */
const MAX_FRAME_BYTES = 32_000_000;
/** A client that leaves as much unread has ceased to read. */
const MAX_UNREAD_BYTES = 64_000_000;

export interface MediaServerOptions {
  /** Address to listen on; 127.0.0.1 by default, as the protocol knows no authentication. */
  readonly host?: string;
  /** TCP port; 0, the default, takes a free one. */
  readonly port?: number;
  /** UDP ports for media; any when missing. */
  readonly mediaPorts?: { readonly min: number; readonly max: number };
  /** The address browsers reach this machine by, where it is not its own. */
  readonly mediaAddress?: string;
  /** Sessions end one to two periods after their connection. */
  readonly garbageCollectorPeriodMs?: number;
  readonly logger?: Logger;
}

export interface MediaServer {
  readonly port: number;
  /** `ws://…/kurento` */
  readonly url: string;
  /** Ends all connections and objects; idempotent. */
  close(): Promise<void>;
}

/**
 * Starts a media server that speaks Kurento's JSON-RPC over WebSocket.
 * @throws the error of `listen`, for example `EADDRINUSE`
 */
export async function startMediaServer(options: MediaServerOptions = {}): Promise<MediaServer> {
  const { host = '127.0.0.1', port = 0, logger = createLogger() } = options;
  const { garbageCollectorPeriodMs = GARBAGE_COLLECTOR_PERIOD_MS } = options;
  const relayGate = await openRelayGate(options, logger);
  const protocol = createProtocol(options, relayGate, logger);
  const sockets = new WebSocketServer({
    host,
    port,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    verifyClient: ({ origin }: { origin?: string }) => isOriginAllowed(origin, host),
  });
  sockets.on('connection', (socket, request) => accept(socket, request, protocol, logger));
  await once(sockets, 'listening').catch((error: unknown) => {
    relayGate?.close();
    throw error;
  });
  sockets.on('error', (error) => logger.error({ err: error }, 'listener failed'));
  const { sessions, connections, registry } = protocol;
  const collector = setInterval(
    () => sessions.collect((sessionId) => connections.isConnected(sessionId)),
    garbageCollectorPeriodMs,
  );
  const address = sockets.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    port: address.port,
    url: `ws://${name}:${address.port}${PATH}`,
    async close() {
      clearInterval(collector);
      for (const socket of sockets.clients) socket.terminate();
      registry.close();
      relayGate?.close();
      await new Promise<void>((resolve) => sockets.close(() => resolve()));
    },
  };
}

/** Without it there are calls all the same, but for browsers that have nothing but a relay. */
function openRelayGate({ mediaPorts }: MediaServerOptions, logger: Logger): Promise<RelayGate | undefined> {
  return RelayGate.open(mediaPorts ? { portRange: mediaPorts } : {}).catch((error: unknown) => {
    logger.warn({ err: error }, 'no UDP port for browsers behind a relay');
    return undefined;
  });
}

interface Protocol {
  readonly registry: ObjectRegistry;
  readonly sessions: Sessions;
  readonly connections: Connections;
  readonly dispatcher: Dispatcher;
}

/** Ties objects, sessions, subscriptions and connections together. */
function createProtocol(
  { mediaPorts, mediaAddress }: MediaServerOptions,
  relayGate: RelayGate | undefined,
  logger: Logger,
): Protocol {
  const connections = new Connections();
  const subscriptions = new Subscriptions((sessionId, text) => connections.send(sessionId, text));
  const registry: ObjectRegistry = new ObjectRegistry({
    events: subscriptions,
    media: {
      ...(relayGate ? { relayGate } : {}),
      ...(mediaPorts ? { portRange: mediaPorts } : {}),
      ...(mediaAddress ? { announcedAddress: mediaAddress } : {}),
    },
    sessionIds: () => sessions.ids,
    onGone: (id) => {
      subscriptions.forgetObject(id);
      sessions.forget(id);
    },
  });
  const sessions = new Sessions(registry, (sessionId) => {
    subscriptions.forgetSession(sessionId);
    connections.forget(sessionId);
  });
  const dispatcher = new Dispatcher(
    { serverId: randomUUID(), model: registry, sessions, subscriptions },
    (error) => logger.error({ err: error }, 'request failed'),
  );
  return { registry, sessions, connections, dispatcher };
}

/** Serves one connection until it closes. */
function accept(socket: WebSocket, request: IncomingMessage, protocol: Protocol, logger: Logger): void {
  const { connections, dispatcher } = protocol;
  socket.on('error', (error) => logger.debug({ err: error }, 'connection failed'));
  if (request.url?.split('?')[0] !== PATH) {
    socket.close(CLOSE_PROTOCOL_ERROR, 'Invalid path');
    return;
  }
  const peer: Peer = {
    sessionId: undefined,
    send(text) {
      if (socket.bufferedAmount > MAX_UNREAD_BYTES) socket.terminate();
      else socket.send(text, ignoreClosed);
    },
  };
  const answer = ({ text, sessionId }: Reply): void => {
    if (sessionId !== undefined && socket.readyState === socket.OPEN) connections.bind(sessionId, peer);
    peer.send(text);
  };
  socket.on('message', (data: RawData) => {
    try {
      const reply = dispatcher.handle(textOf(data), peer.sessionId);
      if (reply instanceof Promise) void reply.then(answer);
      else answer(reply);
    } catch (error) {
      // Kurento cuts the connection on what it cannot read, without a word.
      logger.warn({ reason: error instanceof Error ? error.message : String(error) }, 'connection cut');
      socket.terminate();
    }
  });
  socket.on('close', () => connections.drop(peer));
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return data instanceof ArrayBuffer ? Buffer.from(data).toString() : data.toString();
}

/** A reply to a connection that is closing is lost, as it would be in the network. */
function ignoreClosed(): void {
  return;
}
