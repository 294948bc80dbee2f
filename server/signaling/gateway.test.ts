/** Who may connect, and what becomes of those who misbehave. */
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import type { RunningServer } from '../server.ts';
import { STAND_IN_POOL } from '../../testing/server/stand-in-pool.ts';
import { startTestServer } from '../../testing/server/start-test-server.ts';
import { TestClient } from '../../testing/server/test-client.ts';

const ALLOWED = 'https://chat.example.com';
const SECRET = 'a secret of thirty-two bytes or more';

let open: RunningServer;
let closed: RunningServer;
/** Soon tired of waiting; only for those who are waited for. */
let impatient: RunningServer;

beforeAll(async () => {
  const limits = { pingIntervalMs: 200, silenceMs: 1500, registrationMs: 300 };
  impatient = await startTestServer({}, { pool: STAND_IN_POOL, limits });
  open = await startTestServer({ ALLOWED_ORIGINS: ALLOWED }, { pool: STAND_IN_POOL });
  closed = await startTestServer({ JWT_SECRET: SECRET, ALLOWED_ORIGINS: ALLOWED }, { pool: STAND_IN_POOL });
});

afterAll(() => Promise.all([open, closed, impatient].map((server) => server.close())));

/** The HTTP status that a request for a socket is answered with; 101 means it is open. */
async function statusOf(
  server: RunningServer,
  path: string,
  headers: Record<string, string>,
): Promise<number> {
  const options: ClientOptions = { headers };
  const socket = new WebSocket(
    new URL(path, server.url.replace('http', 'ws').replace('localhost', '127.0.0.1')),
    options,
  );
  return new Promise((resolve) => {
    socket.on('open', () => {
      resolve(101);
      socket.close();
    });
    socket.on('unexpected-response', (request, response) => {
      resolve(response.statusCode ?? 0);
      request.destroy();
    });
    socket.on('error', () => undefined);
  });
}

test.each([
  ['no browser', {}, 101, 101],
  ['an allowed page', { origin: ALLOWED }, 101, 101],
  ['a foreign page', { origin: 'https://evil.example.com' }, 403, 403],
  ['a foreign page whose name begins the same', { origin: `${ALLOWED}.evil.com` }, 403, 403],
  ['a page without origin', { origin: 'null' }, 403, 403],
  ['no URL', { origin: 'chat.example.com' }, 403, 403],
  ['a page of this machine', { origin: 'http://localhost:5173' }, 101, 403],
  ['a page of this machine by address', { origin: 'http://[::1]:5173' }, 101, 403],
  ['a name that points here (DNS rebinding)', { host: 'evil.com', origin: 'http://evil.com' }, 403, 403],
  ['the proxy of an allowed origin', { host: 'chat.example.com', origin: ALLOWED }, 101, 101],
])('%s', async (_who, headers, openStatus, closedStatus) => {
  expect(await statusOf(open, '/signal', headers)).toBe(openStatus);
  expect(await statusOf(closed, '/signal', headers)).toBe(closedStatus);
});

test('its own page may connect', async () => {
  const host = `127.0.0.1:${closed.port}`;
  expect(await statusOf(closed, '/signal', { origin: `http://${host}` })).toBe(101);
});

test('the paths of the tutorials are open only without authentication, others never', async () => {
  expect(await statusOf(open, '/one2one', {})).toBe(101);
  expect(await statusOf(open, '/groupcall?x=1', {})).toBe(101);
  expect(await statusOf(closed, '/one2one', {})).toBe(404);
  expect(await statusOf(open, '/', {})).toBe(404);
  expect(await statusOf(open, '/signal/', {})).toBe(404);
});

test('a frame that comes with the handshake is not lost', async () => {
  const client = await TestClient.connect(open.url);
  client.send({ id: 'register', name: 'early' });
  expect(await client.next('registerResponse')).toMatchObject({ response: 'accepted', protocol: 1 });
  client.send({ id: 'register', name: 'other' });
  expect(await client.next('error')).toMatchObject({ code: 'already-registered', inReplyTo: 'register' });
  await client.close();
});

