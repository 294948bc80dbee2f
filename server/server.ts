/** Puts the parts together: what listens, who is asked who is who, where calls live, which media servers. */
import websockify from 'koa-websocket';
import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { AnonymousAuthenticator } from './auth/anonymous.ts';
import type { PeopleDirectory } from './auth/authenticator.ts';
import { JwtAuthenticator } from './auth/jwt.ts';
import { Calls } from './calls/calls.ts';
import { LocalOccupancy } from './cluster/occupancy.ts';
import { LocalPresence } from './cluster/presence.ts';
import type { Config } from './config.ts';
import { type CallRecord, GroupStore, MembersSource } from './groups/index.ts';
import { apiRouter } from './http/api/router.ts';
import { createApp } from './http/app.ts';
import { OriginPolicy } from './http/origin-policy.ts';
import { OriginGuard } from './http/origin-guard.ts';
import { warningsOf } from './http/wide-origins.ts';
import { listen, portOf } from './listen.ts';
import { isLoopback } from './loopback.ts';
import { MediaPool } from './media/media-pool.ts';
import { GroupDirectory } from './rooms/group-directory.ts';
import { Rooms } from './rooms/rooms.ts';
import type { MediaPool as SessionMediaPool } from './sessions/media.ts';
import type { SessionsOptions } from './sessions/registry.ts';
import { Clients } from './signaling/clients.ts';
import { Dispatcher } from './signaling/dispatcher.ts';
import { Gateway, type SocketRoute } from './signaling/gateway.ts';
import { DEFAULT_LIMITS, type Limits } from './signaling/limits.ts';

/** How long the start of the server waits for the database. */
const STORE_TIMEOUT_MS = 2_000;
/** How long sockets have to answer the server's goodbye. */
const GOODBYE_TIMEOUT_MS = 2000;

export interface ServerOptions {
  readonly logger: Logger;
  readonly limits?: Partial<Limits>;
  readonly records?: SessionsOptions['records'];
  /** Media servers that the caller owns and closes; by default those of the configuration. */
  readonly pool?: SessionMediaPool;
  /** See `CallsOptions`. */
  readonly answerTimeoutMs?: number;
  /** See `RoomsOptions`. */
  readonly reservationMs?: number;
  /** How often one user may call: a person within 10 s, a group within a minute. */
  readonly callsMax?: number;
  /** How often one link may be offered within 10 s. */
  readonly offersMax?: number;
}

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  /** Ends every call, closes every socket and gives back all media. May be called again. */
  close(): Promise<void>;
}

/**
 * Starts the whole server; it listens when the promise is fulfilled.
 * @throws ListenError
 */
export async function startServer(config: Config, options: ServerOptions): Promise<RunningServer> {
  for (const setting of config.withoutEffect) options.logger.warn(`${setting} is set, and has no effect yet`);
  for (const warning of warningsOf(config.allowedOrigins)) options.logger.warn(warning);
  const services = createServices(config, options);
  const { gateway, app } = await createFront(config, options, services);
  const { calls, rooms, clients, store, source, closePool } = services;
  const release = async () => {
    gateway.close();
    await closePool();
    await source?.close();
    await store.close();
  };
  const openAndListen = async () => {
    await openStore(store, config, options.logger);
    return listen(app, config);
  };
  const servers = await openAndListen().catch(async (error: unknown) => {
    await release();
    throw error;
  });
  const stop = async () => {
    services.isStopping = true;
    calls.shutDown();
    rooms.shutDown();
    await clients.stop();
    gateway.close();
    await closeServers(servers, gateway);
    await release();
  };
  let stopped: Promise<void> | undefined;
  const [first] = servers;
  const port = first ? portOf(first) : config.port;
  const url = `${config.tls ? 'https' : 'http'}://localhost:${port}/`;
  return { url, port, close: () => (stopped ??= stop()) };
}

/** What holds calls, rooms, groups and media, apart from how it is reached. */
function createServices(config: Config, options: ServerOptions) {
  const { databaseUrl, members, ringTimeoutMs } = config;
  const { logger, answerTimeoutMs, reservationMs, callsMax, offersMax } = options;
  const store = new GroupStore(databaseUrl, { logger });
  const { url } = members;
  const source = url === undefined ? undefined : new MembersSource({ ...members, url, store, logger });
  const { pool, closePool } = options.pool
    ? { pool: options.pool, closePool: async () => undefined }
    : startPool(config, logger);
  const presence = new LocalPresence();
  const occupancy = new LocalOccupancy();
  const shared = { presence, occupancy, pool, ringTimeoutMs, callsMax, offersMax, logger };
  const records = { record: (record: CallRecord) => store.recordCall(record) };
  const calls = new Calls({
    ...shared,
    records: options.records ?? records,
    ...(answerTimeoutMs === undefined ? {} : { answerTimeoutMs }),
  });
  const groups = new GroupDirectory(store, source);
  const rooms = new Rooms({ ...shared, groups, records, reservationMs });
  follow(store, rooms);
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const clients = new Clients({ presence, occupancy, calls, rooms, ice: config.ice, limits, logger });
  return { pool, closePool, store, source, groups, calls, rooms, clients, limits, isStopping: false };
}

