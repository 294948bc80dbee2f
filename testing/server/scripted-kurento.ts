import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';

interface Request {
  id: number;
  method: string;
  params?: {
    sessionId?: string;
    object?: string;
    type?: string;
    operation?: string;
    operationParams?: Record<string, unknown>;
    constructorParams?: { mediaPipeline?: string };
  };
}

interface Refusal {
  code: number;
  message: string;
}

/** What a test makes of a request: nothing special, no answer at all, a refusal, or an answer later. */
type Verdict = undefined | 'silence' | Refusal | Promise<void>;

const NOT_FOUND: Refusal = { code: 40101, message: 'Object not found' };
const INVALID_SESSION: Refusal = { code: 40007, message: 'Invalid session' };

/** A Kurento media server without media, that can be made to hang, to refuse, to drop connections and to restart. */
export class ScriptedKurento {
  readonly objects = new Set<string>();
  readonly subscriptions = new Set<string>();
  readonly log: string[] = [];
  /** Decides over each request before it is carried out. */
  script: (name: string, request: Request) => Verdict = () => undefined;
  #sessions = new Set<string>();
  #server: WebSocketServer | undefined;
  #port: number;

  private constructor(port: number) {
    this.#port = port;
  }

  /** @param port to listen on; a free one if 0 */
  static async start(port = 0): Promise<ScriptedKurento> {
    const kurento = new ScriptedKurento(port);
    await kurento.listen();
    return kurento;
  }

  get port(): number {
    return this.#port;
  }

  get uri(): string {
    return `ws://127.0.0.1:${this.#port}/kurento`;
  }

  get pipelines(): string[] {
    return [...this.objects].filter((id) => !id.includes('/'));
  }

  get connections(): number {
    return this.#server?.clients.size ?? 0;
  }

  /** Listens, on the same port as the last time. */
  async listen(): Promise<void> {
    this.#server = new WebSocketServer({ port: this.#port, host: '127.0.0.1' });
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
    this.#server.on('connection', (socket) => {
      socket.on('message', (data) => void this.#receive(socket, JSON.parse(String(data)) as Request));
    });
  }

  /** Cuts every connection, as a network failure does; sessions and objects stay. */
  dropConnections(): void {
    for (const socket of this.#server?.clients ?? []) socket.terminate();
  }

  /** Stops listening and cuts every connection; sessions and objects are gone. */
  async stop(): Promise<void> {
    this.forget();
    this.dropConnections();
    await new Promise((resolve) => (this.#server ? this.#server.close(resolve) : resolve(undefined)));
  }

  /** Loses all sessions and objects. */
  forget(): void {
    this.#sessions = new Set();
    this.objects.clear();
  }

  /** Emits an event of an object to everyone connected. */
  fire(object: string, type: string, data: object): void {
    const frame = JSON.stringify({
      jsonrpc: '2.0',
      method: 'onEvent',
      params: { value: { object, type, data: { source: object, type, ...data } } },
    });
    for (const socket of this.#server?.clients ?? []) socket.send(frame);
  }

  async #receive(socket: WebSocket, request: Request): Promise<void> {
    const { operation, type } = request.params ?? {};
    const name = operation ?? (type && request.method === 'create' ? `create ${type}` : request.method);
    if (request.method !== 'ping') this.log.push(name);
    const verdict = this.script(name, request);
    if (verdict === 'silence') return;
    if (verdict instanceof Promise) await verdict;
    const outcome = verdict && !(verdict instanceof Promise) ? verdict : this.#execute(request);
    const { id } = request;
    const failed = typeof outcome === 'object' && outcome !== null && 'code' in outcome;
    socket.send(
      JSON.stringify(
        failed ? { id, jsonrpc: '2.0', error: outcome } : { id, jsonrpc: '2.0', result: outcome },
      ),
    );
  }

  #execute({ method, params = {} }: Request): object {
    if (method === 'ping') return { value: 'pong' };
    if (method === 'connect' && !this.#sessions.has(params.sessionId ?? '')) return INVALID_SESSION;
    const sessionId = params.sessionId ?? randomUUID();
    this.#sessions.add(sessionId);
    if (method === 'connect') return { sessionId };
    if (method === 'create') return this.#create(params, sessionId);
    const { object = '' } = params;
    if (object === 'manager_ServerManager')
      return { sessionId, type: 'ServerManager', qualifiedType: 'kurento.ServerManager', value: object };
    if (!this.objects.has(object)) return NOT_FOUND;
    if (method === 'release') {
      for (const id of this.objects)
        if (id === object || id.startsWith(`${object}/`)) this.objects.delete(id);
      return { sessionId };
    }
    if (method === 'subscribe') this.subscriptions.add(`${object} ${params.type}`);
    return { sessionId, value: params.operation === 'processOffer' ? 'v=0 answer' : object };
  }

  #create({ type, constructorParams }: NonNullable<Request['params']>, sessionId: string): object {
    const parent = constructorParams?.mediaPipeline;
    if (parent !== undefined && !this.objects.has(parent)) return NOT_FOUND;
    const id = `${parent === undefined ? '' : `${parent}/`}${randomUUID()}_kurento.${type}`;
    this.objects.add(id);
    return { sessionId, value: id };
  }
}
