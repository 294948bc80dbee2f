import { once } from 'node:events';
import { connect as connectTcp, createServer, type AddressInfo, type Socket } from 'node:net';
import { createRequire } from 'node:module';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { cleanUpAfterEach, connect, startServer } from '../../testing/media-server/server.ts';

cleanUpAfterEach();

/** The client itself is slow; on a busy machine these take a while. */
const LOAD_TIMEOUT_MS = 60_000;

type Callback<T = unknown> = (error: Error | null | undefined, result: T) => void;

/** What is used here of kurento-client 7.2.0. Its promises swallow errors, so only callbacks are. */
interface RemoteObject {
  readonly id: string;
  on(type: string, listener: (event: Record<string, unknown>) => void): void;
  create(type: string, callback: Callback<RemoteObject>): void;
  connect(sink: RemoteObject, type: string, from: string, to: string, callback: Callback): void;
  addTag(key: string, value: string, callback: Callback): void;
  getTags(callback: Callback<{ key: string; value: string }[]>): void;
  getName(callback: Callback<string>): void;
  processOffer(offer: string, callback: Callback<string>): void;
  release(callback: Callback): void;
}
interface Client {
  once(event: 'reconnected', listener: (sameSession: boolean) => void): void;
  create(type: string, callback: Callback<RemoteObject>): void;
  getServerManager(callback: Callback<{ getInfo(callback: Callback): void }>): void;
  close(): void;
}
const kurento = createRequire(import.meta.url)('kurento-client') as (
  url: string,
  options: { strict: boolean },
  callback: Callback<Client>,
) => void;

// It writes to the console when a connection breaks.
vi.spyOn(console, 'log').mockImplementation(() => undefined);

const disposers: (() => void)[] = [];
afterEach(() => {
  for (const dispose of disposers.splice(0)) dispose();
});

/** Its objects are thenables, so a promise may only resolve with something around them. */
function call<T>(start: (callback: Callback<T>) => void): Promise<{ result: T }> {
  return new Promise((resolve, reject) => {
    start((error, result) => (error ? reject(error) : resolve({ result })));
  });
}

async function openClient(url: string): Promise<{ client: Client }> {
  const { result: client } = await call<Client>((done) => kurento(url, { strict: true }, done));
  disposers.push(() => client.close());
  return { client };
}

async function openEndpoints(url: string): Promise<{ client: Client; a: RemoteObject; b: RemoteObject }> {
  const { client } = await openClient(url);
  const { result: pipeline } = await call<RemoteObject>((done) => client.create('MediaPipeline', done));
  const { result: a } = await call<RemoteObject>((done) => pipeline.create('WebRtcEndpoint', done));
  const { result: b } = await call<RemoteObject>((done) => pipeline.create('WebRtcEndpoint', done));
  return { client, a, b };
}

/** Stands between client and server, to cut the connection. */
async function cuttable(port: number): Promise<{ url: string; cut(): void }> {
  const sockets = new Set<Socket>();
  const proxy = createServer((near) => {
    const far = connectTcp(port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket)));
    }
    near.pipe(far).pipe(near);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  disposers.push(() => {
    cut();
    proxy.close();
  });
  return { url: `ws://127.0.0.1:${(proxy.address() as AddressInfo).port}/kurento`, cut };
}

describe('kurento-client, strict', () => {
  it('accepts the server', async () => {
    const { url } = await startServer();
    const { client } = await openClient(url);
    const { result: manager } = await call<{ getInfo(callback: Callback): void }>((done) =>
      client.getServerManager(done),
    );
    const { result: info } = await call((done) => manager.getInfo(done));
    expect(info).toMatchObject({ type: 'KMS' });
  });

  it('sees errors as those of Kurento', async () => {
    const { url } = await startServer();
    const { a } = await openEndpoints(url);
    await expect(call((done) => a.processOffer('garbage', done))).rejects.toMatchObject({
      code: 40201,
      data: { type: 'SDP_PARSE_ERROR' },
      message: 'Invalid SDP',
    });
    await call((done) => a.release(done));
    await expect(call((done) => a.getName(done))).rejects.toBeInstanceOf(ReferenceError);
  });

  it('gets each of 2,000 pipelined requests answered once', { timeout: LOAD_TIMEOUT_MS }, async () => {
    const COUNT = 2_000;
    const { url } = await startServer();
    const { a } = await openEndpoints(url);
    const answers = new Map<string, number>();
    const keys = Array.from({ length: COUNT }, (_, index) => `key${index}`);
    await Promise.all(
      keys.map((key) =>
        call((done) =>
          a.addTag(key, key, (error, result) => {
            answers.set(key, (answers.get(key) ?? 0) + 1);
            done(error, result);
          }),
        ),
      ),
    );
    expect([...answers.values()].filter((count) => count !== 1)).toEqual([]);
    const { result: tags } = await call<{ key: string }[]>((done) => a.getTags(done));
    expect(tags.map(({ key }) => key)).toEqual(keys);
  });

  it('gets each of 10,000 events once', { timeout: LOAD_TIMEOUT_MS }, async () => {
    // A repeated connection of three media ends three and makes three: all but the first cause six events.
    const ROUNDS = 1_668;
    const EVENTS = 6 * ROUNDS - 3;
    const { url } = await startServer();
    const { a, b } = await openEndpoints(url);
    const received = new Map<string, number>();
    const all = new Promise<void>((resolve) => {
      for (const type of ['ElementConnected', 'ElementDisconnected']) {
        a.on(type, ({ mediaType, sourceMediaDescription }) => {
          const name = `${type} ${String(mediaType)} ${String(sourceMediaDescription)}`;
          received.set(name, (received.get(name) ?? 0) + 1);
          if (received.size === EVENTS) resolve();
        });
      }
    });
    // Subscriptions are sent by `on`; a reply to a later request shows that they are in place.
    await call((done) => a.getName(done));
    const driver = await connect(url);
    const rounds = Array.from({ length: ROUNDS }, (_, round) =>
      driver.invoke(a.id, 'connect', { sink: b.id, sourceMediaDescription: `${round}` }),
    );
    await Promise.all([all, ...rounds]);
    await call((done) => a.getName(done));
    expect(received.size).toBe(EVENTS);
    expect([...received.values()].filter((count) => count !== 1)).toEqual([]);
  });

  it('comes back to its session after the connection broke', async () => {
    const { port } = await startServer();
    const line = await cuttable(port);
    const { client, a, b } = await openEndpoints(line.url);
    const connected = new Promise<Record<string, unknown>>((resolve) => a.on('ElementConnected', resolve));
    await call((done) => a.getName(done));
    const reconnected = new Promise<boolean>((resolve) => client.once('reconnected', resolve));
    line.cut();
    expect(await reconnected).toBe(true);
    await call((done) => a.connect(b, 'VIDEO', 'default', 'default', done));
    expect(await connected).toMatchObject({ mediaType: 'VIDEO', source: a.id, sink: b.id });
  });
});
