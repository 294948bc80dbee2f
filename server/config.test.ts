import { generateKeyPairSync } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { expect, test } from 'vitest';
import { ConfigError, readConfig } from './config.ts';
import { CERTIFICATE, CERTIFICATE_KEY, fileOf } from '../testing/server/certificate.ts';

const SECRET = 'a secret of thirty-two bytes or more';

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test('with nothing set it starts, on loopback, open, with the demo', () => {
  const config = readConfig({});
  expect(config).toMatchObject({
    port: 8080,
    hosts: ['127.0.0.1', '::1'],
    auth: { kind: 'none' },
    isDemoOn: true,
    ringTimeoutMs: 30_000,
    media: { uris: [], ports: { min: 40_000, max: 49_999 } },
    databaseUrl: 'file:data/video-call.db',
  });
  expect(config.media.workers).toBeGreaterThan(0);
});

test('a key means tokens, all addresses and no demo', () => {
  const config = readConfig({ JWT_SECRET: SECRET });
  expect(config).toMatchObject({ auth: { kind: 'jwt', secret: SECRET }, hosts: undefined, isDemoOn: false });
  expect(readConfig({ JWKS_URL: 'https://id.example.com/keys' }).auth).toMatchObject({ kind: 'jwt' });
  expect(readConfig({ JWT_SECRET: SECRET, AUTH: 'none' })).toMatchObject({ auth: { kind: 'none' } });
});

test('every setting is read', () => {
  const config = readConfig({
    PORT: '9000',
    HOST: '10.0.0.1, localhost',
    JWT_SECRET: SECRET,
    KURENTO_URI: 'ws://a:8888/kurento, wss://b/kurento',
    MEDIA_WORKERS: '3',
    MEDIA_PORTS: '50000-50100',
    MEDIA_ADDRESS: '203.0.113.7',
    JWT_ISSUER: 'https://im.example.com',
    JWT_AUDIENCE: 'calls',
    JWT_ALLOW_NO_EXPIRY: '1',
    PUBLIC_URL: 'https://calls.example.com:8443',
    ALLOWED_ORIGINS:
      'https://chat.example.com:443, http://intranet:8000/, null, file:///, App://Bundle, capacitor://localhost',
    TRUSTED_PROXIES: '10.0.0.0/8, 192.0.2.1,2001:db8::/32',
    STUN_URLS: 'stun:stun.example.com',
    TURN_URLS: 'turn:turn.example.com?transport=udp,turns:turn.example.com:443',
    TURN_SECRET: 'x',
    RING_TIMEOUT: '45',
    MEMBERS_URL: 'https://chat.example.com/members?id={id}',
    MEMBERS_HEADERS: '{"authorization":"Bearer x"}',
    MEMBERS_MAX_AGE: '5',
    REDIS_URL: 'redis://r',
    ADMIN_TOKEN: 't',
    LOG_LEVEL: 'debug',
    DEMO: ' ',
  });
  expect(config).toMatchObject({
    port: 9000,
    hosts: ['10.0.0.1', 'localhost'],
    media: {
      uris: ['ws://a:8888/kurento', 'wss://b/kurento'],
      workers: 3,
      ports: { min: 50_000, max: 50_100 },
      address: '203.0.113.7',
    },
    auth: { kind: 'jwt', issuer: 'https://im.example.com', audience: 'calls', allowsNoExpiry: true },
    allowedOrigins: [
      'https://chat.example.com',
      'http://intranet:8000',
      'null',
      'file://',
      'app://bundle',
      'capacitor://localhost',
    ],
    ice: { stunUrls: ['stun:stun.example.com'], turnSecret: 'x' },
    ringTimeoutMs: 45_000,
    members: {
      url: 'https://chat.example.com/members?id={id}',
      headers: { authorization: 'Bearer x' },
      maxAgeMs: 5000,
    },
    withoutEffect: ['REDIS_URL'],
  });
  expect(config.ice.turnUrls).toHaveLength(2);
  const isTrusted = (address: string) =>
    config.trustedProxies.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
  expect(['10.9.9.9', '192.0.2.1', '2001:db8:1::1'].filter(isTrusted)).toHaveLength(3);
  expect(['11.0.0.1', '192.0.2.2', '2001:db9::1'].filter(isTrusted)).toEqual([]);
  expect(config.publicUrl?.origin).toBe('https://calls.example.com:8443');
});

