import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import { EmbeddedMediaServer } from './embedded-media-server.ts';
import { MediaPool } from './media-pool.ts';
import { DEFAULT_TIMINGS } from './timings.ts';

// Starting a process takes long where everything else is tested at the same time.
vi.setConfig({ testTimeout: 60_000 });

const PROGRAM = fileURLToPath(new URL('../../testing/server/scripted-media-server.ts', import.meta.url));
const TIMINGS = { ...DEFAULT_TIMINGS, firstRetryMs: 20, longestRetryMs: 50, closeMs: 500 };
const logger = pino({ level: 'silent' });

// kurento-client writes to the console when a connection breaks.
vi.spyOn(console, 'log').mockImplementation(() => undefined);

const disposers: (() => unknown)[] = [];
afterEach(async () => {
  for (const dispose of disposers.splice(0).reverse()) await dispose();
});

function embedded(mediaAddress?: string): EmbeddedMediaServer {
  const server = new EmbeddedMediaServer({
    mediaPorts: { min: 40000, max: 40009 },
    mediaAddress,
    timings: TIMINGS,
    logger,
    program: PROGRAM,
  });
  disposers.push(() => server.close());
  return server;
}

async function listening(server: EmbeddedMediaServer): Promise<string> {
  const [uri] = await once(server, 'listening');
  return uri as string;
}

function kill(pid: number | undefined): void {
  if (pid === undefined) throw new Error('not running');
  process.kill(pid, 'SIGKILL');
}

function freeze(pid: number | undefined): void {
  if (pid === undefined) throw new Error('not running');
  process.kill(pid, 'SIGSTOP');
}

function alive(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('it is started again on the same port', async () => {
  const server = embedded();
  const uri = await listening(server);
  expect(uri).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/kurento$/);
  const first = server.pid;
  kill(first);
  expect(await listening(server)).toBe(uri);
  expect(server.pid).not.toBe(first);
});

test('it takes another port when its own was taken meanwhile', async () => {
  const server = embedded();
  const uri = await listening(server);
  const thief = createServer();
  disposers.push(() => thief.close());
  const port = Number(new URL(uri).port);
  server.once('exit', () => thief.listen(port, '127.0.0.1'));
  kill(server.pid);
  const next = await listening(server);
  expect(thief.listening).toBe(true);
  expect(next).not.toBe(uri);
});

test('it starts whatever the working directory is', async () => {
  const here = process.cwd();
  disposers.push(() => process.chdir(here));
  process.chdir(tmpdir());
  expect(await listening(embedded())).toMatch(/^ws:/);
});

test('it is stopped, by force if it does not listen to reason, and stays stopped', async () => {
  for (const mediaAddress of [undefined, '192.0.2.1']) {
    const server = embedded(mediaAddress);
    await listening(server);
    const { pid } = server;
    expect(alive(pid)).toBe(true);
    server.on('listening', () => expect.unreachable());
    await server.close();
    expect(alive(pid)).toBe(false);
    await server.close();
  }
});

test('a pool without addresses runs its own servers, and a killed one only costs its pipelines', async () => {
  const media = MediaPool.start({
    uris: [],
    workers: 2,
    mediaPorts: { min: 40000, max: 40099 },
    logger,
    timings: TIMINGS,
    program: PROGRAM,
  });
  disposers.push(() => media.close());
  await vi.waitFor(
    () => expect(media.servers().filter(({ connected }) => connected)).toHaveLength(2),
    30_000,
  );
  const uris = media.servers().map(({ uri }) => uri);
  const pipelines = [await media.createPipeline(), await media.createPipeline()];
  const outcome = Promise.race(pipelines.map((pipeline) => once(pipeline, 'lost').then(() => pipeline)));
  const killed = performance.now();
  kill(media.workerPids[0]);
  const lost = await outcome;
  // The process is known to be gone, so nobody waits for the connection to come back.
  expect(performance.now() - killed).toBeLessThan(TIMINGS.resumeMs);
  expect(media.available).toBe(true);
  const kept = pipelines.find((pipeline) => pipeline !== lost);
  await kept?.createEndpoint();
  await (await media.createPipeline()).createEndpoint();
  await vi.waitFor(
    () => expect(media.servers().filter(({ connected }) => connected)).toHaveLength(2),
    30_000,
  );
  expect(media.servers().map(({ uri }) => uri)).toEqual(uris);
});

test('a process that hangs is replaced', async () => {
  const media = MediaPool.start({
    uris: [],
    workers: 1,
    mediaPorts: { min: 40000, max: 40099 },
    logger,
    timings: { ...TIMINGS, pingIntervalMs: 100, pingTimeoutMs: 1_000 },
    program: PROGRAM,
  });
  disposers.push(() => media.close());
  expect(await media.whenReady(30_000)).toBe(true);
  const pipeline = await media.createPipeline();
  const lost = once(pipeline, 'lost');
  const [pid] = media.workerPids;
  freeze(pid);
  await lost;
  expect(await media.whenReady(30_000)).toBe(true);
  expect(alive(pid)).toBe(false);
  await (await media.createPipeline()).createEndpoint();
});

test('a pipeline outlives a standstill of this process that is longer than a ping may take', async () => {
  const media = MediaPool.start({
    uris: [],
    workers: 1,
    mediaPorts: { min: 40000, max: 40099 },
    logger,
    timings: { ...TIMINGS, pingIntervalMs: 1, pingTimeoutMs: 1_000 },
    program: PROGRAM,
  });
  disposers.push(() => media.close());
  expect(await media.whenReady(30_000)).toBe(true);
  const pipeline = await media.createPipeline();
  let lost = false;
  pipeline.on('lost', () => (lost = true));
  // With a ping every millisecond one is under way at the first, second or third standstill.
  for (let standstill = 0; standstill < 3; standstill++) {
    await pipeline.createEndpoint();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_100);
  }
  await pipeline.createEndpoint();
  expect(lost).toBe(false);
});
