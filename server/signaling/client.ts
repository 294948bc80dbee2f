import { randomBytes, randomUUID } from 'node:crypto';
import type { Person, ServerMessageInput } from '../../protocol/index.ts';
import type { ConnectionRef, Dialect } from '../cluster/presence.ts';
import { translate } from './dialect.ts';

import { Outbox, type OutboxOptions } from './outbox.ts';

/** The socket that serves a client at the moment. */
export interface FrameSink {
  /** Whether frames have to wait; `Client.flush` tells it that they need not any more. */
  readonly isFull: boolean;
  sendFrame(frame: string): void;
  /** Wants to know, by `Client.confirm`, when the frame of this number and those before have arrived. */
  askReceipt(number: number): void;
  close(code: number, reason: string): void;
  terminate(): void;
}

export interface ClientOptions {
  readonly user: Person;
  readonly dialect: Dialect;
  /** The version of the protocol that the page speaks. */
  readonly protocol: number;
  /** How much is kept until it has arrived. */
  readonly queue: OutboxOptions;
  /** Called when something was dropped that waits for a socket. */
  readonly onOverflow: (client: Client) => void;
}

/**
 * A registered connection. It outlives its socket: between the loss of one and the next, frames wait for it.
 */
export class Client implements ConnectionRef {
  readonly id = randomUUID();
  readonly user: Person;
  readonly dialect: Dialect;
  readonly #onOverflow: () => void;
  readonly #outbox: Outbox;
  #protocol: number;
  #resumeToken = newToken();
  #sink: FrameSink | undefined;

  constructor({ user, dialect, protocol, queue, onOverflow }: ClientOptions) {
    this.user = user;
    this.dialect = dialect;
    this.#protocol = protocol;
    this.#outbox = new Outbox(queue);
    this.#onOverflow = () => onOverflow(this);
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

  /** Bytes of the frames that may not have arrived, those not yet written included. */
  get queuedBytes(): number {
    return this.#outbox.bytes;
  }

  /** Sends a message as the page understands it, or keeps it until there is a socket that takes it. */
  send(message: ServerMessageInput): void {
    const translated = translate(this, message);
    if (!translated) return;
    this.#outbox.push(frameOf(translated));
    this.flush();
    // Without a frame the rest means nothing: the page comes back and learns that it has to begin anew.
    if (this.#outbox.hasGap) this.#sink?.terminate();
    else if (!this.#sink && !this.canResume) this.#onOverflow();
  }

  /** Writes what waits, as long as the socket takes it. */
  flush(): void {
    const sink = this.#sink;
    while (sink && !sink.isFull) {
      const next = this.#outbox.next();
      if (!next) return;
      sink.sendFrame(next.frame);
      sink.askReceipt(next.number);
    }
  }

  /**
   * Gives the client a socket.
   * @param protocol the version that is spoken on it
   * @param greeting goes out before all that may not have arrived
   * @returns the socket that served it until now
   */
  attach(sink: FrameSink, protocol: number, greeting: ServerMessageInput): FrameSink | undefined {
    const former = this.#sink;
    this.#sink = sink;
    this.#protocol = protocol;
    const translated = translate(this, greeting);
    if (translated) sink.sendFrame(frameOf(translated));
    this.#outbox.open();
    this.flush();
    return former;
  }

  /** A socket has brought its first frames, up to this number, to the page. */
  confirm(sink: FrameSink, number: number): void {
    if (sink === this.#sink) this.#outbox.confirm(number);
  }

  /** The socket is gone. */
  detach(): void {
    this.#sink = undefined;
    this.#outbox.close();
  }

  /** Makes the old resume token worthless. */
  renewToken(): string {
    this.#resumeToken = newToken();
    return this.#resumeToken;
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