/** What browsers and administrators reach: the sockets and everything over plain HTTP. */
async function createFront(
  config: Config,
  { logger }: ServerOptions,
  services: ReturnType<typeof createServices>,
) {
  const { auth, tls, isDemoOn, adminToken, trustedProxies } = config;
  const { pool, store, groups, calls, rooms, clients, limits } = services;
  const origins = new OriginGuard(originPolicyOf(config), logger);
  const people: PeopleDirectory = {
    async find(name) {
      const user = await groups.user(name);
      return user && { displayName: user.name, avatar: user.avatar };
    },
  };
  const gateway = new Gateway({
    origins,
    acceptsTutorials: auth.kind === 'none',
    routes: await socketRoutesOf(config, logger),
    trustedProxies,
    authenticator: auth.kind === 'none' ? new AnonymousAuthenticator() : new JwtAuthenticator(auth, people),
    clients,
    dispatcher: new Dispatcher(calls, rooms),
    limits,
    logger,
  });
  const web = createApp({
    origins,
    health: { pool, isStopping: () => services.isStopping },
    isTls: tls !== undefined,
    isDemoOn,
    api: apiRouter({ store, adminToken, logger }),
    logger,
  });
  const app = websockify(web, gateway.socketOptions, ...(tls ? [tls] : []));
  app.ws.use((context) => gateway.accept(context.websocket, context.req));
  return { gateway, app };
}

/** What a server starts for itself it also closes. */
function startPool(
  { media }: Config,
  logger: Logger,
): { pool: SessionMediaPool; closePool: () => Promise<void> } {
  const { uris, workers, ports, address } = media;
  const pool = MediaPool.start({ uris, workers, mediaPorts: ports, mediaAddress: address, logger });
  return { pool, closePool: () => pool.close() };
}

function originPolicyOf({ allowedOrigins, publicUrl, trustedProxies, hosts, auth }: Config): OriginPolicy {
  return new OriginPolicy({
    allowedOrigins,
    publicUrl,
    trustedProxies,
    isLoopbackOnly: hosts?.every(isLoopback) ?? false,
    allowsLocalhost: auth.kind === 'none',
  });
}

/** Membership changes take effect in the calls that run. */
function follow(store: GroupStore, rooms: Rooms): void {
  store.on('memberAdded', (membership) => void rooms.memberAdded(membership));
  store.on('memberRemoved', (membership) => rooms.memberRemoved(membership));
  store.on('groupDeleted', ({ groupId }) => rooms.groupDeleted(groupId));
}

/** A database that is late is waited for in the background: one-to-one calls need no groups. */
async function openStore(store: GroupStore, { isDemoOn }: Config, logger: Logger): Promise<void> {
  const prepare = isDemoOn ? () => seedDemo(store) : undefined;
  const opening = store.open({ timeoutMs: Infinity, prepare });
  opening.catch((error: unknown) => logger.error({ err: error }, 'no store, and so no groups'));
  const patience = new AbortController();
  const { signal } = patience;
  const waiting = sleep(STORE_TIMEOUT_MS, undefined, { signal }).catch(() => undefined);
  await Promise.race([opening, waiting]).finally(() => patience.abort());
}

async function seedDemo(store: GroupStore): Promise<void> {
  const { demoImport } = await import('../demo/server/index.ts');
  await store.importAll(demoImport());
}

/** The demo is loaded only where it is on. */
async function socketRoutesOf({ isDemoOn }: Config, logger: Logger): Promise<readonly SocketRoute[]> {
  if (!isDemoOn) return [];
  const { demoRoutes } = await import('../demo/server/index.ts');
  return demoRoutes({ logger });
}

/** Stops listening and waits for the sockets to close; those that do not are cut. */
async function closeServers(servers: readonly Server[], gateway: Gateway): Promise<void> {
  const closed = Promise.all(
    servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
  );
  const timer = setTimeout(() => {
    gateway.terminate();
    for (const server of servers) server.closeAllConnections();
  }, GOODBYE_TIMEOUT_MS);
  for (const server of servers) server.closeIdleConnections();
  await closed;
  clearTimeout(timer);
}