test.each([
  ['no JSON', '{', 'bad-message', undefined],
  ['no object', '"register"', 'bad-message', undefined],
  ['an unknown message', '{"id":"__proto__"}', 'unknown-message', '__proto__'],
  ['a wrong field', '{"id":"call","to":{}}', 'bad-message', 'call'],
  ['a binary frame', Buffer.from('{"id":"ping"}'), 'bad-message', undefined],
])('%s is answered with an error and harms nothing', async (_what, frame, code, inReplyTo) => {
  const client = await TestClient.register(open.url, 'clumsy');
  client.sendRaw(frame);
  expect(await client.next('error')).toMatchObject({ code, ...(inReplyTo ? { inReplyTo } : {}) });
  await client.settled();
  await client.close();
});

test.each([
  ['{"id":"call","to":"bob"}', 'sdpOffer'],
  ['{"id":"call","reqType":"group"}', 'groupId'],
  ['{"id":"call","reqType":"trio","to":"bob","sdpOffer":"v=0"}', 'reqType'],
])('the error about %s names the field', async (frame, field) => {
  const client = await TestClient.register(open.url, 'clumsy');
  client.sendRaw(frame);
  expect((await client.next('error')).message).toContain(`field "${field}"`);
  await client.close();
});

test('the tenth bad frame closes the connection', async () => {
  const client = await TestClient.register(open.url, 'mad');
  const end = client.closed();
  for (let sent = 0; sent < 12; sent += 1) client.sendRaw('{');
  expect(await end).toBe(1008);
  expect(client.seen.filter((id) => id === 'error')).toHaveLength(10);
});

test('a frame over 64 KiB closes the connection', async () => {
  const client = await TestClient.register(open.url, 'huge');
  const end = client.closed();
  client.sendRaw(JSON.stringify({ id: 'ping', padding: 'x'.repeat(65_536) }));
  expect(await end).toBe(1009);
});

test.each([
  ['before registration', async () => TestClient.connect(open.url)],
  ['after it', async () => TestClient.register(open.url, 'flood')],
])('a flood %s closes the connection', async (_when, connect) => {
  const client = await connect();
  const end = client.closed();
  for (let sent = 0; sent < 2000; sent += 1) client.sendRaw('{"id":"ping"}');
  expect(await end).toBe(1008);
});

test('nothing is done for who has not registered, and not for ever', async () => {
  const client = await TestClient.connect(open.url);
  client.send({ id: 'call', to: 'somebody', sdpOffer: 'v=0' });
  expect(await client.next('error')).toMatchObject({ code: 'not-registered', inReplyTo: 'call' });
  await client.close();
  const silent = await TestClient.connect(impatient.url);
  expect(await silent.closed()).toBe(1008);
});

test.each([
  { id: 'call', from: 'alice', to: 'bob', sdpOffer: 'v=0' },
  { id: 'call', reqType: 'group', from: 'alice', groupId: '1' },
  { id: 'joinRoom', name: 'alice', room: '1' },
  { id: 'leaveRoom', name: 'alice', room: '1' },
  { id: 'mediaState', name: 'alice', room: '1', audio: true, video: true },
] as const)('nobody speaks for somebody else: $id', async (message) => {
  const client = await TestClient.register(open.url, 'mallory');
  client.send(message);
  expect(await client.next('error')).toMatchObject({ code: 'not-allowed', inReplyTo: message.id });
  await client.close();
});

test('without groups there are none', async () => {
  const client = await TestClient.register(open.url, 'hermit');
  client.send({ id: 'call', reqType: 'group', groupId: '1' });
  expect(await client.next('error')).toMatchObject({ code: 'unknown-group' });
  client.send({ id: 'joinRoom', room: '1' });
  expect(await client.next('error')).toMatchObject({ code: 'unknown-room' });
  await client.close();
});

test('who answers no ping is cut; who does stays', async () => {
  const deaf = await TestClient.connect(impatient.url, '/signal', { autoPong: false });
  const alive = await TestClient.register(impatient.url, 'alive');
  deaf.send({ id: 'register', name: 'deaf' });
  expect(await deaf.closed()).toBe(1006);
  await alive.settled();
  await once(alive.socket, 'ping');
  await alive.close();
});
