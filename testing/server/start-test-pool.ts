import { pino } from 'pino';
import { MediaPool } from '../../server/media/media-pool.ts';

/** A real media server in a process of its own. */
export interface TestPool extends MediaPool {
  /** Pipelines that exist. */
  pipelines(): number;
}

/** Starts one media server process and waits for it. */
export async function startTestPool(): Promise<TestPool> {
  const pool = MediaPool.start({
    uris: [],
    workers: 1,
    mediaPorts: { min: 40_000, max: 49_999 },
    logger: pino({ level: 'silent' }),
  });
  if (!(await pool.whenReady(20_000))) throw new Error('The media server did not start.');
  const pipelines = () => pool.servers().reduce((sum, server) => sum + server.pipelines, 0);
  return Object.assign(pool, { pipelines });
}