test('every mistake is told, all at once', () => {
  const problems = problemsOf({
    PORT: '80a',
    MEDIA_PORTS: '50000-40000',
    KURENTO_URI: 'http://a',
    ALLOWED_ORIGINS: 'https://chat.example.com, *',
    PUBLIC_URL: 'calls.example.com',
    TRUSTED_PROXIES: '10.0.0.0/33',
    JWT_ALLOW_NO_EXPIRY: 'yes',
    LOG_LEVEL: 'loud',
    JWT_SECRET: 'short',
    TLS_CERT: '/does/not/exist',
    TURN_URLS: 'turn:a',
    MEMBERS_HEADERS: '[]',
    MEMBERS_URL: 'https://chat.example.com/members',
    DATABASE_URL: 'mongodb://a/b',
  });
  for (const name of [
    'PORT',
    'MEDIA_PORTS',
    'KURENTO_URI',
    'ALLOWED_ORIGINS',
    'PUBLIC_URL',
    'TRUSTED_PROXIES',
    'JWT_ALLOW_NO_EXPIRY',
    'LOG_LEVEL',
    'JWT_SECRET',
    'TLS_CERT',
    'TURN_URLS',
    'MEMBERS_HEADERS',
    'MEMBERS_URL',
    'DATABASE_URL',
  ]) {
    expect(problems).toContainEqual(expect.stringMatching(new RegExp(`^${name} `)));
  }
  expect(problems.join()).not.toContain('short');
});

test.each([
  [{ AUTH: 'jwt' }, /needs JWT_SECRET or JWKS_URL/],
  [{ JWT_SECRET: SECRET, JWKS_URL: 'https://a/b' }, /exclude each other/],
  [{ JWT_ISSUER: 'https://im.example.com' }, /^JWT_ISSUER needs JWT_SECRET or JWKS_URL/],
  [{ JWT_AUDIENCE: 'calls', AUTH: 'none' }, /^JWT_AUDIENCE needs JWT_SECRET or JWKS_URL/],
  [{ ALLOWED_ORIGINS: 'chat.example.com' }, /^ALLOWED_ORIGINS must be origins such as/],
  [{ ALLOWED_ORIGINS: 'https://chat.example.com/im' }, /^ALLOWED_ORIGINS must be origins such as/],
  [{ HOST: '0.0.0.0' }, /anybody on the network/],
  [{ HOST: '127.0.0.1,192.168.0.2' }, /anybody on the network/],
  [{ JWT_SECRET: SECRET, AUTH: 'none', HOST: '::' }, /anybody on the network/],
])('%j is refused', (environment, problem) => {
  expect(problemsOf(environment)).toEqual([expect.stringMatching(problem)]);
});

test('who insists may let anybody in', () => {
  expect(readConfig({ HOST: '0.0.0.0', ALLOW_ANONYMOUS: '1' }).hosts).toEqual(['0.0.0.0']);
});

test('certificate and key are read, and must be one pair', () => {
  const [TLS_CERT, TLS_KEY] = [fileOf(CERTIFICATE), fileOf(CERTIFICATE_KEY)];
  expect(readConfig({ TLS_CERT, TLS_KEY }).tls).toEqual({ cert: CERTIFICATE, key: CERTIFICATE_KEY });
  expect(problemsOf({ TLS_CERT })).toEqual(['TLS_CERT and TLS_KEY must be set together']);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const foreign = fileOf(String(privateKey.export({ type: 'pkcs8', format: 'pem' })));
  expect(problemsOf({ TLS_CERT, TLS_KEY: foreign })).toEqual(['TLS_KEY is not the key of TLS_CERT']);
  const garbage = fileOf('garbage');
  expect(problemsOf({ TLS_CERT: garbage, TLS_KEY: garbage })).toEqual([
    expect.stringMatching(/^TLS_CERT cannot be used/),
    expect.stringMatching(/^TLS_KEY cannot be used/),
  ]);
});
