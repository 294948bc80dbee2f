import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { createLogger } from './logger.ts';
import { startMediaServer } from './server.ts';

const logger = createLogger('silent');

test('closing twice, even at the same time, closes once', async () => {
  const server = await startMediaServer({ logger });
  await expect(Promise.all([server.close(), server.close()])).resolves.toHaveLength(2);
  await expect(server.close()).resolves.toBeUndefined();
});

test('a server that cannot listen leaves no port for media open', async () => {
  const running = await startMediaServer({ logger });
  const free = createSocket('udp4').bind(0);
  await once(free, 'listening');
  const { port } = free.address();
  free.close();
  const mediaPorts = { min: port, max: port };
  await expect(startMediaServer({ logger, port: running.port, mediaPorts })).rejects.toThrow('EADDRINUSE');
  await expect(startMediaServer({ logger, port: 70_000, mediaPorts })).rejects.toThrow('70000');
  const again = createSocket('udp4').bind(port);
  await once(again, 'listening');
  expect(again.address().port).toBe(port);
  again.close();
  await running.close();
});
