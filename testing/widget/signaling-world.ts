import type { AddressInfo } from 'node:net';
import { WebSocket as Socket, WebSocketServer, type WebSocket as ServerSocket } from 'ws';
import type { SignalingEvents, SignalingOptions } from '../../widget/signaling/signaling-events.ts';
import { Signaling } from '../../widget/signaling/socket.ts';

type Frame = Record<string, unknown> & { id: string };

/** Whom the server takes every page for. */
export const PERSON = { name: '7', displayName: '测试甲', avatar: '' };

/** A server whose every answer the test decides. */
export class ScriptedServer {
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

/** Lets a page in. */
export function accept(socket: ServerSocket, fields: object): void {
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

/** Does not let a page in. */
export function reject(socket: ServerSocket, code: string): void {
  socket.send(JSON.stringify({ id: 'registerResponse', response: 'rejected', code, message: code }));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** The next event of this name. */
export function next<Name extends keyof SignalingEvents>(
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

/** A scripted server, and pages that connect to it. */
export class SignalingWorld {
  readonly #clients: Signaling[] = [];
  #server: ScriptedServer | undefined;
  #tokens = 0;
  network = new EventTarget();

  async open(): Promise<ScriptedServer> {
    this.#server = await new ScriptedServer().listening();
    this.network = new EventTarget();
    this.#tokens = 0;
    return this.#server;
  }

  /** A page that has not been started; its tokens are `token-1`, `token-2` and so on. */
  readonly connect = (changes: Partial<SignalingOptions> = {}): Signaling => {
    const client = new Signaling({
      address: changes.address ?? this.#server?.address ?? '',
      credentials: () => Promise.resolve({ token: `token-${++this.#tokens}` }),
      WebSocket: Socket as unknown as new (address: string) => WebSocket,
      network: this.network,
      random: () => 0,
      ...changes,
    });
    this.#clients.push(client);
    return client;
  };

  /** A page that is registered. */
  readonly connected = async (): Promise<Signaling> => {
    const client = this.connect();
    const ready = next(client, 'ready');
    client.start();
    await ready;
    return client;
  };

  close(): void {
    for (const client of this.#clients.splice(0)) client.stop();
    this.#server?.close();
  }
}
