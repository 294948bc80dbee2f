import { describe, expect, it } from 'vitest';
import {
  cleanUpAfterEach,
  connect,
  startServer,
  startWithPipeline,
} from '../../../testing/media-server/server.ts';
import type { RawClient } from '../../../testing/media-server/raw-client.ts';

cleanUpAfterEach();

const MANAGER = 'manager_ServerManager';
const INVALID_SESSION = { code: 40007, data: { type: 'INVALID_SESSION' }, message: 'Invalid session' };
const SESSION_REQUIRED = { code: -32000, message: "'sessionId' parameter is required" };
const PARAMS_REQUIRED = { code: -32602, data: { type: 'INVALID_PARAMS' }, message: "'params' is required" };

function notFound(id: string): object {
  return { code: 40101, data: { type: 'MEDIA_OBJECT_NOT_FOUND' }, message: `Object '${id}' not found` };
}

async function sessionOf(client: RawClient): Promise<string> {
  const { result } = await client.call('describe', { object: MANAGER });
  return (result as { sessionId: string }).sessionId;
}

describe('sessions', () => {
  it('exist only once they have touched an object', async () => {
    const { url } = await startServer();
    const client = await connect(url);
    const first = (await client.call('connect', {})).result as { sessionId: string; serverId: string };
    expect((await client.call('connect', {})).error).toEqual(INVALID_SESSION);
    expect((await client.call('connect', { sessionId: first.sessionId })).error).toEqual(INVALID_SESSION);
    expect(await sessionOf(client)).toBe(first.sessionId);
    expect((await client.call('connect', {})).result).toEqual(first);
    expect((await client.call('ping', {})).result).toEqual({ sessionId: first.sessionId, value: 'pong' });
  });

  it.each([
    ['create', { type: 'MediaPipeline' }],
    ['invoke', { object: MANAGER, operation: 'getCpuCount' }],
    ['subscribe', { object: MANAGER, type: 'ObjectCreated' }],
    ['describe', { object: MANAGER }],
    ['transaction', { operations: [] }],
    ['release', { object: 'nope' }],
  ])('are made by %s on a fresh connection', async (method, params) => {
    const { url } = await startServer();
    const client = await connect(url);
    const { result } = await client.call(method, params);
    expect(result).toHaveProperty('sessionId', expect.stringMatching(/^[\da-f-]{36}$/));
    expect((await client.call('ping')).result).toEqual({
      sessionId: (result as { sessionId: string }).sessionId,
      value: 'pong',
    });
  });

  it.each([
    ['ref', { object: MANAGER }],
    ['unref', { object: MANAGER }],
    ['unsubscribe', { object: MANAGER, subscription: 'x' }],
    ['keepAlive', {}],
    ['closeSession', {}],
  ])('are demanded by %s', async (method, params) => {
    const { url } = await startServer();
    const client = await connect(url);
    expect((await client.call(method, params)).error).toEqual(SESSION_REQUIRED);
    expect((await client.call(method)).error).toEqual(PARAMS_REQUIRED);
  });

  it('may have any name, except where they must exist', async () => {
    const { client, pipeline } = await startWithPipeline();
    const named = async (method: string, params: object, sessionId: string): Promise<unknown> => {
      const reply = await client.call(method, { ...params, sessionId });
      return reply.result ?? reply.error ?? null;
    };
    expect(await named('ping', {}, 'a')).toEqual({ sessionId: 'a', value: 'pong' });
    expect(await named('ref', { object: pipeline }, 'b')).toEqual({ sessionId: 'b' });
    expect(await named('unref', { object: pipeline }, 'c')).toEqual({ sessionId: 'c' });
    expect(await named('unsubscribe', { object: pipeline, subscription: 'x' }, 'd')).toEqual({
      sessionId: 'd',
    });
    expect(await named('closeSession', {}, 'e')).toBeNull();
    expect(await named('closeSession', { release: true }, 'e')).toBeNull();
    expect(await named('connect', {}, 'f')).toEqual(INVALID_SESSION);
    expect(await named('keepAlive', {}, 'f')).toEqual(INVALID_SESSION);
    expect(await named('keepAlive', {}, 'b')).toEqual({ sessionId: 'b' });
    expect((await client.call('connect', { sessionId: 5 })).error).toEqual(INVALID_SESSION);
  });

  it('move to the connection that names them, with their events; the old one gets a new session', async () => {
    const { server, client: old, pipeline } = await startWithPipeline();
    const sessionId = await sessionOf(old);
    await old.call('subscribe', { object: MANAGER, type: 'ObjectCreated' });
    const fresh = await connect(server.url);
    expect((await fresh.call('connect', { sessionId }, 5001)).result).toMatchObject({ sessionId });
    await fresh.create('MediaPipeline');
    expect(fresh.pendingEvents).toEqual(['ObjectCreated']);
    const { result } = await old.call('invoke', { object: pipeline, operation: 'getName' });
    expect((result as { sessionId: string }).sessionId).not.toBe(sessionId);
    expect(old.pendingEvents).toEqual([]);
  });

  it('lose the events that come while they have no connection', async () => {
    const { server, client, pipeline } = await startWithPipeline();
    const observer = await connect(server.url);
    const sessionId = await sessionOf(observer);
    await observer.call('subscribe', { object: MANAGER, type: 'ObjectCreated' });
    observer.drop();
    await observer.closed;
    await client.create('PassThrough', { mediaPipeline: pipeline });
    const back = await connect(server.url);
    await back.call('connect', { sessionId }, 701);
    const seen = await client.create('PassThrough', { mediaPipeline: pipeline });
    expect(await back.event('ObjectCreated')).toMatchObject({ object: seen });
    expect(back.pendingEvents).toEqual([]);
  });

  it('share objects; the release by one is for all', async () => {
    const { server, client, pipeline } = await startWithPipeline();
    const other = await connect(server.url);
    expect(await other.invoke(pipeline, 'getName')).toBe(pipeline);
    await client.call('release', { object: pipeline });
    expect(await other.invoke(pipeline, 'getName')).toEqual(notFound(pipeline));
    expect((await client.call('release', { object: pipeline })).result).toHaveProperty('sessionId');
  });

  it('only let go when closed: what others touched lives on', async () => {
    const { server, client, pipeline } = await startWithPipeline();
    const shared = await client.create('PassThrough', { mediaPipeline: pipeline });
    const own = await client.create('PassThrough', { mediaPipeline: pipeline });
    const other = await connect(server.url);
    await other.invoke(shared, 'getName');
    expect((await client.call('closeSession', {})).result).toBeNull();
    expect(await other.invoke(pipeline, 'getName')).toBe(pipeline);
    expect(await other.invoke(shared, 'getName')).toBe(shared);
    expect(await other.invoke(own, 'getName')).toEqual(notFound(own));
  });

  it('destroy what they hold when closed with release', async () => {
    const { server, client, pipeline } = await startWithPipeline();
    const other = await connect(server.url);
    await other.invoke(pipeline, 'getName');
    await client.call('closeSession', { release: true });
    expect(await other.invoke(pipeline, 'getName')).toEqual(notFound(pipeline));
  });

  it('let go of an object by unref', async () => {
    const { client, pipeline } = await startWithPipeline();
    const child = await client.create('PassThrough', { mediaPipeline: pipeline });
    await client.call('unref', { object: pipeline });
    expect(await client.invoke(child, 'getName')).toEqual(notFound(child));
  });

  it('are listed after as many empty names and two', async () => {
    const { client } = await startWithPipeline();
    const sessionId = await sessionOf(client);
    expect(await client.invoke(MANAGER, 'getSessions')).toEqual(['', '', '', sessionId]);
  });
});

