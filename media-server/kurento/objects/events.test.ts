import { describe, expect, it } from 'vitest';
import type { RawClient } from '../../../testing/media-server/raw-client.ts';
import { cleanUpAfterEach, connect, startWithPipeline } from '../../../testing/media-server/server.ts';

cleanUpAfterEach();

const MANAGER = 'manager_ServerManager';
const ALL = ['AUDIO', 'VIDEO', 'DATA'];

async function endpoints(client: RawClient, pipeline: string, count: number): Promise<string[]> {
  const ids = [];
  for (let i = 0; i < count; i += 1) {
    const id = await client.create('WebRtcEndpoint', { mediaPipeline: pipeline });
    for (const type of ['ElementConnected', 'ElementDisconnected']) {
      await client.call('subscribe', { object: id, type });
    }
    ids.push(id);
  }
  return ids;
}

/** The events since the last call, in short. */
async function seen(client: RawClient): Promise<string[]> {
  await client.call('ping');
  const taken = [];
  for (const type of client.pendingEvents) {
    const { mediaType } = await client.event(type);
    taken.push(`${type} ${String(mediaType)}`);
  }
  return taken;
}

const each = (event: string): string[] => ALL.map((type) => `${event} ${type}`);

describe('connections', () => {
  it('are announced by their source, per medium, with everything Kurento tells', async () => {
    const { client, pipeline } = await startWithPipeline();
    const [a = '', b = ''] = await endpoints(client, pipeline, 2);
    await client.invoke(a, 'connect', { sink: b });
    expect(await client.event('ElementConnected')).toEqual({
      mediaType: 'AUDIO',
      sink: b,
      sinkMediaDescription: 'default',
      source: a,
      sourceMediaDescription: 'default',
      tags: [],
      timestampMillis: expect.stringMatching(/^\d{13}$/),
      type: 'ElementConnected',
    });
    expect(await seen(client)).toEqual(['ElementConnected VIDEO', 'ElementConnected DATA']);
  });

  it('are made anew when repeated', async () => {
    const { client, pipeline } = await startWithPipeline();
    const [a = '', b = ''] = await endpoints(client, pipeline, 2);
    await client.invoke(a, 'connect', { sink: b });
    await seen(client);
    await client.invoke(a, 'connect', { sink: b });
    expect(await seen(client)).toEqual(
      ALL.flatMap((type) => [`ElementDisconnected ${type}`, `ElementConnected ${type}`]),
    );
  });

  it('replace those of other sources', async () => {
    const { client, pipeline } = await startWithPipeline();
    const [a = '', b = '', sink = ''] = await endpoints(client, pipeline, 3);
    await client.invoke(a, 'connect', { sink });
    await client.invoke(b, 'connect', { sink, mediaType: 'VIDEO' });
    const connection = (source: string, type: string): object => ({
      __module__: 'kurento',
      __type__: 'ElementConnectionData',
      sink,
      sinkDescription: 'default',
      source,
      sourceDescription: 'default',
      type,
    });
    expect(await client.invoke(sink, 'getSourceConnections')).toEqual([
      connection(a, 'AUDIO'),
      connection(a, 'DATA'),
      connection(b, 'VIDEO'),
    ]);
    expect(await client.invoke(b, 'getSinkConnections', {})).toEqual([connection(b, 'VIDEO')]);
    expect(await client.invoke(sink, 'getSourceConnections', { mediaType: 'AUDIO' })).toEqual([
      connection(a, 'AUDIO'),
    ]);
  });

  it('are declared ended for all media that are named, connected or not', async () => {
    const { client, pipeline } = await startWithPipeline();
    const [a = '', b = ''] = await endpoints(client, pipeline, 2);
    await client.invoke(a, 'disconnect', { sink: b });
    expect(await seen(client)).toEqual(each('ElementDisconnected'));
    await client.invoke(a, 'connect', { sink: b, mediaType: 'VIDEO' });
    await client.invoke(a, 'disconnect', { sink: b, mediaType: 'AUDIO' });
    expect(await seen(client)).toEqual(['ElementConnected VIDEO', 'ElementDisconnected AUDIO']);
    expect(await client.invoke(b, 'getSourceConnections')).toHaveLength(1);
  });

  it('end with their sink, announced by the source that is left', async () => {
    const { client, pipeline } = await startWithPipeline();
    const [a = '', b = ''] = await endpoints(client, pipeline, 2);
    await client.invoke(a, 'connect', { sink: b });
    await client.invoke(b, 'connect', { sink: a });
    await seen(client);
    await client.call('release', { object: b });
    expect(await seen(client)).toEqual(each('ElementDisconnected'));
    expect(await client.invoke(a, 'getSourceConnections')).toEqual([]);
  });

  it('are drawn', async () => {
    const { client, pipeline } = await startWithPipeline();
    const [a = '', b = ''] = await endpoints(client, pipeline, 2);
    await client.invoke(a, 'setName', { name: 'a "quoted" \\ name' });
    await client.invoke(a, 'connect', { sink: b, mediaType: 'AUDIO' });
    const dot = String(await client.invoke(pipeline, 'getGstreamerDot', { details: 'SHOW_ALL' }));
    expect(dot).toContain(`"${a}" -> "${b}" [label="AUDIO"];`);
    expect(dot).toContain('a \\"quoted\\" \\\\ name');
  });
});

