import { once } from 'node:events';
import type { EventEmitter } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import reconnect from './index.cjs';

const disposers: (() => unknown)[] = [];
afterEach(async () => {
  for (const dispose of disposers.splice(0).reverse()) await dispose();
});

function client(options?: { failAfter?: number }): reconnect.Reconnector {
  const socket = reconnect(options);
  disposers.push(() => socket.disconnect());
  return socket;
}

async function serve(port = 0): Promise<{ server: WebSocketServer; port: number; url: string }> {
  const server = new WebSocketServer({ port, host: '127.0.0.1' });
  await once(server, 'listening');
  disposers.push(() => stop(server));
  const bound = (server.address() as AddressInfo).port;
  return { server, port: bound, url: `ws://127.0.0.1:${bound}` };
}

/** Not `once` of node:events: that one listens for `error` too. */
function next(socket: reconnect.Reconnector, event: string): Promise<unknown[]> {
  return new Promise((resolve) => (socket as EventEmitter).once(event, (...values) => resolve(values)));
}

function stop(server: WebSocketServer): Promise<void> {
  for (const socket of server.clients) socket.terminate();
  return new Promise((resolve) => server.close(() => resolve()));
}

async function connection(socket: reconnect.Reconnector): Promise<reconnect.FrameTransport> {
  const [transport] = (await next(socket, 'connect')) as [reconnect.FrameTransport];
  return transport;
}

test('one write is one text frame and one frame is one data event, however fast they come', async () => {
  const { server, url } = await serve();
  const received: { text: string; binary: boolean }[] = [];
  server.on('connection', (peer: WebSocket) => {
    peer.on('message', (data, binary) => {
      received.push({ text: String(data), binary });
      peer.send(`answer ${String(data)}`, { binary });
    });
  });
  const transport = await connection(client().connect(url));
  const answers: string[] = [];
  const all = new Promise<void>((resolve) => {
    transport.on('data', (frame) => {
      answers.push(frame);
      if (answers.length === 500) resolve();
    });
  });
  for (let n = 0; n < 500; n++) expect(transport.write(`frame ${n}`)).toBe(true);
  await all;
  expect(received).toEqual(Array.from({ length: 500 }, (_, n) => ({ text: `frame ${n}`, binary: false })));
  expect(answers).toEqual(received.map(({ text }) => `answer ${text}`));
});

test('frames are strings also when sent as binary, and empty ones are passed over', async () => {
  const { server, url } = await serve();
  server.on('connection', (peer) => {
    peer.send('');
    peer.send(Buffer.from('{"grüße":1}'), { binary: true });
  });
  const socket = client();
  const frame = new Promise<string>((resolve) => {
    socket.on('connect', (transport) => transport.on('data', resolve));
  });
  socket.connect(url);
  expect(await frame).toBe('{"grüße":1}');
});

test('connection comes before connect, both with the socket already open', async () => {
  const { url } = await serve();
  const socket = client();
  const order: string[] = [];
  socket.on('connect', () => order.push(`connect ${socket.connected}`));
  socket.on('connection', () => order.push(`connection ${socket.connected}`));
  expect(socket.connected).toBe(false);
  await connection(socket.connect(url));
  expect(order).toEqual(['connection true', 'connect true']);
});

test('a connection that was lost is made again and the old transport drops what is written', async () => {
  const { server, url } = await serve();
  const socket = client();
  const first = await connection(socket.connect(url));
  const retries: [number, number][] = [];
  socket.on('reconnect', (n, delay) => retries.push([n, delay]));
  const lost = next(socket, 'disconnect');
  for (const peer of server.clients) peer.terminate();
  await lost;
  expect(socket.connected).toBe(false);
  expect(first.write('too late')).toBe(false);
  const second = await connection(socket);
  expect(second).not.toBe(first);
  expect(second.write('in time')).toBe(true);
  expect(retries).toEqual([[1, 100]]);
});

test('pauses grow while nobody listens, no error is thrown, and the server is found when it comes', async () => {
  const { server, port, url } = await serve();
  await stop(server);
  const socket = client();
  const delays: number[] = [];
  const thirdAttempt = new Promise<void>((resolve) => {
    socket.on('reconnect', (n, delay) => {
      delays.push(delay);
      if (n === 3) resolve();
    });
  });
  socket.connect(url);
  await thirdAttempt;
  const found = connection(socket);
  await serve(port);
  await found;
  expect(delays.slice(0, 3)).toEqual([100, 200, 400]);
});

