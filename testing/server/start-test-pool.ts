import { type Logger, pino } from 'pino';
import type { Config } from '../../server/config.ts';
import { MediaPool } from '../../server/media/media-pool.ts';

const START_TIMEOUT_MS = 20_000;

/** A real media server in a process of its own. */
export interface TestPool extends MediaPool {
  /** Pipelines that exist. */
  pipelines(): number;
}

/**
 * Starts media servers and waits for one of them.
 * @param media which; by default one process of the embedded media server
 * @throws none starts
 */
export async function startTestPool(
  media: Config['media'] = { uris: [], workers: 1, ports: { min: 40_000, max: 49_999 }, address: undefined },
  logger: Logger = pino({ level: 'silent' }),
): Promise<TestPool> {
  const { uris, workers, ports, address } = media;
  const pool = MediaPool.start({ uris, workers, mediaPorts: ports, mediaAddress: address, logger });
  if (!(await pool.whenReady(START_TIMEOUT_MS))) {
    await pool.close();
    throw new Error('The media server did not start.');
  }
  const pipelines = () => pool.servers().reduce((sum, server) => sum + server.pipelines, 0);
  return Object.assign(pool, { pipelines });
}
