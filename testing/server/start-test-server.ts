import { pino } from 'pino';
import { readConfig } from '../../server/config.ts';
import { type RunningServer, type ServerOptions, startServer } from '../../server/server.ts';
import { mediaObjectsOf } from './media-objects.ts';
import { startTestPool, type TestPool } from './start-test-pool.ts';

/** A whole server, with media servers of its own. */
export interface TestServer extends RunningServer {
  /** `http://localhost:<port>`. */
  readonly origin: string;
  /** Processes of the embedded media server, by their ids. */
  workerPids(): readonly number[];
  /** Asks the media servers themselves, over Kurento's protocol, how many pipelines they hold. */
  pipelines(): Promise<number>;
}

type Settings = Readonly<Record<string, string>>;
type Options = Partial<ServerOptions>;

/**
 * Starts a server without the demo and with an empty store, on a free port of the loopback address.
 * @param settings environment variables that say otherwise (see `docs/operating.md`)
 * @param options.pool media servers of the test; by default one process, or what the settings say, is started
 * @throws the media server does not start
 */
export function startTestServer(
  settings?: Settings,
  options?: Options & { pool?: never },
): Promise<TestServer>;
export function startTestServer(settings: Settings, options: Options): Promise<RunningServer>;
export async function startTestServer(
  settings: Settings = {},
  options: Options = {},
): Promise<RunningServer> {
  const config = readConfig({
    PORT: '0',
    DEMO: '0',
    MEDIA_WORKERS: '1',
    HOST: '127.0.0.1',
    DATABASE_URL: 'file::memory:',
    ...settings,
  });
  const logger = pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' });
  if (options.pool) return startServer(config, { logger, ...options });
  const pool = await startTestPool(config.media, logger);
  return withMedia(await startServer(config, { logger, ...options, pool }), pool);
}

function withMedia(server: RunningServer, pool: TestPool): TestServer {
  return {
    ...server,
    origin: new URL(server.url).origin,
    workerPids: () => pool.workerPids,
    async pipelines() {
      const connected = pool.servers().filter((mediaServer) => mediaServer.connected);
      const objects = await Promise.all(connected.map(({ uri }) => mediaObjectsOf(uri)));
      return objects.reduce((sum, { pipelines }) => sum + pipelines, 0);
    },
    async close() {
      await server.close();
      await pool.close();
    },
  };
}