test('an error is emitted to those who listen', async () => {
  const { server, url } = await serve();
  await stop(server);
  const socket = client();
  const errors: Error[] = [];
  socket.on('error', (error) => errors.push(error));
  const lost = next(socket, 'disconnect');
  socket.connect(url);
  await lost;
  expect(errors).toMatchObject([{ code: 'ECONNREFUSED' }]);
});

test('pauses keep growing with a server that accepts and closes without a word', async () => {
  const { server, url } = await serve();
  server.on('connection', (peer) => peer.close(1002, 'Invalid path'));
  const socket = client();
  const delays: number[] = [];
  const third = new Promise<void>((resolve) => {
    socket.on('reconnect', (n, delay) => {
      delays.push(delay);
      if (n === 3) resolve();
    });
  });
  socket.connect(url);
  await third;
  expect(delays).toEqual([100, 200, 400]);
});

test('failAfter bounds the retries', async () => {
  const { server, url } = await serve();
  await stop(server);
  const socket = client({ failAfter: 2 });
  const retries: number[] = [];
  socket.on('reconnect', (n) => retries.push(n));
  const failed = next(socket, 'fail');
  socket.connect(url);
  await failed;
  expect(retries).toEqual([1, 2]);
  expect(socket.reconnect).toBe(false);
});

test('failFast gives up when the first connection fails, and only then', async () => {
  const { server, port, url } = await serve();
  await stop(server);
  const hasty = client();
  const retries: number[] = [];
  hasty.on('reconnect', (n) => retries.push(n));
  const failed = next(hasty, 'fail');
  hasty.connect(url, { failFast: true });
  await failed;
  expect(retries).toEqual([]);

  const { server: again } = await serve(port);
  const socket = client();
  await connection(socket.connect(url, { failFast: true }));
  const back = connection(socket);
  for (const peer of again.clients) peer.terminate();
  await back;
  expect(socket.connected).toBe(true);
});

test('disconnect flushes what was written and stays disconnected', async () => {
  const { server, url } = await serve();
  const frames: string[] = [];
  server.on('connection', (peer) => peer.on('message', (data) => frames.push(String(data))));
  const socket = client();
  const transport = await connection(socket.connect(url));
  const closed = next(socket, 'disconnect');
  let retries = 0;
  socket.on('reconnect', () => retries++);
  transport.write('last words');
  socket.disconnect();
  await closed;
  expect(frames).toEqual(['last words']);
  expect(socket).toMatchObject({ connected: false, reconnect: false });
  await new Promise((resolve) => setTimeout(resolve, 250));
  expect(retries).toBe(0);
});

test('disconnect calls off a pending retry', async () => {
  const { server, url } = await serve();
  await stop(server);
  const socket = client();
  let retries = 0;
  socket.on('reconnect', () => retries++);
  const lost = next(socket, 'disconnect');
  socket.connect(url);
  await lost;
  socket.disconnect();
  await new Promise((resolve) => setTimeout(resolve, 250));
  expect(retries).toBe(0);
});

test('a peer that never answers the closing handshake is cut', async () => {
  const { server, url } = await serve();
  const paused = new Promise<WebSocket>((resolve) => {
    server.on('connection', (peer) => {
      peer.pause();
      resolve(peer);
    });
  });
  const socket = client();
  await connection(socket.connect(url));
  await paused;
  const closed = next(socket, 'disconnect');
  socket.disconnect();
  await closed;
  expect(socket.connected).toBe(false);
});

test('a server that accepts but never answers the handshake is given up and tried again', async () => {
  const silent: Server = createServer();
  const sockets = new Set<Socket>();
  silent.on('connection', (socket) => sockets.add(socket));
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  disposers.push(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  const socket = client();
  const retried = next(socket, 'reconnect');
  socket.connect(`ws://127.0.0.1:${(silent.address() as AddressInfo).port}`, { handshakeTimeout: 50 });
  expect(await retried).toEqual([1, 100]);
});
