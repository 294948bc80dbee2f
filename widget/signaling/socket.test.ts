import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AddressInfo } from 'node:net';
import { WebSocket as Socket, WebSocketServer, type WebSocket as ServerSocket } from 'ws';
import { type ClientMessageInput, PROTOCOL_VERSION } from '../../protocol/index.ts';
import type { SignalingEvents, SignalingOptions, SignalingState } from './signaling-events.ts';
import { Signaling } from './socket.ts';

type Frame = Record<string, unknown> & { id: string };

const PERSON = { name: '7', displayName: '测试甲', avatar: '' };

/** A server whose every answer the test decides. */
class ScriptedServer {
  readonly #server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  readonly sockets: ServerSocket[] = [];
  readonly frames: Frame[] = [];
  answer: (frame: Frame, socket: ServerSocket) => void = (frame, socket) => {
    if (frame.id === 'register') accept(socket, { resumeToken: 'first' });
    if (frame.id === 'resume') accept(socket, { resumeToken: 'second', resumed: true });
    if (frame.id === 'ping') socket.send('{"id":"pong"}');
  };

  constructor() {
    this.#server.on('connection', (socket) => {
      this.sockets.push(socket);
      socket.on('message', (data) => {
        const frame = JSON.parse(String(data)) as Frame;
        this.frames.push(frame);
        this.answer(frame, socket);
      });
    });
  }

  async listening(): Promise<this> {
    if (!this.#server.address()) await new Promise((resolve) => this.#server.once('listening', resolve));
    return this;
  }

  get address(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/signal`;
  }

  get last(): ServerSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error('nobody connected');
    return socket;
  }

  ids(): string[] {
    return this.frames.map(({ id }) => id);
  }

  async received(count: number, id: string): Promise<Frame[]> {
    await until(() => this.frames.filter((frame) => frame.id === id).length >= count);
    return this.frames.filter((frame) => frame.id === id);
  }

  close(): void {
    for (const socket of this.sockets) socket.terminate();
    this.#server.close();
  }
}

function accept(socket: ServerSocket, fields: object): void {
  const response = {
    id: 'registerResponse',
    response: 'accepted',
    user: PERSON,
    iceServers: [],
    groupCalls: [],
    protocol: 1,
  };
  socket.send(JSON.stringify({ ...response, ...fields }));
}

function reject(socket: ServerSocket, code: string): void {
  socket.send(JSON.stringify({ id: 'registerResponse', response: 'rejected', code, message: code }));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const STOP: ClientMessageInput = { id: 'stop', callId: 'c' };

describe('Signaling', () => {
  let server: ScriptedServer;
  let network: EventTarget;
  let tokens: number;
  const clients: Signaling[] = [];

  function connect(changes: Partial<SignalingOptions> = {}): Signaling {
    const client = new Signaling({
      address: changes.address ?? server.address,
      credentials: () => Promise.resolve({ token: `token-${++tokens}` }),
      WebSocket: Socket as unknown as new (address: string) => WebSocket,
      network,
      random: () => 0,
      ...changes,
    });
    clients.push(client);
    return client;
  }

  function next<Name extends keyof SignalingEvents>(
    client: Signaling,
    name: Name,
  ): Promise<SignalingEvents[Name]> {
    return new Promise((resolve) => {
      const heard = (value: SignalingEvents[Name]): void => {
        client.off(name, heard);
        resolve(value);
      };
      client.on(name, heard);
    });
  }

  async function connected(): Promise<Signaling> {
    const client = connect();
    const ready = next(client, 'ready');
    client.start();
    await ready;
    return client;
  }

  beforeEach(async () => {
    server = await new ScriptedServer().listening();
    network = new EventTarget();
    tokens = 0;
  });

  afterEach(() => {
    for (const client of clients.splice(0)) client.stop();
    server.close();
  });

  it('registers with its credentials and passes on what the server says', async () => {
    const client = await connected();
    expect(server.frames).toEqual([{ id: 'register', protocol: PROTOCOL_VERSION, token: 'token-1' }]);
    expect(client.registration?.user).toEqual(PERSON);
    const message = next(client, 'message');
    server.last.send('{"id":"restartMedia","callId":"c","generation":2}');
    expect(await message).toEqual({ id: 'restartMedia', callId: 'c', generation: 2 });
  });

  it('opens no socket before it has its token', async () => {
    let give: (credentials: { token: string }) => void = () => undefined;
    const client = connect({ credentials: () => new Promise((resolve) => (give = resolve)) });
    client.start();
    client.hurry();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.sockets).toEqual([]);
    const ready = next(client, 'ready');
    give({ token: 'late' });
    await ready;
    expect(server.frames).toEqual([{ id: 'register', protocol: PROTOCOL_VERSION, token: 'late' }]);
  });

  it('takes a refusal with a code that it does not know as a refusal', async () => {
    server.answer = (_, socket) => reject(socket, 'from-the-future');
    const client = connect();
    const refused = next(client, 'refused');
    client.start();
    expect(await refused).toEqual({ code: 'failed', message: 'from-the-future' });
  });

  it('comes again by itself when its token is not valid yet', async () => {
    let attempts = 0;
    server.answer = (_, socket) =>
      ++attempts === 1 ? reject(socket, 'token-not-yet-valid') : accept(socket, { resumeToken: 'x' });
    await connected();
    expect(attempts).toBe(2);
  });

  it('renews its token before it runs out', async () => {
    await connected();
    server.last.send('{"id":"tokenExpiring"}');
    expect(await server.received(1, 'renew')).toEqual([{ id: 'renew', token: 'token-2' }]);
  });

  it('does not offer the token again that runs out', async () => {
    const client = connect({ credentials: () => Promise.resolve({ token: 'only' }) });
    const ready = next(client, 'ready');
    client.start();
    await ready;
    server.last.send('{"id":"tokenExpiring"}');
    server.last.send('{"id":"renewResponse","response":"accepted"}');
    const message = next(client, 'message');
    server.last.send('{"id":"restartMedia","callId":"c","generation":2}');
    await message;
    client.send({ id: 'ping' });
    await server.received(1, 'ping');
    expect(server.ids()).toEqual(['register', 'ping']);
  });

  it('renews on the next socket when the first is lost meanwhile', async () => {
    const client = await connected();
    const ready = next(client, 'ready');
    server.last.send('{"id":"tokenExpiring"}');
    await server.received(1, 'renew');
    server.last.terminate();
    expect((await ready).resumed).toBe(true);
    expect((await server.received(2, 'renew')).map(({ token }) => token)).toEqual(['token-2', 'token-3']);
  });

  it('renews as soon as the page has another token', async () => {
    let token = 'the only one';
    const client = connect({ credentials: () => Promise.resolve({ token }) });
    const ready = next(client, 'ready');
    client.start();
    await ready;
    server.last.send('{"id":"tokenExpiring"}');
    client.send({ id: 'ping' });
    await server.received(1, 'ping');
    token = 'another one';
    client.tokenChanged();
    expect(await server.received(1, 'renew')).toEqual([{ id: 'renew', token: 'another one' }]);
  });

  it('registers afresh, with another token, when its token has run out', async () => {
    const client = await connected();
    const expired = next(client, 'expired');
    const ready = next(client, 'ready');
    server.last.close(4002);
    await expired;
    await ready;
    expect(server.frames.map(({ id, token }) => [id, token])).toEqual([
      ['register', 'token-1'],
      ['register', 'token-2'],
    ]);
  });

  it('ignores what it does not understand', async () => {
    const client = await connected();
    const debug = vi.spyOn(console, 'debug').mockImplementation(() => undefined);
    const message = next(client, 'message');
    for (const frame of ['no json', '[]', '{"id":"future"}', '{"id":"prepared"}']) server.last.send(frame);
    server.last.send('{"id":"prepared","callId":"c","sdpAnswer":"v=0"}');
    expect(await message).toMatchObject({ id: 'prepared' });
    expect(debug).toHaveBeenCalledTimes(4);
    debug.mockRestore();
  });

  it('keeps messages until it is registered, in order', async () => {
    const client = connect();
    client.send({ id: 'answering', callId: 'c' });
    client.send(STOP);
    client.start();
    await server.received(1, 'stop');
    expect(server.ids()).toEqual(['register', 'answering', 'stop']);
  });

  it('resumes on a new socket when the old one is lost, and sends what waited', async () => {
    const client = await connected();
    const states: SignalingState[] = [];
    client.on('state', (state) => {
      states.push(state);
      if (state === 'lost') client.send({ id: 'answering', callId: 'c' });
    });
    const ready = next(client, 'ready');
    server.last.terminate();
    expect((await ready).resumed).toBe(true);
    await server.received(1, 'answering');
    expect(states).toEqual(['lost', 'ready']);
    expect(server.frames.slice(1)).toEqual([
      { id: 'resume', protocol: PROTOCOL_VERSION, resumeToken: 'first' },
      { id: 'answering', callId: 'c' },
    ]);
  });

  it('uses the newest resume token', async () => {
    const client = await connected();
    for (const attempt of [1, 2]) {
      const ready = next(client, 'ready');
      server.last.terminate();
      await ready;
      expect((await server.received(attempt, 'resume')).at(-1)?.resumeToken).toBe(
        attempt === 1 ? 'first' : 'second',
      );
    }
  });

  it('repeats after a loss what may not have arrived, if that does no harm', async () => {
    const client = await connected();
    client.send(STOP);
    client.send({ id: 'answering', callId: 'c' });
    await server.received(1, 'answering');
    const ready = next(client, 'ready');
    server.last.terminate();
    await ready;
    await server.received(2, 'stop');
    client.send({ id: 'ping' });
    await server.received(1, 'ping');
    expect(server.ids().filter((id) => id === 'answering')).toHaveLength(1);
  });

  it('registers afresh when the session cannot be resumed, and says so before', async () => {
    const client = await connected();
    const { answer } = server;
    server.answer = (frame, socket) =>
      frame.id === 'resume' ? reject(socket, 'resume-expired') : answer(frame, socket);
    const heard: string[] = [];
    client.on('expired', () => {
      heard.push('expired');
    });
    client.on('state', (state) => {
      if (state === 'lost') client.send(STOP);
    });
    const ready = next(client, 'ready').then(() => heard.push('ready'));
    server.last.terminate();
    await ready;
    expect(heard).toEqual(['expired', 'ready']);
    client.send({ id: 'ping' });
    await server.received(1, 'ping');
    // What was about the old session's calls is not sent to the new one.
    expect(server.ids()).toEqual(['register', 'resume', 'register', 'ping']);
  });

  it('asks for a fresh token once when the first has expired', async () => {
    server.answer = (frame, socket) =>
      frame.token === 'token-2' ? accept(socket, { resumeToken: 'x' }) : reject(socket, 'token-expired');
    await connected();
    expect(server.frames.map(({ token }) => token)).toEqual(['token-1', 'token-2']);
  });

  it('comes again by itself with a token that is not valid yet, and says what the server said', async () => {
    server.answer = (frame, socket) =>
      frame.token === 'token-3'
        ? accept(socket, { resumeToken: 'x' })
        : reject(socket, 'token-not-yet-valid');
    const client = connect();
    const told = next(client, 'unreachable');
    const ready = next(client, 'ready');
    client.start();
    expect(await told).toBe('token-not-yet-valid');
    await ready;
    expect(server.frames.map(({ token }) => token)).toEqual(['token-1', 'token-2', 'token-3']);
  });

  it('stops when it is refused, and tries again when told to', async () => {
    server.answer = (_, socket) => reject(socket, 'token-invalid');
    const client = connect();
    const refused = next(client, 'refused');
    client.start();
    expect(await refused).toEqual({ code: 'token-invalid', message: 'token-invalid' });
    expect(client.state).toBe('refused');
    const again = next(client, 'refused');
    client.start();
    await again;
    // Each time a fresh token was tried, too.
    expect(server.sockets).toHaveLength(4);
  });

  it('comes again by itself when the server is busy', async () => {
    let attempts = 0;
    server.answer = (_, socket) =>
      ++attempts === 1 ? reject(socket, 'overloaded') : accept(socket, { resumeToken: 'x' });
    await connected();
    expect(attempts).toBe(2);
  });

  it('tells when no connection comes about', async () => {
    const { address } = server;
    server.close();
    const client = connect({ address });
    const unreachable = next(client, 'unreachable');
    client.start();
    await unreachable;
    expect(client.state).toBe('connecting');
  });

  it('finds a socket dead that was cut but not closed, once the network has changed', async () => {
    const client = await connected();
    const { answer } = server;
    const cut = server.last;
    server.answer = (frame, socket) => {
      if (socket !== cut) answer(frame, socket);
    };
    const ready = next(client, 'ready');
    network.dispatchEvent(new Event('online'));
    expect((await ready).resumed).toBe(true);
    expect(server.ids()).toEqual(['register', 'ping', 'resume']);
  });

  it('does not resume after it was stopped', async () => {
    const client = await connected();
    const closed = new Promise<number>((resolve) => server.last.on('close', resolve));
    client.stop();
    expect(await closed).toBe(1000);
    const ready = next(client, 'ready');
    client.start();
    await ready;
    expect(server.ids()).toEqual(['register', 'register']);
  });
});