describe('the collection of sessions', () => {
  const garbageCollectorPeriodMs = 50;

  it('ends one whose connection dropped, with its objects', async () => {
    const { url } = await startServer({ garbageCollectorPeriodMs });
    const observer = await connect(url);
    await observer.call('subscribe', { object: MANAGER, type: 'ObjectDestroyed' });
    const client = await connect(url);
    const pipeline = await client.create('MediaPipeline');
    const sessionId = await sessionOf(client);
    client.drop();
    expect(await observer.event('ObjectDestroyed')).toMatchObject({ objectId: pipeline, source: MANAGER });
    expect((await observer.call('connect', { sessionId })).error).toEqual(INVALID_SESSION);
    expect(await observer.invoke(pipeline, 'getName')).toEqual(notFound(pipeline));
  });

  it('spares one that is connected, and one that is not for less than a period', async () => {
    const { url } = await startServer({ garbageCollectorPeriodMs });
    const observer = await connect(url);
    await observer.call('subscribe', { object: MANAGER, type: 'ObjectDestroyed' });
    const idle = await connect(url);
    const kept = await idle.create('MediaPipeline');
    const lost = await connect(url);
    const returning = await lost.create('MediaPipeline');
    const sessionId = await sessionOf(lost);
    lost.drop();
    await lost.closed;
    const back = await connect(url);
    await back.call('connect', { sessionId }, 501);
    // The end of a third session shows that collections have come by.
    const doomed = await connect(url);
    const gone = await doomed.create('MediaPipeline');
    doomed.drop();
    expect(await observer.event('ObjectDestroyed')).toMatchObject({ objectId: gone });
    expect(observer.pendingEvents).toEqual([]);
    expect(await idle.invoke(kept, 'getName')).toBe(kept);
    expect(await back.invoke(returning, 'getName')).toBe(returning);
  });
});

describe('the cache of replies', () => {
  it('answers a repeated id of a session with what it answered first', async () => {
    const { client } = await startWithPipeline();
    const first = await client.call('create', { type: 'MediaPipeline' }, 'dup');
    expect(await client.call('create', { type: 'MediaPipeline' }, 'dup')).toEqual(first);
    expect(await client.call('ping', {}, 'dup')).toEqual(first);
    const failure = await client.call('invoke', { object: 'nope', operation: 'x' }, 78);
    expect(failure.error).toEqual(notFound('nope'));
    expect(await client.call('ping', {}, 78)).toEqual(failure);
    expect(await client.invoke(MANAGER, 'getPipelines')).toHaveLength(2);
  });
});
