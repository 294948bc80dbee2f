import type { IncomingMessage } from 'node:http';
import { type BlockList, isIPv4 } from 'node:net';
import { addressIn, isTrustedProxy } from '../http/trusted-proxies.ts';

/** How much of an IPv6 address one customer of a provider has for itself, in groups of 16 bits: a /64. */
const IPV6_NETWORK_GROUPS = 4;

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
  const client = hops.findLast((hop) => hop === undefined || !isTrustedProxy(hop, trustedProxies));
  return client === undefined ? undefined : networkOf(client);
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
