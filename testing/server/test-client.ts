import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type ClientOptions, WebSocket } from 'ws';
import {
  type ClientMessageInput,
  parseServerMessage,
  PROTOCOL_VERSION,
  type ServerMessage,
  type ServerMessageId,
  type ServerMessageOf,
} from '../../protocol/index.ts';

/** An offer of Chromium with audio and video, both sendrecv. */
export const CHROMIUM_OFFER = readFileSync(new URL('./chromium-offer.sdp', import.meta.url), 'utf8');

/** How long a message may take to come; only ever waited for when a test fails. */
const PATIENCE_MS = 15_000;

/** A page as the server sees it: a socket, what came over it, and what it waits for. */
export class TestClient {
  readonly socket: WebSocket;
  /** Everything that came and was not yet asked for. */
  readonly inbox: ServerMessage[] = [];
  /** The ids of everything that ever came. */
  readonly seen: string[] = [];
  /** What resumes this client's session on another socket. */
  resumeToken = '';
  /** Sees every message as it comes. */
  onMessage: (message: ServerMessage) => void = () => undefined;
  #wake: () => void = () => undefined;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => {
      const message = parseServerMessage(String(data));
      this.inbox.push(message);
      this.seen.push(message.id);
      if (message.id === 'registerResponse' && message.response === 'accepted') {
        this.resumeToken = message.resumeToken;
      }
      this.onMessage(message);
      this.#wake();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => this.#wake());
  }

  static async connect(url: string, path = '/signal', options: ClientOptions = {}): Promise<TestClient> {
    const client = new TestClient(new WebSocket(new URL(path, url.replace(/^http/, 'ws')), options));
    await once(client.socket, 'open');
    return client;
  }

  /** Connects and registers under a name, as `AUTH=none` allows. */
  static async register(url: string, name: string, path = '/signal'): Promise<TestClient> {
    const client = await TestClient.connect(url, path);
    client.send({ id: 'register', protocol: PROTOCOL_VERSION, name });
    await client.next('registerResponse');
    return client;
  }

  send(message: ClientMessageInput): void {
    this.socket.send(JSON.stringify(message));
  }

  /** Sends anything at all. */
  sendRaw(frame: string | Buffer): void {
    this.socket.send(frame);
  }

  /** The next message of this kind; those of other kinds stay in the inbox. */
  async next<K extends ServerMessageId>(id: K): Promise<ServerMessageOf<K>> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const at = this.inbox.findIndex((message) => message.id === id);
      if (at >= 0) return this.inbox.splice(at, 1)[0] as ServerMessageOf<K>;
      const left = deadline - Date.now();
      if (left <= 0 || this.socket.readyState === WebSocket.CLOSED) {
        throw new Error(`No ${id}; the inbox has: ${this.inbox.map((message) => message.id).join(', ')}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Makes sure that the server has handled all that was sent, and that its answers have come. */
  async settled(): Promise<void> {
    this.send({ id: 'ping' });
    await this.next('pong');
  }

  /** Waits for the socket's end. */
  async closed(): Promise<number> {
    if (this.socket.readyState === WebSocket.CLOSED) throw new Error('closed already');
    const [code] = (await once(this.socket, 'close')) as [number];
    return code;
  }

  async close(code = 1000): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    this.socket.close(code);
    await once(this.socket, 'close');
  }
}