describe('subscriptions', () => {
  it('of one session to one event deliver it once, until the last is gone', async () => {
    const { client, pipeline } = await startWithPipeline();
    const [a = ''] = await endpoints(client, pipeline, 1);
    const second = await client.value('subscribe', { object: a, type: 'ElementConnected' });
    const loop = async (): Promise<void> => {
      await client.invoke(a, 'connect', { sink: a, mediaType: 'AUDIO' });
      await client.invoke(a, 'disconnect', { sink: a, mediaType: 'AUDIO' });
    };
    await loop();
    expect(await seen(client)).toEqual(['ElementConnected AUDIO', 'ElementDisconnected AUDIO']);
    await client.call('unsubscribe', { object: a, subscription: second ?? '' });
    await client.call('unsubscribe', { object: a, subscription: 'bogus' });
    await loop();
    expect(await seen(client)).toHaveLength(2);
  });

  it('end with the last unsubscription', async () => {
    const { client, pipeline } = await startWithPipeline();
    const subscription = await client.value('subscribe', { object: MANAGER, type: 'ObjectCreated' });
    await client.create('PassThrough', { mediaPipeline: pipeline });
    expect(client.pendingEvents).toEqual(['ObjectCreated']);
    await client.call('unsubscribe', { object: MANAGER, subscription: subscription ?? '' });
    await client.create('PassThrough', { mediaPipeline: pipeline });
    expect(client.pendingEvents).toEqual(['ObjectCreated']);
  });

  it('of two sessions deliver to both, and neither can end the other’s', async () => {
    const { server, client } = await startWithPipeline();
    const other = await connect(server.url);
    await other.call('subscribe', { object: MANAGER, type: 'ObjectCreated' });
    const subscription = await client.value('subscribe', { object: MANAGER, type: 'ObjectCreated' });
    await other.call('unsubscribe', { object: MANAGER, subscription: subscription ?? '' });
    const pipeline = await client.create('MediaPipeline');
    for (const subscriber of [client, other]) {
      expect(await subscriber.event('ObjectCreated')).toEqual({
        object: pipeline,
        source: MANAGER,
        tags: [],
        timestampMillis: expect.any(String),
      });
    }
  });
});

it('a pipeline takes its children along, and the manager tells of each', async () => {
  const { client, pipeline } = await startWithPipeline();
  const [a = '', b = ''] = await endpoints(client, pipeline, 2);
  await client.invoke(a, 'connect', { sink: b });
  await seen(client);
  await client.call('subscribe', { object: MANAGER, type: 'ObjectDestroyed' });
  await client.call('release', { object: pipeline });
  expect(client.pendingEvents).toEqual(Array(3).fill('ObjectDestroyed'));
  for (const objectId of [a, b, pipeline])
    expect(await client.event('ObjectDestroyed')).toMatchObject({ objectId });
  expect(await client.invoke(MANAGER, 'getPipelines')).toEqual([]);
});
