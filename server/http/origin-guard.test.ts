import { BlockList } from 'node:net';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { OriginGuard } from './origin-guard.ts';
import { OriginPolicy } from './origin-policy.ts';
import { warningsOf } from './wide-origins.ts';

test('the log names Host, Origin and the setting to change, once a minute for each origin', () => {
  const lines: Record<string, unknown>[] = [];
  const logger = pino({ base: null }, { write: (line) => void lines.push(JSON.parse(line)) });
  const policy = new OriginPolicy({
    allowedOrigins: [],
    publicUrl: undefined,
    trustedProxies: new BlockList(),
    isLoopbackOnly: false,
    allowsLocalhost: false,
  });
  const guard = new OriginGuard(policy, logger);
  const ask = (origin: string) =>
    guard.refusalOf({
      headers: { host: 'calls.example.com', origin },
      socket: { remoteAddress: '192.0.2.1' },
    });
  for (let n = 0; n < 100; n += 1) ask('https://calls.example.com:8443');
  for (let n = 0; n < 100; n += 1) ask(`https://evil.example/${'x'.repeat(10_000)}`);
  expect(ask('https://calls.example.com')).toBeUndefined();
  expect(lines).toEqual([
    expect.objectContaining({
      host: 'calls.example.com',
      origin: 'https://calls.example.com:8443',
      setting: 'PUBLIC_URL',
      msg: expect.stringContaining('PUBLIC_URL to https://calls.example.com:8443'),
    }),
    expect.objectContaining({ setting: 'ALLOWED_ORIGINS', msg: expect.stringContaining('ALLOWED_ORIGINS') }),
  ]);
  expect(JSON.stringify(lines).length).toBeLessThan(2000);
});

test('origins that many pages share are warned of', () => {
  const narrow = ['https://chat.example.com', 'app://bundle', 'chrome-extension://abc'];
  const wide = ['null', 'file://', 'capacitor://localhost', 'http://localhost:8100'];
  expect(warningsOf(narrow)).toEqual([]);
  expect(warningsOf([...narrow, ...wide])).toEqual(
    wide.map((origin) => expect.stringContaining(` ${origin},`)),
  );
});
