import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { WebSocketServer } from 'ws';
import { createLogger, type Logger } from './logger.ts';
import { ObjectRegistry } from './kurento/objects/object-registry.ts';
import { Connections } from './kurento/rpc/connections.ts';
import { Dispatcher } from './kurento/rpc/dispatcher.ts';
import { Sessions } from './kurento/rpc/sessions.ts';
import { Subscriptions } from './kurento/rpc/subscriptions.ts';
import { openWebSocketServer, PATH, type Protocol } from './kurento/web-socket-server.ts';
import { RelayGate } from './transport/relay-gate.ts';

/** Kurento's `mediaServer.resources.garbageCollectorPeriod`. */
const GARBAGE_COLLECTOR_PERIOD_MS = 240_000;

export interface MediaServerOptions {
  /** Address to listen on; 127.0.0.1 by default, because the protocol has no authentication. */
  readonly host?: string;
  /** TCP port; by default 0, which takes a free one. */
  readonly port?: number;
  /** UDP ports for media; any when missing. */
  readonly mediaPorts?: { readonly min: number; readonly max: number };
  /** The IP address that browsers reach this machine by, when it differs from its own. */
  readonly mediaAddress?: string;
  /** Sessions end one to two of these periods after their connection. */
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
  const kurento = createKurento(options, relayGate, logger);
  const sockets = await listen({ host, port }, kurento, logger).catch((error: unknown) => {
    relayGate?.close();
    throw error;
  });
  sockets.on('error', (error) => logger.error({ err: error }, 'listener failed'));
  const { sessions, connections, registry } = kurento;
  const collector = setInterval(
    () => sessions.collect((sessionId) => connections.isConnected(sessionId)),
    garbageCollectorPeriodMs,
  );
  const close = async (): Promise<void> => {
    clearInterval(collector);
    for (const socket of sockets.clients) socket.terminate();
    registry.close();
    relayGate?.close();
    await new Promise<void>((resolve) => sockets.close(() => resolve()));
  };
  let closing: Promise<void> | undefined;
  const address = sockets.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    port: address.port,
    url: `ws://${name}:${address.port}${PATH}`,
    close: () => (closing ??= close()),
  };
}

async function listen(
  at: { readonly host: string; readonly port: number },
  kurento: Kurento,
  logger: Logger,
): Promise<WebSocketServer> {
  const sockets = openWebSocketServer(at, kurento, logger);
  await once(sockets, 'listening');
  return sockets;
}

/** Without the TURN workaround only browsers that can connect through nothing but a relay have no calls. */
function openRelayGate({ mediaPorts }: MediaServerOptions, logger: Logger): Promise<RelayGate | undefined> {
  return RelayGate.open(mediaPorts ? { portRange: mediaPorts } : {}).catch((error: unknown) => {
    logger.warn({ err: error }, 'no UDP port for browsers behind a relay');
    return undefined;
  });
}

interface Kurento extends Protocol {
  readonly registry: ObjectRegistry;
  readonly sessions: Sessions;
}

/** Wires objects, sessions, subscriptions and connections. */
function createKurento(
  { mediaPorts, mediaAddress }: MediaServerOptions,
  relayGate: RelayGate | undefined,
  logger: Logger,
): Kurento {
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
    onReleased: (id) => {
      subscriptions.removeObject(id);
      sessions.removeObject(id);
    },
  });
  const sessions = new Sessions(registry, (sessionId) => {
    subscriptions.removeSession(sessionId);
    connections.unbind(sessionId);
  });
  const dispatcher = new Dispatcher(
    { serverId: randomUUID(), model: registry, sessions, subscriptions },
    (error) => logger.error({ err: error }, 'request failed'),
  );
  return { registry, sessions, connections, dispatcher };
}
