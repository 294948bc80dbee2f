import { afterEach, expect, vi } from 'vitest';
import { pino } from 'pino';
import { MediaPool } from '../../server/media/media-pool.ts';
import type { MediaTimings } from '../../server/media/timings.ts';
import { ScriptedKurento } from './scripted-kurento.ts';

const QUICK: MediaTimings = {
  openMs: 500,
  requestMs: 800,
  pingIntervalMs: 50,
  pingTimeoutMs: 400,
  resumeMs: 700,
  firstRetryMs: 20,
  longestRetryMs: 100,
  closeMs: 500,
};
const PORTS = { min: 40000, max: 40099 };
const logger = pino({ level: 'silent' });

// kurento-client writes to the console when a connection breaks.
vi.spyOn(console, 'log').mockImplementation(() => undefined);

/** Run at the end of the test, the last first. */
export const disposers: (() => unknown)[] = [];
afterEach(async () => {
  for (const dispose of disposers.splice(0).reverse()) await dispose();
});

/** A media server that ends with the test. */
export async function kurento(): Promise<ScriptedKurento> {
  const server = await ScriptedKurento.start();
  disposers.push(() => server.stop());
  return server;
}

/** A pool that ends with the test, on timings short enough to wait for. */
export function pool(uris: readonly string[], timings: Partial<MediaTimings> = {}): MediaPool {
  const media = MediaPool.start({
    uris,
    workers: 1,
    mediaPorts: PORTS,
    logger,
    timings: { ...QUICK, ...timings },
  });
  disposers.push(() => media.close());
  return media;
}

/** A pool that is connected to all of these. */
export async function ready(...servers: ScriptedKurento[]): Promise<MediaPool> {
  const media = pool(servers.map(({ uri }) => uri));
  await vi.waitFor(() => expect(media.servers().every(({ connected }) => connected)).toBe(true));
  return media;
}

/** A promise with its resolver, to hold an answer back. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}
