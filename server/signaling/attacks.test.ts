/** What attackers do to sockets, and what it may cost. Memory is what waits in queues, in bytes. */
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ProtocolError } from '../../protocol/index.ts';
import { SignalingWorld, type SignalingWorldOptions } from '../../testing/server/signaling-world.ts';
import { TestClient } from '../../testing/server/test-client.ts';
import { FRAME_MAX_BYTES } from './limits.ts';

/** What a socket of Node hands on at once. */
const READ_CHUNK_BYTES = 64 * 1024;

const worlds: SignalingWorld[] = [];

afterEach(() => Promise.all(worlds.splice(0).map((world) => world.close())));

async function start(options?: SignalingWorldOptions): Promise<SignalingWorld> {
  const world = await SignalingWorld.start(options);
  worlds.push(world);
  return world;
}

/** A client that comes from this address, through a proxy here. */
const comingFrom = (address: string) => ({ headers: { 'x-forwarded-for': address } });

/** A server-side message of about this size. */
const bulky = (bytes: number) => ({ id: 'prepared', callId: 'c', sdpAnswer: 'x'.repeat(bytes) }) as const;

test('pongs that nobody asked for are answered by nothing, and too many close the connection', async () => {
  const world = await start();
  const client = await TestClient.connect(world.url, '/signal', { autoPong: false });
  let pings = 0;
  client.socket.on('ping', () => (pings += 1));
  const end = client.closed();
  for (let sent = 0; sent < 5000; sent += 1) client.socket.pong(String(sent % 3));
  expect(await end).toBe(1008);
  expect(pings).toBe(0);
});

test('stale pongs of a registered client bring no pings', async () => {
  const world = await start();
  const client = await TestClient.register(world.url, 'stale');
  let pings = 0;
  client.socket.on('ping', () => (pings += 1));
  for (let sent = 0; sent < 500; sent += 1) client.socket.pong('0');
  await client.settled();
  expect(pings).toBe(0);
  world.presence.sendToUser('stale', bulky(10));
  await client.next('prepared');
  await expect.poll(() => world.clients.queuedBytes).toBe(0);
  expect(pings).toBeLessThanOrEqual(2);
});

test('pings are answered one at a time, and too many close the connection', async () => {
  const world = await start();
  const client = await TestClient.connect(world.url);
  let pongs = 0;
  client.socket.on('pong', () => (pongs += 1));
  client.socket.ping('hello');
  const [payload] = (await once(client.socket, 'pong')) as [Buffer];
  expect(String(payload)).toBe('hello');
  const end = client.closed();
  for (let sent = 0; sent < 5000; sent += 1) client.socket.ping(String(sent));
  expect(await end).toBe(1008);
  expect(pongs).toBeLessThan(100);
});

test('what a page does not read is bounded, and one that reads again is told to begin anew', async () => {
  const world = await start({ limits: { queuedBytesMax: 500_000, unsentBytesMax: 50_000 } });
  const { queuedBytesMax, unsentBytesMax } = world.limits;
  const client = await TestClient.register(world.url, 'lazy');
  client.socket.pause();
  let unsent = 0;
  // The machine's own buffers take some megabytes first.
  for (let sent = 0; sent < 2000 && world.clients.size === 1; sent += 1) {
    world.presence.sendToUser('lazy', bulky(20_000));
    expect(world.clients.queuedBytes).toBeLessThanOrEqual(queuedBytesMax);
    unsent = Math.max(unsent, world.gateway.unsentBytes);
    await new Promise(setImmediate);
  }
  expect(unsent).toBeLessThan(unsentBytesMax + 25_000);
  expect(world.clients.size).toBe(0);

  const back = await TestClient.connect(world.url);
  back.send({ id: 'resume', resumeToken: client.resumeToken });
  expect(await back.next('registerResponse')).toMatchObject({ response: 'rejected', code: 'resume-expired' });
  back.send({ id: 'register', name: 'lazy' });
  expect(await back.next('registerResponse')).toMatchObject({ response: 'accepted' });
  client.socket.terminate();
});

