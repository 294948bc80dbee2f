import { randomBytes, randomUUID } from 'node:crypto';
import type { Person, ServerMessageInput } from '../../protocol/index.ts';
import type { ConnectionRef, Dialect } from '../cluster/presence.ts';
import { translate } from './dialect.ts';

import { Outbox } from './outbox.ts';

/** The socket that serves a client at the moment. */
export interface FrameSink {
  sendFrame(frame: string): void;
  /** Wants to know, by `Client.confirm`, when the frame of this number and those before have arrived. */
  askReceipt(number: number): void;
  close(code: number, reason: string): void;
}

/**
 * A registered connection. It outlives its socket: between the loss of one and the next, frames wait for it.
 */
export class Client implements ConnectionRef {
  readonly id = randomUUID();
  readonly user: Person;
  readonly dialect: Dialect;
  #protocol: number;
  readonly #queuedFramesMax: number;
  readonly #onOverflow: () => void;
  #resumeToken = newToken();
  #sink: FrameSink | undefined;
  #outbox: Outbox;

  /**
   * @param protocol the version of the protocol that the page speaks
   * @param options.queuedFramesMax frames kept until they have arrived
   * @param options.onOverflow called when more are waiting for a socket
   */
  constructor(
    user: Person,
    dialect: Dialect,
    protocol: number,
    options: { readonly queuedFramesMax: number; readonly onOverflow: (client: Client) => void },
  ) {
    this.user = user;
    this.dialect = dialect;
    this.#protocol = protocol;
    this.#queuedFramesMax = options.queuedFramesMax;
    this.#outbox = new Outbox(options.queuedFramesMax);
    this.#onOverflow = () => options.onOverflow(this);
  }

  /** What resumes this client, once. */
  get resumeToken(): string {
    return this.#resumeToken;
  }

  get protocol(): number {
    return this.#protocol;
  }

  get sink(): FrameSink | undefined {
    return this.#sink;
  }

  /** Whether nothing is missing of what the next socket has to bring. */
  get canResume(): boolean {
    return this.#outbox.isComplete;
  }

  /** Sends a message as the page understands it, or keeps it until there is a socket. */
  send(message: ServerMessageInput): void {
    const translated = translate(this, message);
    if (translated) this.#sendFrame(frameOf(translated));
  }

  /**
   * Gives the client a socket.
   * @param protocol the version that is spoken on it
   * @param greeting goes out before all that may not have arrived
   * @returns the socket that served it until now
   */
  attach(sink: FrameSink, protocol: number, greeting: ServerMessageInput): FrameSink | undefined {
    const former = this.#sink;
    const { frames } = this.#outbox;
    this.#sink = sink;
    this.#protocol = protocol;
    this.#outbox = new Outbox(this.#queuedFramesMax);
    this.send(greeting);
    for (const frame of frames) this.#sendFrame(frame);
    return former;
  }

  /** A socket has brought its first frames, up to this number, to the page. */
  confirm(sink: FrameSink, number: number): void {
    if (sink === this.#sink) this.#outbox.confirm(number);
  }

  /** The socket is gone. */
  detach(): void {
    this.#sink = undefined;
  }

  /** Makes the old resume token worthless. */
  renewToken(): string {
    this.#resumeToken = newToken();
    return this.#resumeToken;
  }

  #sendFrame(frame: string): void {
    // The tutorials' pages do not resume: nothing is kept for them.
    if (this.dialect !== 'widget') return this.#sink?.sendFrame(frame);
    const number = this.#outbox.push(frame);
    this.#sink?.sendFrame(frame);
    this.#sink?.askReceipt(number);
    if (!this.#sink && !this.canResume) this.#onOverflow();
  }
}

/** A group's call rings hundreds of connections with one message: its frame is written once. */
const FRAMES = new WeakMap<ServerMessageInput, string>();

function frameOf(message: ServerMessageInput): string {
  const frame = FRAMES.get(message) ?? JSON.stringify(message);
  FRAMES.set(message, frame);
  return frame;
}

function newToken(): string {
  return randomBytes(32).toString('base64url');
}
