/** Tokens, good and bad, over the wire. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TokenDemands } from '../config.ts';
import type { RunningServer } from '../server.ts';
import { ADMIN_TOKEN, makeGroup } from '../../testing/server/groups.ts';
import { STAND_IN_POOL } from '../../testing/server/stand-in-pool.ts';
import { startTestServer } from '../../testing/server/start-test-server.ts';
import { TestClient } from '../../testing/server/test-client.ts';
import { JwtAuthenticator } from './jwt.ts';

const SECRET = 'a secret of thirty-two bytes or more';
const bytes = (text: string) => new TextEncoder().encode(text);

const rsa = await generateKeyPair('RS256');
const ec = await generateKeyPair('ES256');

let jwks: Server;
let bySecret: RunningServer;
let byKeys: RunningServer;

beforeAll(async () => {
  const keys = [
    { ...(await exportJWK(rsa.publicKey)), kid: 'rsa', alg: 'RS256' },
    { ...(await exportJWK(ec.publicKey)), kid: 'ec', alg: 'ES256' },
  ];
  jwks = createServer((_request, response) => response.end(JSON.stringify({ keys })));
  await once(jwks.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(jwks.address() as AddressInfo).port}/jwks.json`;
  bySecret = await startTestServer({ JWT_SECRET: SECRET, ADMIN_TOKEN }, { pool: STAND_IN_POOL });
  byKeys = await startTestServer({ JWKS_URL: url }, { pool: STAND_IN_POOL });
});

afterAll(async () => {
  await Promise.all([bySecret.close(), byKeys.close()]);
  jwks.close();
});

const claims = (payload: JWTPayload = { sub: '7' }) => new SignJWT(payload).setExpirationTime('1m');
const signed = (payload?: JWTPayload, secret = SECRET) =>
  claims(payload).setProtectedHeader({ alg: 'HS256' }).sign(bytes(secret));

async function register(
  server: RunningServer,
  credentials: { token?: string; name?: string; protocol?: number },
) {
  const client = await TestClient.connect(server.url);
  client.send({ id: 'register', protocol: 2, ...credentials });
  const response = await client.next('registerResponse');
  await client.close();
  return response;
}

test('the user is the token’s subject, shown by its claims, whatever the message says', async () => {
  const token = await signed({ sub: '7', name: 'Seven', avatar: '/7.png' });
  const user = { name: '7', displayName: 'Seven', avatar: '/7.png' };
  expect(await register(bySecret, { token, name: 'admin' })).toMatchObject({ response: 'accepted', user });
  expect(await register(bySecret, { token: await signed() })).toMatchObject({ user: { displayName: '7' } });
});

test('what the claims lack comes from the store', async () => {
  await makeGroup(bySecret, 'g', ['anna', 'ben']);
  const token = await signed({ sub: 'anna', avatar: '/token.png' });
  expect(await register(bySecret, { token })).toMatchObject({
    user: { name: 'anna', displayName: 'ANNA', avatar: '/token.png' },
  });
});

test('the store need not be there', async () => {
  const people = { find: () => Promise.reject(new Error('gone')) };
  const authenticator = new JwtAuthenticator({ kind: 'jwt', secret: SECRET }, people);
  expect(await authenticator.authenticate({ token: await signed() })).toMatchObject({
    user: { displayName: '7' },
  });
});

test.each([
  ['none', undefined, 'token-missing'],
  ['not a token', async () => 'nonsense', 'token-invalid'],
  ['of a foreign key', () => signed({ sub: '7' }, 'another secret of thirty-two bytes'), 'token-invalid'],
  ['unsigned', async () => new UnsecuredJWT({ sub: '7' }).encode(), 'token-invalid'],
  [
    'of another algorithm',
    () =>
      claims()
        .setProtectedHeader({ alg: 'HS512' })
        .sign(bytes(SECRET.repeat(2))),
    'token-invalid',
  ],
  [
    'expired',
    () => claims().setExpirationTime('-61s').setProtectedHeader({ alg: 'HS256' }).sign(bytes(SECRET)),
    'token-expired',
  ],
  [
    'not yet valid',
    () => claims().setNotBefore('65s').setProtectedHeader({ alg: 'HS256' }).sign(bytes(SECRET)),
    'token-not-yet-valid',
  ],
  ['without subject', () => signed({ name: 'x' }), 'token-invalid'],
  ['with an empty subject', () => signed({ sub: '' }), 'token-invalid'],
])('a token that is %s is refused', async (_what, make, code) => {
  const token = await make?.();
  expect(await register(bySecret, token === undefined ? { name: '7' } : { token })).toMatchObject({
    response: 'rejected',
    code,
  });
});

test('clocks may differ by a minute', async () => {
  const [early, late] = [claims().setNotBefore('50s'), claims().setExpirationTime('-50s')];
  for (const each of [early, late]) {
    const token = await each.setProtectedHeader({ alg: 'HS256' }).sign(bytes(SECRET));
    expect(await register(bySecret, { token })).toMatchObject({ response: 'accepted' });
  }
});

test('pages of protocol 1 are told to come again with a token that is not valid yet', async () => {
  const token = await claims().setNotBefore('2m').setProtectedHeader({ alg: 'HS256' }).sign(bytes(SECRET));
  expect(await register(bySecret, { token, protocol: 1 })).toMatchObject({ code: 'overloaded' });
});

describe('besides the signature', () => {
  const unlimited = () => new SignJWT({ sub: '7' }).setProtectedHeader({ alg: 'HS256' }).sign(bytes(SECRET));
  const of = (payload: JWTPayload) => signed({ sub: '7', ...payload });
  const authenticatorOf = (demands: TokenDemands) =>
    new JwtAuthenticator({ kind: 'jwt', secret: SECRET, ...demands });

  test('a token must have an end, unless the server is told otherwise', async () => {
    const token = await unlimited();
    await expect(authenticatorOf({}).authenticate({ token })).rejects.toMatchObject({
      code: 'token-invalid',
      message: expect.stringContaining('JWT_ALLOW_NO_EXPIRY'),
    });
    const lenient = authenticatorOf({ allowsNoExpiry: true });
    expect(await lenient.authenticate({ token })).toMatchObject({ expiresAt: undefined });
  });

  test.each([
    [
      'issuer',
      { issuer: 'https://im.example.com' },
      { iss: 'https://im.example.com' },
      { iss: 'https://other' },
    ],
    ['audience', { audience: 'calls' }, { aud: ['chat', 'calls'] }, { aud: 'chat' }],
  ])('its %s is checked when one is set', async (_what, demands, right, wrong) => {
    const strict = authenticatorOf(demands);
    await expect(strict.authenticate({ token: await of(right) })).resolves.toMatchObject({
      user: { name: '7' },
    });
    for (const claims of [wrong, {}]) {
      await expect(strict.authenticate({ token: await of(claims) })).rejects.toMatchObject({
        code: 'token-invalid',
        message: expect.stringMatching(/JWT_(ISSUER|AUDIENCE)/),
      });
    }
    await expect(authenticatorOf({}).authenticate({ token: await of(wrong) })).resolves.toBeDefined();
  });

  test('its end is what it says, and what is left of the tolerance when that has passed', async () => {
    const now = Math.floor(Date.now() / 1000);
    const endOf = async (exp: number) => {
      const token = await claims()
        .setExpirationTime(exp)
        .setProtectedHeader({ alg: 'HS256' })
        .sign(bytes(SECRET));
      return (await authenticatorOf({}).authenticate({ token })).expiresAt;
    };
    expect(await endOf(now + 100)).toBe((now + 100) * 1000);
    expect(await endOf(now - 20)).toBe((now + 40) * 1000);
  });
});

test('a public key lets in what its private key has signed, and is no shared secret', async () => {
  for (const [alg, kid, { privateKey }] of [['RS256', 'rsa', rsa] as const, ['ES256', 'ec', ec] as const]) {
    const token = await claims().setProtectedHeader({ alg, kid }).sign(privateKey);
    expect(await register(byKeys, { token })).toMatchObject({ response: 'accepted', user: { name: '7' } });
  }
  const confused = await claims()
    .setProtectedHeader({ alg: 'HS256', kid: 'rsa' })
    .sign(bytes(JSON.stringify(await exportJWK(rsa.publicKey))));
  expect(await register(byKeys, { token: confused })).toMatchObject({ code: 'token-invalid' });
  const stranger = await generateKeyPair('RS256');
  const forged = await claims().setProtectedHeader({ alg: 'RS256', kid: 'rsa' }).sign(stranger.privateKey);
  expect(await register(byKeys, { token: forged })).toMatchObject({ code: 'token-invalid' });
});

test.each([
  ['refuses', undefined],
  ['fails', { status: 500, body: '' }],
  ['answers something else', { status: 200, body: '<html>' }],
  ['answers no keys', { status: 200, body: '{}' }],
])('keys of a server that %s are not the token’s fault', async (_what, answer) => {
  const server = createServer((_request, response) => {
    response.statusCode = answer?.status ?? 0;
    response.end(answer?.body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  if (!answer) server.close();
  const jwksUrl = new URL(`http://127.0.0.1:${port}/jwks.json`);
  const authenticator = new JwtAuthenticator({ kind: 'jwt', jwksUrl });
  const token = await claims().setProtectedHeader({ alg: 'RS256', kid: 'rsa' }).sign(rsa.privateKey);
  await expect(authenticator.authenticate({ token })).rejects.toMatchObject({ code: 'overloaded' });
  server.close();
});
