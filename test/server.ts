/** Starts the whole server for a test: on a free port, with one process of its own media server. */
import { once } from 'node:events';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import { readConfig } from '../server/config.ts';
import { MediaPool } from '../server/media/media-pool.ts';
import { startServer } from '../server/server.ts';

const MEDIA_START_TIMEOUT_MS = 20_000;

export interface TestServer {
  /** `http://localhost:<port>`. */
  readonly origin: string;
  readonly port: number;
  /** Processes of the embedded media server, by their ids. */
  workerPids(): readonly number[];
  /** Asks the media servers themselves, over Kurento's protocol, which pipelines they hold. */
  pipelines(): Promise<string[]>;
  close(): Promise<void>;
}

/** One request of Kurento's JSON-RPC on a connection of its own. */
async function pipelinesOf(uri: string): Promise<string[]> {
  const socket = new WebSocket(uri);
  try {
    await once(socket, 'open');
    const params = { object: 'manager_ServerManager', operation: 'getPipelines', operationParams: {} };
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'invoke', params }));
    const [data] = await once(socket, 'message');
    const { result, error } = JSON.parse(String(data));
    if (error) throw new Error(`getPipelines: ${error.message}`);
    return result.value;
  } finally {
    socket.terminate();
  }
}

/**
 * @param settings environment variables on top of a server without authentication (see the README)
 * @throws the media server does not start
 */
export async function startTestServer(settings: Readonly<Record<string, string>> = {}): Promise<TestServer> {
  const config = readConfig({ PORT: '0', DATABASE_URL: 'file::memory:', MEDIA_WORKERS: '1', ...settings });
  const logger = pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' });
  const { uris, workers, ports, address } = config.media;
  const pool = MediaPool.start({ uris, workers, mediaPorts: ports, mediaAddress: address, logger });
  if (!(await pool.whenReady(MEDIA_START_TIMEOUT_MS))) {
    await pool.close();
    throw new Error('The embedded media server did not start.');
  }
  const server = await startServer(config, { logger, pool });
  return {
    origin: new URL(server.url).origin,
    port: server.port,
    workerPids: () => pool.workerPids,
    async pipelines() {
      const connected = pool.servers().filter((mediaServer) => mediaServer.connected);
      return (await Promise.all(connected.map(({ uri }) => pipelinesOf(uri)))).flat();
    },
    async close() {
      await server.close();
      await pool.close();
    },
  };
}
