import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** How much of an IPv6 address one customer of a provider has for itself, in groups of 16 bits: a /64. */
const IPV6_NETWORK_GROUPS = 4;

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/**
 * Where a request comes from, as far as that can be believed: the address that connected, or, if that is a trusted
 * proxy's or this machine's own, the last one in `X-Forwarded-For` that is not.
 *
 * @param trustedProxies see `TRUSTED_PROXIES`; loopback addresses count as such
 * @returns an IPv4 address, or the first 64 bits of an IPv6 one; undefined if only trusted proxies are known
 */
export function clientAddressOf(
  request: Pick<IncomingMessage, 'headers'> & {
    readonly socket: { readonly remoteAddress?: string | undefined };
  },
  trustedProxies: BlockList,
): string | undefined {
  const forwarded = String(request.headers['x-forwarded-for'] ?? '').split(',');
  const hops = [...forwarded, request.socket.remoteAddress ?? ''].map((hop) => addressIn(hop.trim()));
  const client = hops.findLast((hop) => hop === undefined || !isTrusted(hop, trustedProxies));
  return client === undefined ? undefined : networkOf(client);
}

/** The address without a port, and an IPv4 address that is written as an IPv6 one (RFC 4291, 2.5.5.2) as itself. */
function addressIn(hop: string): string | undefined {
  const bare = /^\[(.*)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop;
  const address = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare;
  return isIPv4(address) || isIPv6(address) ? address : undefined;
}

function isTrusted(address: string, trustedProxies: BlockList): boolean {
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  return LOOPBACK.check(address, family) || trustedProxies.check(address, family);
}

function networkOf(address: string): string {
  if (isIPv4(address)) return address;
  // The URL parser writes the address in one way only (RFC 5952).
  const [head = '', tail] = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname
    .slice(1, -1)
    .split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? [] : Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after].slice(0, IPV6_NETWORK_GROUPS).join(':');
}