test('who comes back gets what it missed as fast as it reads, however much that is', async () => {
  const world = await start({ limits: { unsentBytesMax: 30_000, queuedBytesMax: 4_000_000 } });
  const client = await TestClient.register(world.url, 'returning');
  const { resumeToken } = client;
  client.socket.terminate();
  await expect.poll(() => world.gateway.size).toBe(0);
  for (let sent = 0; sent < 190; sent += 1) world.presence.sendToUser('returning', bulky(20_000 + sent));

  const back = await TestClient.connect(world.url);
  let unsent = 0;
  back.onMessage = () => (unsent = Math.max(unsent, world.gateway.unsentBytes));
  back.send({ id: 'resume', resumeToken });
  await back.next('registerResponse');
  const lengths: number[] = [];
  while (lengths.length < 190) lengths.push((await back.next('prepared')).sdpAnswer.length);
  expect(lengths).toEqual(Array.from({ length: 190 }, (_, sent) => 20_000 + sent));
  expect(unsent).toBeLessThan(30_000 + 25_000);
  await expect.poll(() => world.clients.queuedBytes).toBe(0);
});

test('more than is kept cannot be resumed', async () => {
  const world = await start({ limits: { queuedBytesMax: 100_000 } });
  const client = await TestClient.register(world.url, 'late');
  client.socket.terminate();
  await expect.poll(() => world.gateway.size).toBe(0);
  for (let sent = 0; sent < 10; sent += 1) world.presence.sendToUser('late', bulky(20_000));
  expect(world.clients.queuedBytes).toBe(0);
  const back = await TestClient.connect(world.url);
  back.send({ id: 'resume', resumeToken: client.resumeToken });
  expect(await back.next('registerResponse')).toMatchObject({ code: 'resume-expired' });
});

