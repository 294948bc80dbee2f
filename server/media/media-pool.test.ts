import { describe, expect, test, vi } from 'vitest';
import type { Candidate } from '../../protocol/index.ts';
import { gate, kurento, ready } from '../../testing/server/media-pools.ts';

describe('a pipeline', () => {
  test('is a pipeline that takes its endpoints with it', async () => {
    const server = await kurento();
    const media = await ready(server);
    const pipeline = await media.createPipeline();
    const [one, two] = await Promise.all([pipeline.createEndpoint(), pipeline.createEndpoint()]);
    expect(server.objects).toEqual(new Set([pipeline.id, one.id, two.id]));
    expect(media.servers()).toEqual([{ uri: server.uri, connected: true, pipelines: 1 }]);
    await pipeline.release();
    expect(server.objects.size).toBe(0);
    expect(media.servers()).toMatchObject([{ pipelines: 0 }]);
    await expect(pipeline.createEndpoint()).rejects.toMatchObject({ code: 'media-failed' });
  });

  test('is released once however often that is asked for', async () => {
    const server = await kurento();
    const pipeline = await (await ready(server)).createPipeline();
    await Promise.all([pipeline.release(), pipeline.release()]);
    await pipeline.release();
    expect(server.log.filter((name) => name === 'release')).toHaveLength(1);
  });

  test('releases the endpoint that is being made when it is released', async () => {
    const server = await kurento();
    const pipeline = await (await ready(server)).createPipeline();
    const { opened, open } = gate();
    server.script = (name) => (name === 'create WebRtcEndpoint' ? opened : undefined);
    const endpoint = pipeline.createEndpoint();
    const refused = expect(endpoint).rejects.toMatchObject({ code: 'media-failed' });
    const released = pipeline.release();
    open();
    await Promise.all([refused, released]);
    expect(server.objects.size).toBe(0);
  });

  test('that the server makes after the time is up is released', async () => {
    const server = await kurento();
    const media = await ready(server);
    const { opened, open } = gate();
    server.script = (name) => (name === 'create MediaPipeline' ? opened : undefined);
    await expect(media.createPipeline()).rejects.toMatchObject({ code: 'media-unavailable' });
    server.script = () => undefined;
    open();
    await vi.waitFor(() => expect(server.log).toContain('release'));
    await vi.waitFor(() => expect(server.pipelines).toEqual([]));
  });

  test('is released when the pool is closed, also one that is just being made', async () => {
    const server = await kurento();
    const media = await ready(server);
    await media.createPipeline();
    const { opened, open } = gate();
    server.script = (name) => (name === 'create MediaPipeline' ? opened : undefined);
    const late = expect(media.createPipeline()).rejects.toMatchObject({ code: 'media-unavailable' });
    await vi.waitFor(() => expect(server.log.filter((name) => name.startsWith('create'))).toHaveLength(2));
    const closed = media.close();
    open();
    await Promise.all([late, closed]);
    expect(server.pipelines).toEqual([]);
    expect(media.available).toBe(false);
    await vi.waitFor(() => expect(server.connections).toBe(0));
  });

  test('never throws on release, not even when the server refuses', async () => {
    const server = await kurento();
    const pipeline = await (await ready(server)).createPipeline();
    const endpoint = await pipeline.createEndpoint();
    server.forget();
    await expect(endpoint.release()).resolves.toBeUndefined();
    await expect(pipeline.release()).resolves.toBeUndefined();
  });
});

