import { once } from 'node:events';
import { WebSocket, type RawData } from 'ws';
import { isJsonObject, member, type Json, type JsonObject } from '../../media-server/kurento/rpc/json.ts';

/** A reply or a notification, as received. */
type Frame = JsonObject;

/** Ids continue across clients, because a session caches the replies to the last ones, whoever asked. */
let lastId = 0;

/** A client that sends and receives bare frames, so that tests see what is really sent. */
export class RawClient {
  /** Resolves with the close code. */
  readonly closed: Promise<{ code: number; reason: string }>;
  /** The texts of all received frames. */
  readonly texts: string[] = [];
  readonly #socket: WebSocket;
  readonly #unread: Frame[] = [];
  readonly #readers: { wanted: (frame: Frame) => boolean; resolve: (frame: Frame) => void }[] = [];

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    socket.on('message', (data) => this.#receive(data));
  }

  static async open(url: string, headers: Record<string, string> = {}): Promise<RawClient> {
    const socket = new WebSocket(url, { headers });
    const client = new RawClient(socket);
    await once(socket, 'open');
    return client;
  }

  /** Sends a frame as it is, or a value as JSON. */
  send(frame: string | Buffer | JsonObject | readonly Json[]): void {
    this.#socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  /** Sends a request and returns its reply. */
  async call(method: string, params?: Json, id: Json = ++lastId): Promise<Frame> {
    this.send({ jsonrpc: '2.0', id, method, ...(params === undefined ? {} : { params }) });
    return this.next((frame) => 'id' in frame && frame.id === id);
  }

  /** Sends a request; returns `result.value`, or the whole error. */
  async value(method: string, params?: Json): Promise<Json | undefined> {
    const reply = await this.call(method, params);
    return member(reply.result, 'value') ?? reply.error ?? null;
  }

  /** Calls an operation; returns its value, or the whole error. */
  async invoke(object: string, operation: string, operationParams?: Json): Promise<Json | undefined> {
    const params = operationParams === undefined ? {} : { operationParams };
    return this.value('invoke', { object, operation, ...params });
  }

  /** Creates an object and returns its id. */
  async create(type: string, constructorParams: JsonObject = {}): Promise<string> {
    return String(await this.value('create', { type, constructorParams, properties: {} }));
  }

  /** The next matching frame, of those not yet taken. */
  next(wanted: (frame: Frame) => boolean = () => true): Promise<Frame> {
    const index = this.#unread.findIndex(wanted);
    const found = index < 0 ? undefined : this.#unread.splice(index, 1)[0];
    return found ? Promise.resolve(found) : new Promise((resolve) => this.#readers.push({ wanted, resolve }));
  }

  /** The data of the next event of a type. */
  async event(type: string): Promise<JsonObject> {
    const frame = await this.next((candidate) => eventOf(candidate)?.type === type);
    return (eventOf(frame)?.data ?? {}) as JsonObject;
  }

  /** The types of the received events not yet taken; including all that were sent before the last reply. */
  get pendingEvents(): string[] {
    return this.#unread.flatMap((frame) => {
      const type = eventOf(frame)?.type;
      return typeof type === 'string' ? [type] : [];
    });
  }

  /** Drops the connection without a closing handshake. */
  drop(): void {
    this.#socket.terminate();
  }

  #receive(data: RawData): void {
    const text = (data as Buffer).toString();
    this.texts.push(text);
    const frame = JSON.parse(text) as Frame;
    const index = this.#readers.findIndex(({ wanted }) => wanted(frame));
    if (index < 0) this.#unread.push(frame);
    else this.#readers.splice(index, 1)[0]?.resolve(frame);
  }
}

function eventOf(frame: Frame): JsonObject | undefined {
  if (frame.method !== 'onEvent') return undefined;
  const value = member(frame.params, 'value');
  return isJsonObject(value) ? value : undefined;
}
