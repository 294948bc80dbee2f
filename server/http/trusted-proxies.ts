import { BlockList, isIPv4, isIPv6 } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/**
 * The address in a hop of `X-Forwarded-For` or of a socket: without a port, and an IPv4 address that is written as
 * an IPv6 one (RFC 4291, 2.5.5.2) as itself.
 * @returns undefined if there is none
 */
export function addressIn(hop: string): string | undefined {
  const bare = /^\[(.*)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop;
  const address = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare;
  return isIPv4(address) || isIPv6(address) ? address : undefined;
}

/**
 * Whether what this address says of others is believed.
 * @param address of the form that `addressIn` gives
 * @param trustedProxies see `TRUSTED_PROXIES`; loopback addresses count as such
 */
export function isTrustedProxy(address: string, trustedProxies: BlockList): boolean {
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  return LOOPBACK.check(address, family) || trustedProxies.check(address, family);
}
