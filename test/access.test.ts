import { once } from 'node:events';
import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startTestServer, type TestServer } from '../testing/server/start-test-server.ts';

const SECRET = 'a secret of more than thirty-two bytes';
const ALLOWED = 'https://im.example.com';

function key(secret: string): Uint8Array {
  return new TextEncoder().encode(secret);
}

function claims() {
  return new SignJWT({ name: '测试甲' }).setProtectedHeader({ alg: 'HS256' }).setSubject('1');
}

/** A socket as a page of this origin opens it. @returns it, or the HTTP status with which it is refused */
async function open(url: string, headers: Record<string, string> = {}): Promise<WebSocket | number> {
  const socket = new WebSocket(url.replace('http', 'ws'), { headers });
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.once('unexpected-response', (request, { statusCode = 0 }) => {
      request.destroy();
      resolve(statusCode);
    });
    socket.once('error', reject);
  });
}

async function statusOf(url: string, headers: Record<string, string>): Promise<number> {
  const socket = await open(url, headers);
  if (typeof socket === 'number') return socket;
  socket.terminate();
  return 101;
}

describe('with AUTH=jwt', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ JWT_SECRET: SECRET, ALLOWED_ORIGINS: ALLOWED });
  });
  afterAll(() => server.close());

  async function register(fields: object): Promise<Record<string, unknown>> {
    const socket = await open(`${server.origin}/signal`);
    if (typeof socket === 'number') throw new Error(`refused with ${socket}`);
    try {
      socket.send(JSON.stringify({ id: 'register', ...fields }));
      const [data] = await once(socket, 'message');
      return JSON.parse(String(data)) as Record<string, unknown>;
    } finally {
      socket.terminate();
    }
  }

  test('a token that the site signed lets its subject in', async () => {
    const token = await claims().setExpirationTime('1m').sign(key(SECRET));
    expect(await register({ token })).toMatchObject({
      response: 'accepted',
      user: { name: '1', displayName: '测试甲' },
    });
  });

  test.each([
    ['none at all', async () => undefined, 'token-missing'],
    ['one that has expired', () => claims().setExpirationTime('-2m').sign(key(SECRET)), 'token-expired'],
    [
      'one that another signed',
      () =>
        claims()
          .setExpirationTime('1m')
          .sign(key(`${SECRET}!`)),
      'token-invalid',
    ],
    ['one with alg none', async () => new UnsecuredJWT({}).setSubject('1').encode(), 'token-invalid'],
    [
      'one signed with a key of its own',
      async () => {
        const { privateKey } = await generateKeyPair('RS256');
        return new SignJWT({}).setProtectedHeader({ alg: 'RS256' }).setSubject('1').sign(privateKey);
      },
      'token-invalid',
    ],
    [
      'one without a subject',
      () => new SignJWT({ name: '1' }).setProtectedHeader({ alg: 'HS256' }).sign(key(SECRET)),
      'token-invalid',
    ],
    ['no token but rubbish', async () => 'rubbish', 'token-invalid'],
  ])('%s is refused', async (_, tokenOf, code) => {
    const token = await tokenOf();
    expect(await register(token === undefined ? { name: '1' } : { token })).toMatchObject({
      id: 'registerResponse',
      response: 'rejected',
      code,
    });
  });

  test('the demo is not there, nor are the tutorials’ paths, which know no tokens', async () => {
    expect((await fetch(`${server.origin}/demo/`)).status).toBe(404);
    for (const path of ['/demo/chat', '/one2one', '/groupcall']) {
      expect(await statusOf(`${server.origin}${path}`, {})).toBe(404);
    }
  });

  test.each([
    ['of the allowed site', ALLOWED, 101],
    ['of another site', 'https://evil.example.com', 403],
    ['of a site whose name only begins alike', `${ALLOWED}.evil.com`, 403],
    ['of the allowed site, but not its scheme', 'http://im.example.com', 403],
    ['of a sandboxed frame', 'null', 403],
    ['of another port of this machine', 'http://localhost:1', 403],
  ])('a page %s: %s → %i', async (_, origin, status) => {
    expect(await statusOf(`${server.origin}/signal`, { origin })).toBe(status);
  });
});

describe('with AUTH=none', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ DEMO: '1' });
  });
  afterAll(() => server.close());

  test.each(['/signal', '/demo/chat', '/one2one', '/groupcall'])(
    '%s takes pages of this machine only',
    async (path) => {
      const url = `${server.origin}${path}`;
      expect(await statusOf(url, { origin: 'http://localhost:3000' })).toBe(101);
      expect(await statusOf(url, { origin: 'https://evil.example.com' })).toBe(403);
      expect(await statusOf(url, { origin: 'null' })).toBe(403);
    },
  );

  test('a name that somebody pointed at this machine is no way in', async () => {
    const host = `rebound.example.com:${server.port}`;
    expect(await statusOf(`${server.origin}/signal`, { host, origin: `http://${host}` })).toBe(403);
  });
});
