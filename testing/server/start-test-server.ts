import { pino } from 'pino';
import { readConfig } from '../../server/config.ts';
import { type RunningServer, type ServerOptions, startServer } from '../../server/server.ts';

/** A server on a free port, without the demo, with an empty store and one media server process, unless told otherwise. */
export function startTestServer(
  environment: Readonly<Record<string, string>> = {},
  options: Partial<ServerOptions> = {},
): Promise<RunningServer> {
  const config = readConfig({
    PORT: '0',
    DEMO: '0',
    MEDIA_WORKERS: '1',
    HOST: '127.0.0.1',
    DATABASE_URL: 'file::memory:',
    ...environment,
  });
  return startServer(config, { logger: pino({ level: process.env['LOG_LEVEL'] ?? 'silent' }), ...options });
}
