import { once } from 'node:events';
import { Socket, type AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import type { WebSocketServer } from 'ws';
import { RawClient } from '../../testing/media-server/raw-client.ts';
import { createLogger } from '../logger.ts';
import { Connections } from './rpc/connections.ts';
import { openWebSocketServer, PATH, type Protocol } from './web-socket-server.ts';

let server: WebSocketServer;

afterEach(() => {
  for (const client of server.clients) client.terminate();
  server.close();
});

/** A client of a server whose protocol handles requests like this. */
async function connect(handle: Protocol['dispatcher']['handle']): Promise<RawClient> {
  const protocol = { connections: new Connections(), dispatcher: { handle } };
  server = openWebSocketServer({ host: '127.0.0.1', port: 0 }, protocol, createLogger('silent'));
  await once(server, 'listening');
  return RawClient.open(`ws://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}`);
}

test.each([
  [
    'at once',
    () => {
      throw new Error('broken');
    },
  ],
  ['later', () => Promise.reject(new Error('broken'))],
])('a request that fails %s closes its own connection only', async (_when, handle) => {
  const client = await connect(handle);
  client.send('request');
  expect(await client.closed).toMatchObject({ code: 1006 });
});

test('TCP notices clients that vanished', async () => {
  const setKeepAlive = vi.spyOn(Socket.prototype, 'setKeepAlive');
  const client = await connect(() => ({ text: 'reply', sessionId: undefined }));
  expect(setKeepAlive).toHaveBeenCalledWith(true, 60_000);
  setKeepAlive.mockRestore();
  client.drop();
});
