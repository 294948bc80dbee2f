import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type websockify from 'koa-websocket';
import type { Config } from './config.ts';
import { isLoopback } from './loopback.ts';

/** The server cannot listen where it is told to. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly code: 'port-in-use' | 'cannot-listen';

  constructor(host: string | undefined, port: number, cause: NodeJS.ErrnoException) {
    const where = `port ${port} of ${host ?? 'all addresses'}`;
    const isInUse = cause.code === 'EADDRINUSE';
    super(
      isInUse
        ? `Another program uses ${where}; stop it, or set PORT to another one.`
        : `Cannot listen on ${where}: ${cause.message}`,
      { cause },
    );
    this.code = isInUse ? 'port-in-use' : 'cannot-listen';
  }
}

/** A machine without IPv6 (or without IPv4) lacks one of the two loopback addresses. */
const ADDRESS_MISSING_CODES = ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'];

/**
 * Listens on every configured address, on the same port.
 * @returns one HTTP server for each address
 * @throws ListenError; nothing listens then
 */
export async function listen(
  app: websockify.App,
  { hosts, port }: Pick<Config, 'hosts' | 'port'>,
): Promise<Server[]> {
  if (!hosts) return [await listenOn(app, port, undefined)];
  const servers: Server[] = [];
  for (const host of hosts) {
    try {
      servers.push(await listenOn(app, servers[0] ? portOf(servers[0]) : port, host));
    } catch (error) {
      const code = (error as { cause?: NodeJS.ErrnoException }).cause?.code ?? '';
      if (hosts.length > 1 && isLoopback(host) && ADDRESS_MISSING_CODES.includes(code)) continue;
      for (const server of servers) server.close();
      throw error;
    }
  }
  if (servers.length === 0) throw new ListenError(hosts.join(', '), port, new Error('no such address here'));
  return servers;
}

/** The port a server listens on. */
export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function listenOn(app: websockify.App, port: number, host: string | undefined): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = app.listen(port, host);
    // The socket server repeats every error of the HTTP server; only the latter's is wanted.
    app.ws.server?.on('error', () => undefined);
    server.once('listening', () => resolve(server));
    server.once('error', (error) => reject(new ListenError(host, port, error)));
  });
}