describe('an endpoint', () => {
  test('is subscribed before it can be negotiated, and emits every candidate', async () => {
    const server = await kurento();
    const pipeline = await (await ready(server)).createPipeline();
    const endpoint = await pipeline.createEndpoint();
    expect(server.subscriptions).toContain(`${endpoint.id} IceCandidateFound`);
    const candidates: Candidate[] = [];
    endpoint.on('candidate', (candidate) => candidates.push(candidate));
    server.script = (name) => {
      if (name !== 'gatherCandidates') return undefined;
      for (const n of [0, 1, 2]) {
        const candidate = { candidate: `candidate:${n}`, sdpMid: 'a', sdpMLineIndex: n };
        const found = { __module__: 'kurento', __type__: 'IceCandidate', ...candidate };
        server.fire(endpoint.id, 'IceCandidateFound', { candidate: found });
      }
      return undefined;
    };
    expect(await endpoint.negotiate('v=0 offer')).toBe('v=0 answer');
    expect(candidates).toEqual([]);
    await vi.waitFor(() => expect(candidates).toHaveLength(3));
    expect(candidates[2]).toEqual({ candidate: 'candidate:2', sdpMid: 'a', sdpMLineIndex: 2 });
  });

  test('hands candidates over in order, completed as Kurento wants them', async () => {
    const server = await kurento();
    const pipeline = await (await ready(server)).createPipeline();
    const endpoint = await pipeline.createEndpoint();
    const added: unknown[] = [];
    server.script = (name, { params }) => {
      if (name === 'addIceCandidate') added.push(params?.operationParams?.['candidate']);
      return undefined;
    };
    await endpoint.negotiate('v=0 offer');
    await endpoint.addCandidate({ candidate: 'candidate:1', sdpMid: null, sdpMLineIndex: 1 });
    await endpoint.addCandidate({ candidate: 'candidate:2', sdpMid: 'x' });
    await endpoint.addCandidate({ candidate: '' });
    await endpoint.addCandidate({ candidate: 'candidate:3' });
    expect(added).toEqual([
      { candidate: 'candidate:1', sdpMid: '1', sdpMLineIndex: 1 },
      { candidate: 'candidate:2', sdpMid: 'x', sdpMLineIndex: 0 },
      { candidate: 'candidate:3', sdpMid: '0', sdpMLineIndex: 0 },
    ]);
    expect(server.log.indexOf('addIceCandidate')).toBeGreaterThan(server.log.indexOf('processOffer'));
  });

  test('survives a candidate that the server refuses', async () => {
    const server = await kurento();
    const pipeline = await (await ready(server)).createPipeline();
    const endpoint = await pipeline.createEndpoint();
    await endpoint.negotiate('v=0 offer');
    server.script = (name) =>
      name === 'addIceCandidate' ? { code: 40001, message: 'Error adding candidate' } : undefined;
    await endpoint.addCandidate({ candidate: 'nonsense', sdpMid: '0', sdpMLineIndex: 0 });
    expect(server.log).toContain('addIceCandidate');
  });

  test('has at most 16 requests under way, and drops candidates of which too many wait', async () => {
    const server = await kurento();
    const pipeline = await (await ready(server)).createPipeline();
    const endpoint = await pipeline.createEndpoint();
    await endpoint.negotiate('v=0 offer');
    const { opened, open } = gate();
    let arrived = 0;
    server.script = (name) => {
      if (name !== 'addIceCandidate') return undefined;
      arrived += 1;
      return opened;
    };
    const added = Array.from({ length: 900 }, (_, n) =>
      endpoint.addCandidate({ candidate: `candidate:${n}` }),
    );
    await vi.waitFor(() => expect(arrived).toBe(16));
    const other = await pipeline.createEndpoint();
    expect(await other.negotiate('v=0 offer')).toBe('v=0 answer');
    expect(arrived).toBe(16);
    open();
    await Promise.all(added);
    // The request to gather candidates may still have been one of the 16.
    expect(arrived).toBeGreaterThanOrEqual(15 + 128);
    expect(arrived).toBeLessThanOrEqual(16 + 128);
  });

  test('tells a bad offer from other failures', async () => {
    const server = await kurento();
    const pipeline = await (await ready(server)).createPipeline();
    const [bad, failing, good] = await Promise.all([1, 2, 3].map(() => pipeline.createEndpoint()));
    server.script = (name) => (name === 'processOffer' ? { code: 40201, message: 'Invalid SDP' } : undefined);
    await expect(bad?.negotiate('garbage')).rejects.toMatchObject({ code: 'bad-sdp' });
    server.script = (name) => (name === 'processOffer' ? { code: 40000, message: 'Broken' } : undefined);
    await expect(failing?.negotiate('v=0')).rejects.toMatchObject({
      code: 'media-failed',
      name: 'MediaError',
    });
    server.script = () => undefined;
    await good?.negotiate('v=0');
    await expect(good?.negotiate('v=0')).rejects.toMatchObject({ code: 'media-failed' });
  });

  test('is not left behind when it cannot be subscribed to', async () => {
    const server = await kurento();
    const pipeline = await (await ready(server)).createPipeline();
    server.script = (name) => (name === 'subscribe' ? { code: 40106, message: 'Not supported' } : undefined);
    await expect(pipeline.createEndpoint()).rejects.toMatchObject({ code: 'media-failed' });
    expect([...server.objects]).toEqual([pipeline.id]);
  });

  test('connects and disconnects all media or one kind', async () => {
    const server = await kurento();
    const pipeline = await (await ready(server)).createPipeline();
    const [source, sink] = [await pipeline.createEndpoint(), await pipeline.createEndpoint()];
    const seen: [string, ...unknown[]][] = [];
    server.script = (name, { params }) => {
      seen.push([name, params?.object, params?.operationParams]);
      return undefined;
    };
    await source.connect(sink);
    await source.connect(sink, 'audio');
    await source.disconnect(sink, 'video');
    expect(seen.filter(([name]) => name !== 'getName')).toEqual([
      ['connect', source.id, { sink: sink.id }],
      ['connect', source.id, { sink: sink.id, mediaType: 'AUDIO' }],
      ['disconnect', source.id, { sink: sink.id, mediaType: 'VIDEO' }],
    ]);
  });
});
