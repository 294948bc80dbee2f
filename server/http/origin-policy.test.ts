import { BlockList } from 'node:net';
import { describe, expect, test } from 'vitest';
import { OriginPolicy, type OriginPolicyOptions } from './origin-policy.ts';

const PROXY = '10.1.2.3';

function policy(options: Partial<OriginPolicyOptions> = {}): OriginPolicy {
  const trustedProxies = new BlockList();
  trustedProxies.addSubnet('10.0.0.0', 8, 'ipv4');
  return new OriginPolicy({
    allowedOrigins: [],
    publicUrl: undefined,
    trustedProxies,
    isLoopbackOnly: false,
    allowsLocalhost: false,
    ...options,
  });
}

interface Asked {
  readonly host?: string;
  readonly origin?: string;
  readonly forwardedHost?: string;
  readonly from?: string;
}

const request = ({ forwardedHost, from = '203.0.113.9', ...headers }: Asked) => ({
  headers: { ...headers, ...(forwardedHost === undefined ? {} : { 'x-forwarded-host': forwardedHost }) },
  socket: { remoteAddress: from },
});

/** What a policy says to a request: the setting that is missing, or `in`. */
const verdict = (options: Partial<OriginPolicyOptions>, asked: Asked) =>
  policy(options).refusalOf(request(asked))?.setting ?? 'in';

describe('the own origin', () => {
  const origin = 'https://calls.example.com:8443';
  const publicUrl = new URL('https://calls.example.com:8443/calls/');

  test.each<[string, Partial<OriginPolicyOptions>, Asked, string]>([
    ['Host as it is', {}, { host: 'calls.example.com:8443' }, 'in'],
    ['Host without the port', {}, { host: 'calls.example.com' }, 'PUBLIC_URL'],
    ['Host without the port, and PUBLIC_URL', { publicUrl }, { host: 'calls.example.com' }, 'in'],
    ['another Host, and PUBLIC_URL', { publicUrl }, { host: '127.0.0.1:8080' }, 'in'],
    ['another Host', {}, { host: '127.0.0.1:8080' }, 'ALLOWED_ORIGINS'],
    [
      'X-Forwarded-Host of a trusted proxy',
      {},
      { host: 'calls.example.com', forwardedHost: 'calls.example.com:8443', from: PROXY },
      'in',
    ],
    [
      'X-Forwarded-Host of this machine, over IPv6',
      {},
      { host: '10.0.0.5', forwardedHost: 'calls.example.com:8443', from: '::ffff:127.0.0.1' },
      'in',
    ],
    [
      'X-Forwarded-Host of several proxies',
      {},
      { host: '10.0.0.5', forwardedHost: 'calls.example.com:8443, inner:80', from: PROXY },
      'in',
    ],
    [
      'X-Forwarded-Host of somebody else',
      {},
      { host: '10.0.0.5', forwardedHost: 'calls.example.com:8443', from: '203.0.113.9' },
      'ALLOWED_ORIGINS',
    ],
  ])('is known by %s', (_what, options, asked, expected) => {
    expect(verdict(options, { origin, ...asked })).toBe(expected);
  });

  test('may have its default port written out', () => {
    expect(verdict({}, { origin: 'https://calls.example.com', host: 'calls.example.com:443' })).toBe('in');
    expect(verdict({}, { origin: 'http://calls.example.com', host: 'calls.example.com:443' })).not.toBe('in');
  });

  test('is one of the web: an app that names itself like the server is not it', () => {
    expect(verdict({}, { origin: 'app://calls.example.com', host: 'calls.example.com' })).toBe(
      'ALLOWED_ORIGINS',
    );
  });
});

describe('an allowed origin', () => {
  test.each([
    'null',
    'file://',
    'app://bundle',
    'capacitor://localhost',
    'chrome-extension://abcdefghijklmnop',
    'https://chat.example.com',
  ])('is taken literally: %s', (origin) => {
    const host = 'calls.example.com';
    expect(verdict({ allowedOrigins: [origin] }, { origin, host })).toBe('in');
    expect(verdict({}, { origin, host })).toBe('ALLOWED_ORIGINS');
    const others = ['null', 'file://', 'app://bundle', 'https://chat.example.com:444', 'app://bundle.evil'];
    for (const other of others.filter((each) => each !== origin)) {
      expect(verdict({ allowedOrigins: [origin] }, { origin: other, host })).toBe('ALLOWED_ORIGINS');
    }
  });

  test.each(['', 'nonsense', 'null,file://', 'https://', '://x', 'https://chat.example.com/path'])(
    'is never %j',
    (origin) => {
      const allowedOrigins = ['null', 'file://', 'https://chat.example.com'];
      expect(verdict({ allowedOrigins }, { origin, host: 'calls.example.com' })).toBe('ALLOWED_ORIGINS');
    },
  );
});

describe('on a loopback listener', () => {
  const open = { isLoopbackOnly: true, allowsLocalhost: true };
  const evil = 'http://evil.example';

  test.each<[string, Asked]>([
    ['addressed directly', { host: 'evil.example', origin: evil }],
    ['without origin', { host: 'evil.example' }],
    ['that says it was forwarded for localhost', { host: 'evil.example', forwardedHost: 'localhost' }],
    [
      'through a proxy that passes Host on',
      { host: 'evil.example', forwardedHost: 'evil.example', origin: evil },
    ],
    [
      'through a proxy that does not',
      { host: '127.0.0.1:8080', forwardedHost: 'evil.example', origin: evil },
    ],
    ['through two proxies', { host: 'localhost', forwardedHost: 'localhost, evil.example', origin: evil }],
  ])('a name that was rebound to this machine gets nothing, %s', (_how, asked) => {
    expect(verdict(open, { from: '127.0.0.1', ...asked })).not.toBe('in');
  });

  test.each(['calls.example.com', 'calls.example.com:8443', 'localhost:8080', '127.0.0.1'])(
    'with PUBLIC_URL its own page may come as Host %s, with and without X-Forwarded-Host',
    (host) => {
      const publicUrl = new URL('https://calls.example.com:8443');
      const asked = { host, origin: publicUrl.origin, from: '127.0.0.1' };
      expect(verdict({ ...open, publicUrl }, asked)).toBe('in');
      expect(verdict({ ...open, publicUrl }, { ...asked, forwardedHost: 'calls.example.com' })).toBe('in');
    },
  );

  test('an app origin in ALLOWED_ORIGINS is no name of the server', () => {
    const allowedOrigins = ['app://evil.example', 'null'];
    expect(
      policy({ ...open, allowedOrigins }).hostRefusalOf(request({ host: 'evil.example' })),
    ).toMatchObject({
      status: 421,
      setting: 'PUBLIC_URL',
    });
  });
});
