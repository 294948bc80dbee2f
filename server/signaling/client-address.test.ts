import { BlockList } from 'node:net';
import { expect, test } from 'vitest';
import { clientAddressOf } from './client-address.ts';

const PROXIES = new BlockList();
PROXIES.addSubnet('10.0.0.0', 8, 'ipv4');
PROXIES.addSubnet('fd00::', 8, 'ipv6');

test.each([
  ['a stranger', '192.0.2.7', undefined, '192.0.2.7'],
  ['a stranger who pretends', '192.0.2.7', '198.51.100.1', '192.0.2.7'],
  ['a stranger to a socket for both versions', '::ffff:192.0.2.7', undefined, '192.0.2.7'],
  ['IPv6: the network counts', '2001:db8:1:2:3:4:5:6', undefined, '2001:db8:1:2'],
  ['IPv6, another host of it', '2001:db8:1:2::9', undefined, '2001:db8:1:2'],
  ['IPv6, written at length', '2001:0DB8:0001:0002::9', undefined, '2001:db8:1:2'],
  ['IPv6, short', '2001:db8::1', undefined, '2001:db8:0:0'],
  ['this machine', '127.0.0.1', undefined, undefined],
  ['this machine by IPv6', '::1', undefined, undefined],
  ['a proxy here', '127.0.0.1', '192.0.2.7', '192.0.2.7'],
  ['a proxy that says nothing', '10.1.2.3', undefined, undefined],
  ['a proxy', '10.1.2.3', '192.0.2.7', '192.0.2.7'],
  ['a proxy by IPv6', 'fd00::1', '2001:db8:1:2:3::', '2001:db8:1:2'],
  ['two proxies', '::ffff:10.1.2.3', '192.0.2.7, 10.9.9.9', '192.0.2.7'],
  ['who pretends to a proxy', '10.1.2.3', '198.51.100.1, 192.0.2.7', '192.0.2.7'],
  ['who pretends to be a proxy', '10.1.2.3', '10.1.1.1, 192.0.2.7', '192.0.2.7'],
  ['only proxies', '10.1.2.3', '10.1.1.1', undefined],
  ['with a port', '10.1.2.3', '192.0.2.7:5678', '192.0.2.7'],
  ['IPv6 with a port', '10.1.2.3', '[2001:db8:1:2::9]:5678', '2001:db8:1:2'],
  ['a proxy that hides who it is', '10.1.2.3', '192.0.2.7, unknown', undefined],
  ['a socket that is closed', undefined, '192.0.2.7', undefined],
])('%s', (_who, remoteAddress, forwarded, expected) => {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  expect(clientAddressOf({ headers, socket: { remoteAddress } }, PROXIES)).toBe(expected);
});
