import { once } from 'node:events';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { MediaPool } from './media-pool.ts';
import { Caller } from '../../testing/server/rtp-caller.ts';

// With the embedded media server as it is shipped.

// kurento-client writes to the console when a connection breaks.
vi.spyOn(console, 'log').mockImplementation(() => undefined);

vi.setConfig({ testTimeout: 60_000 });

let media: MediaPool;
const callers: Caller[] = [];

beforeAll(async () => {
  vi.stubEnv('LOG_LEVEL', 'silent');
  media = MediaPool.start({
    uris: [],
    workers: 1,
    mediaPorts: { min: 42_000, max: 42_999 },
    logger: pino({ level: 'silent' }),
  });
  expect(await media.whenReady(30_000)).toBe(true);
}, 40_000);

afterAll(() => media.close());

afterEach(() => {
  for (const caller of callers.splice(0)) caller.close();
});

function caller(ssrc: number): Caller {
  const one = new Caller(ssrc);
  callers.push(one);
  return one;
}

/** Asks the media server itself, past the pool. */
async function pipelinesOnServer(): Promise<readonly string[]> {
  const socket = new WebSocket(media.servers()[0]?.uri ?? '');
  await once(socket, 'open');
  const params = { object: 'manager_ServerManager', operation: 'getPipelines' };
  socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'invoke', params }));
  const [reply] = (await once(socket, 'message')) as [Buffer];
  socket.close();
  return (JSON.parse(reply.toString()) as { result: { value: string[] } }).result.value;
}

test('two callers hear each other', async () => {
  const pipeline = await media.createPipeline();
  const [one, other] = [await pipeline.createEndpoint(), await pipeline.createEndpoint()];
  await Promise.all([one.connect(other), other.connect(one)]);
  const [ann, bob] = [caller(1111), caller(2222)];
  await Promise.all([ann.connect(one), bob.connect(other)]);
  const talk = setInterval(() => {
    ann.say('ann speaks');
    bob.say('bob speaks');
  }, 20);
  await vi.waitFor(() => {
    expect(ann.received).toContain('bob speaks');
    expect(bob.received).toContain('ann speaks');
  }, 10_000);
  clearInterval(talk);
  await pipeline.release();
  expect(await pipelinesOnServer()).toEqual([]);
});

test('a bad offer is told apart', async () => {
  const pipeline = await media.createPipeline();
  const endpoint = await pipeline.createEndpoint();
  await expect(endpoint.negotiate('garbage')).rejects.toMatchObject({ code: 'bad-sdp' });
  await pipeline.release();
});

test('nothing is left on the server, whenever the pipeline is released', async () => {
  for (let turn = 0; turn < 20; turn++) {
    const pipeline = await media.createPipeline();
    const first = pipeline.createEndpoint();
    const made = Promise.allSettled([first, pipeline.createEndpoint()]);
    if (turn % 2 === 0) await first;
    if (turn % 5 === 0) await new Promise(setImmediate);
    await pipeline.release();
    await made;
  }
  expect(await pipelinesOnServer()).toEqual([]);
});

test('a killed media server loses its pipelines and serves new ones after its restart', async () => {
  const pipeline = await media.createPipeline();
  const endpoint = await pipeline.createEndpoint();
  await caller(3333).connect(endpoint);
  const [lost, unavailable] = [once(pipeline, 'lost'), once(media, 'unavailable')];
  process.kill(media.workerPids[0] ?? NaN, 'SIGKILL');
  await Promise.all([lost, unavailable]);
  await expect(media.createPipeline()).rejects.toMatchObject({ code: 'media-unavailable' });
  await pipeline.release();
  expect(await media.whenReady(30_000)).toBe(true);
  const next = await media.createPipeline();
  await caller(4444).connect(await next.createEndpoint());
  expect(await pipelinesOnServer()).toEqual([next.id]);
  await next.release();
});
