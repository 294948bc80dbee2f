import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { disposers, gate, kurento, pool, ready } from '../../testing/server/media-pools.ts';

describe('a media server', () => {
  test('that is missing at first is used when it comes', async () => {
    const server = await kurento();
    await server.stop();
    const media = pool([server.uri]);
    expect(await media.whenReady(100)).toBe(false);
    await expect(media.createPipeline()).rejects.toMatchObject({ code: 'media-unavailable' });
    const available = once(media, 'available');
    await server.listen();
    await available;
    expect(await media.whenReady(0)).toBe(true);
    await media.createPipeline();
  });

  test('that accepts and never answers is an error in bounded time', async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => sockets.add(socket));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    disposers.push(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    const media = pool([`ws://127.0.0.1:${(silent.address() as AddressInfo).port}/kurento`]);
    await vi.waitFor(() => expect(sockets.size).toBeGreaterThan(1), 5_000);
    await expect(media.createPipeline()).rejects.toMatchObject({ code: 'media-unavailable' });
  });

  test('that opens the socket but answers nothing is an error in bounded time', async () => {
    const server = await kurento();
    server.script = () => 'silence';
    const media = pool([server.uri]);
    await vi.waitFor(() => expect(server.log.filter((name) => name === 'describe')).toHaveLength(2), 5_000);
    expect(media.available).toBe(false);
    server.script = () => undefined;
    expect(await media.whenReady(5_000)).toBe(true);
  });

  test('that hangs in the middle fails the requests and loses its pipelines', async () => {
    const server = await kurento();
    const media = await ready(server);
    const pipeline = await media.createPipeline();
    const endpoint = await pipeline.createEndpoint();
    const [lost, unavailable] = [once(pipeline, 'lost'), once(media, 'unavailable')];
    server.script = () => 'silence';
    await expect(endpoint.negotiate('v=0')).rejects.toMatchObject({ name: 'MediaError' });
    await Promise.all([lost, unavailable]);
    await expect(pipeline.createEndpoint()).rejects.toMatchObject({ code: 'media-unavailable' });
    await pipeline.release();
  });

  test('that is slow with only one request is not given up', async () => {
    const server = await kurento();
    const media = await ready(server);
    const pipeline = await media.createPipeline();
    pipeline.on('lost', () => expect.unreachable());
    const endpoint = await pipeline.createEndpoint();
    server.script = (name) => (name === 'processOffer' ? 'silence' : undefined);
    await expect(endpoint.negotiate('v=0')).rejects.toMatchObject({ code: 'media-failed' });
    expect(media.available).toBe(true);
    await endpoint.release();
    expect([...server.objects]).toEqual([pipeline.id]);
  });

  test('that still knows the session after a broken connection keeps its pipelines', async () => {
    const server = await kurento();
    const media = await ready(server);
    const pipeline = await media.createPipeline();
    pipeline.on('lost', () => expect.unreachable());
    const gone = await media.createPipeline();
    const goneLost = once(gone, 'lost');
    server.objects.delete(gone.id);
    const interrupted = once(media, 'unavailable');
    server.dropConnections();
    await interrupted;
    // Waits for the connection, and goes through.
    const endpoint = await pipeline.createEndpoint();
    await goneLost;
    const candidate = once(endpoint, 'candidate');
    server.fire(endpoint.id, 'IceCandidateFound', {
      candidate: { candidate: 'c', sdpMid: '0', sdpMLineIndex: 0 },
    });
    await candidate;
    await pipeline.release();
    expect(server.pipelines).toEqual([]);
  });

  test('that broke the connection while it released releases after all', async () => {
    const server = await kurento();
    const media = await ready(server);
    const pipeline = await media.createPipeline();
    server.script = (name) => {
      if (name !== 'release') return undefined;
      server.script = () => undefined;
      server.dropConnections();
      return 'silence';
    };
    await pipeline.release();
    expect(server.pipelines).toEqual([]);
  });

  test('that is slow to release holds nothing else up', async () => {
    const server = await kurento();
    const media = await ready(server);
    const [slow, other] = [await media.createPipeline(), await media.createPipeline()];
    const { opened, open } = gate();
    server.script = (name) => (name === 'release' ? opened : undefined);
    const released = slow.release();
    const endpoint = await other.createEndpoint();
    expect(await endpoint.negotiate('v=0')).toBe('v=0 answer');
    open();
    await released;
  });

  test('that was restarted has lost its pipelines, and serves new ones', async () => {
    const server = await kurento();
    const media = await ready(server);
    const pipeline = await media.createPipeline();
    const lost = once(pipeline, 'lost');
    server.forget();
    server.dropConnections();
    await lost;
    expect(await media.whenReady(5_000)).toBe(true);
    const next = await media.createPipeline();
    await next.createEndpoint();
    await pipeline.release();
    expect(server.pipelines).toEqual([next.id]);
  });

  test('that does not come back has lost its pipelines within the time for resuming', async () => {
    const server = await kurento();
    const media = await ready(server);
    const pipeline = await media.createPipeline();
    const lost = once(pipeline, 'lost');
    await server.stop();
    await lost;
    expect(media.available).toBe(false);
    const available = once(media, 'available');
    await server.listen();
    await available;
    await media.createPipeline();
  });
});

describe('several media servers', () => {
  test('share the pipelines', async () => {
    const servers = [await kurento(), await kurento()];
    const media = await ready(...servers);
    await Promise.all(Array.from({ length: 6 }, () => media.createPipeline()));
    expect(servers.map(({ pipelines }) => pipelines.length)).toEqual([3, 3]);
  });

  test('are each watched: whichever hangs loses its pipelines, the other goes on', async () => {
    const servers = [await kurento(), await kurento(), await kurento()];
    const media = await ready(...servers);
    for (const server of servers) {
      const pipelines = await Promise.all(servers.map(() => media.createPipeline()));
      const lost = pipelines.filter(({ id }) => server.objects.has(id));
      const kept = pipelines.filter(({ id }) => !server.objects.has(id));
      expect(lost).not.toEqual([]);
      for (const pipeline of kept) pipeline.on('lost', () => expect.unreachable());
      const all = Promise.all(lost.map((pipeline) => once(pipeline, 'lost')));
      server.script = () => 'silence';
      await all;
      expect(media.available).toBe(true);
      await Promise.all(kept.map((pipeline) => pipeline.createEndpoint()));
      server.script = () => undefined;
      await vi.waitFor(() => expect(media.servers().every(({ connected }) => connected)).toBe(true), 5_000);
      for (const pipeline of kept) pipeline.removeAllListeners('lost');
      await Promise.all(pipelines.map((pipeline) => pipeline.release()));
    }
  });

  test('stand in for the one that dies or refuses', async () => {
    const [dying, refusing, healthy] = [await kurento(), await kurento(), await kurento()];
    const media = await ready(dying, refusing, healthy);
    await dying.stop();
    await vi.waitFor(() => expect(media.servers()).toMatchObject([{ connected: false }, {}, {}]));
    refusing.script = (name) =>
      name === 'create MediaPipeline' ? { code: 40008, message: 'Not enough resources' } : undefined;
    const pipeline = await media.createPipeline();
    expect(healthy.pipelines).toEqual([pipeline.id]);
    expect(media.available).toBe(true);
  });
});