test('frames that come while the keys for the token do not are bounded', async () => {
  const world = await start({
    limits: { registrationMs: 1500 },
    authenticator: { authenticate: () => new Promise(() => undefined) },
  });
  const clients = await Promise.all(Array.from({ length: 20 }, () => TestClient.connect(world.url)));
  const padding = 'x'.repeat(FRAME_MAX_BYTES - 100);
  for (const client of clients) {
    client.send({ id: 'register', token: 'x' });
    for (let sent = 0; sent < 19; sent += 1) client.send({ id: 'resume', resumeToken: padding });
  }
  const each = world.limits.unhandledBytesMaxUnregistered + FRAME_MAX_BYTES + READ_CHUNK_BYTES;
  for (let turn = 0; turn < 50; turn += 1) {
    expect(world.gateway.unhandledBytes).toBeLessThanOrEqual(clients.length * each);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(world.gateway.unhandledBytes).toBeGreaterThan(0);
  // Nobody waits for ever; the rest is thrown away then.
  await expect.poll(() => world.gateway.unhandledBytes, { timeout: 5000 }).toBe(0);
});

test('who sends faster than it is served has to wait, and loses nothing', async () => {
  let release: () => void = () => undefined;
  const isFree = new Promise<void>((resolve) => (release = resolve));
  const handled: string[] = [];
  const world = await start({
    limits: { unhandledBytesMax: 10_000 },
    dispatch: async (id) => {
      await isFree;
      handled.push(id);
    },
  });
  const client = await TestClient.register(world.url, 'eager');
  const sdpOffer = 'x'.repeat(50_000);
  for (let sent = 0; sent < 100; sent += 1) client.send({ id: 'offer', callId: 'c', sdpOffer });
  for (let turn = 0; turn < 20; turn += 1) {
    expect(world.gateway.unhandledBytes).toBeLessThan(10_000 + FRAME_MAX_BYTES + READ_CHUNK_BYTES);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  release();
  await client.settled();
  expect(handled).toHaveLength(100);
});

test.each(['/signal', '/one2one', '/groupcall'])(
  'silent sockets of one address send each other away from %s, and nobody else',
  async (path) => {
    const world = await start();
    const flood = await Promise.all(
      Array.from({ length: 200 }, () => TestClient.connect(world.url, path, comingFrom('192.0.2.1'))),
    );
    const openCount = () => flood.filter(({ socket }) => socket.readyState === WebSocket.OPEN).length;
    await expect.poll(openCount).toBe(world.limits.unregisteredPerAddressMax);
    expect(world.gateway.newcomerCount).toBe(world.limits.unregisteredPerAddressMax);

    for (const address of ['192.0.2.1', '192.0.2.2']) {
      const client = await TestClient.connect(world.url, '/signal', comingFrom(address));
      client.send({ id: 'register', name: address });
      expect(await client.next('registerResponse')).toMatchObject({ response: 'accepted' });
    }
  },
);

test('all of an IPv6 network count as one, and who is behind an unnamed proxy is not limited by address', async () => {
  const world = await start({ limits: { unregisteredPerAddressMax: 5, unregisteredMax: 20 } });
  for (let host = 1; host <= 10; host += 1) {
    await TestClient.connect(world.url, '/signal', comingFrom(`2001:db8:1:2::${host}`));
  }
  expect(world.gateway.newcomerCount).toBe(5);
  for (let count = 0; count < 20; count += 1) await TestClient.connect(world.url);
  expect(world.gateway.newcomerCount).toBe(20);
  const client = await TestClient.connect(world.url);
  client.send({ id: 'register', name: 'last' });
  expect(await client.next('registerResponse')).toMatchObject({ response: 'accepted' });
});

test('who waits is sent away before who is about to register', async () => {
  let admit: (() => void) | undefined;
  const world = await start({
    limits: { unregisteredPerAddressMax: 2 },
    authenticator: {
      authenticate: async ({ name = '' }) => {
        await new Promise<void>((resolve) => (admit = resolve));
        return { user: { name, displayName: name, avatar: '' }, expiresAt: undefined };
      },
    },
  });
  const here = comingFrom('192.0.2.1');
  const registering = await TestClient.connect(world.url, '/signal', here);
  registering.send({ id: 'register', name: 'first' });
  await expect.poll(() => admit).toBeDefined();
  const silent = await TestClient.connect(world.url, '/signal', here);
  const end = silent.closed();
  await TestClient.connect(world.url, '/signal', here);
  expect(await end).toBe(1013);
  admit?.();
  expect(await registering.next('registerResponse')).toMatchObject({ response: 'accepted' });
});

test.each(['/signal', '/one2one', '/groupcall'])('nobody may wait for ever on %s', async (path) => {
  const world = await start({ limits: { registrationMs: 50, tutorialRegistrationMs: 50 } });
  const client = await TestClient.connect(world.url, path);
  expect(await client.closed()).toBe(1008);
});

test('candidates that are too long close no page', async () => {
  const world = await start();
  const client = await TestClient.register(world.url, 'chatty');
  const candidate = { candidate: 'x'.repeat(2000), sdpMid: '0' };
  for (let sent = 0; sent < 30; sent += 1) client.send({ id: 'onIceCandidate', callId: 'c', candidate });
  await client.settled();
  expect(client.seen.filter((id) => id === 'error')).toHaveLength(30);
  expect(await client.next('error')).toMatchObject({ code: 'bad-message', inReplyTo: 'onIceCandidate' });
});

test('who is told when to try again has sent no bad frame', async () => {
  const refusal = new ProtocolError('rate-limited', 'Too many offers.', { retryAfterMs: 1500 });
  const world = await start({ dispatch: () => Promise.reject(refusal) });
  const client = await TestClient.register(world.url, 'hasty');
  for (let sent = 0; sent < 30; sent += 1) client.send({ id: 'offer', callId: 'c', sdpOffer: 'v=0' });
  await client.settled();
  expect(client.seen.filter((id) => id === 'error')).toHaveLength(30);
  expect(await client.next('error')).toMatchObject({ code: 'rate-limited', retryAfterMs: 1500 });
});
