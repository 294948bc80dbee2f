import type { Logger } from 'pino';
import type { RawData, WebSocket } from 'ws';
import {
  type ClientMessage,
  type ClientMessageOf,
  type ErrorCode,
  messageIdOf,
  parseClientMessage,
  ProtocolError,
  type ServerMessageInput,
} from '../../protocol/index.ts';
import { type Authenticator, type Credentials, RegistrationError } from '../auth/authenticator.ts';
import type { Dialect } from '../cluster/presence.ts';
import type { Client, FrameSink } from './client.ts';
import type { Clients } from './clients.ts';
import { CLOSE } from './close-codes.ts';
import { translate } from './dialect.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Limits } from './limits.ts';
import { RateLimit } from './rate-limit.ts';

/** Errors of a client that misbehaves; enough of them close its connection. */
const BAD_FRAME_CODES: ReadonlySet<ErrorCode> = new Set([
  'bad-message',
  'unknown-message',
  'not-registered',
  'rate-limited',
]);

export interface ConnectionOptions {
  readonly dialect: Dialect;
  readonly authenticator: Authenticator;
  readonly clients: Clients;
  readonly dispatcher: Dispatcher;
  readonly limits: Limits;
  readonly logger: Logger;
  readonly onClose: (connection: Connection) => void;
}

/**
 * One socket: its frames are read in order, one after the other, and its client is served by it.
 * Listens from its construction on, as a frame that nobody listens to is lost.
 */
export class Connection implements FrameSink {
  readonly #socket: WebSocket;
  readonly #options: ConnectionOptions;
  readonly #frames: string[] = [];
  readonly #registrationTimer: NodeJS.Timeout | undefined;
  #client: Client | undefined;
  #rate: RateLimit;
  #badFrames: number[] = [];
  #heardAt = performance.now();
  #closeCode: number | undefined;
  #isReading = false;
  /** The latest frame of which a receipt is wanted. */
  #receiptNumber = 0;
  #isReceiptDue = false;

  constructor(socket: WebSocket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#rate = new RateLimit(options.limits.unregistered, this.#heardAt);
    socket.on('message', (data, isBinary) => this.#onMessage(data, isBinary));
    socket.on('pong', (data) => this.#onPong(data));
    socket.on('ping', () => this.#hear());
    socket.on('error', (error) => options.logger.debug({ err: error }, 'socket'));
    socket.on('close', (code) => this.#onClose(code));
    if (options.dialect === 'widget') {
      this.#registrationTimer = setTimeout(
        () => this.close(CLOSE.policyViolation, 'not registered in time'),
        options.limits.registrationMs,
      );
    }
  }

  get isRegistered(): boolean {
    return this.#client !== undefined;
  }

  sendFrame(frame: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.send(frame);
    if (this.#socket.bufferedAmount > this.#options.limits.unsentBytesMax) this.#socket.terminate();
  }

  askReceipt(number: number): void {
    this.#receiptNumber = number;
    // One ping at a time: a page need only answer the last of several.
    if (!this.#isReceiptDue) this.#ping();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  /** Cuts a socket that has been silent for too long, and asks any other for a sign of life. */
  beat(): void {
    if (performance.now() - this.#heardAt > this.#options.limits.silenceMs) this.#socket.terminate();
    else this.#ping();
  }

  #ping(): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#isReceiptDue = true;
    this.#socket.ping(String(this.#receiptNumber));
  }

  #onPong(data: Buffer): void {
    this.#hear();
    const number = Number(String(data));
    this.#isReceiptDue = false;
    this.#client?.confirm(this, number);
    if (number < this.#receiptNumber) this.#ping();
  }

  #hear(): void {
    this.#heardAt = performance.now();
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    this.#hear();
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (!this.#rate.take(this.#heardAt)) {
      return this.#refuse(new ProtocolError('rate-limited', 'Too many messages in too short a time.'));
    }
    if (isBinary) return this.#refuse(new ProtocolError('bad-message', 'A frame must be text.'));
    this.#frames.push(data.toString());
    if (!this.#isReading) void this.#read();
  }

  async #read(): Promise<void> {
    this.#isReading = true;
    for (let frame = this.#frames.shift(); frame !== undefined; frame = this.#frames.shift()) {
      try {
        await this.#handle(parseClientMessage(frame));
      } catch (error) {
        this.#refuse(error, messageIdOf(frame));
      }
    }
    this.#isReading = false;
  }

  async #handle(message: ClientMessage): Promise<void> {
    switch (message.id) {
      case 'ping':
        return this.#send({ id: 'pong' });
      case 'register':
        return this.#register(message);
      case 'resume':
        return this.#resume(message);
      case 'joinRoom':
        // The tutorial's page of group calls does not register.
        if (!this.#client && this.#options.dialect === 'groupcall') await this.#register(message);
    }
    if (!this.#client) throw new ProtocolError('not-registered', 'The first message must be "register".');
    return this.#options.dispatcher.dispatch(this.#client, message);
  }

  async #register(credentials: Credentials): Promise<void> {
    if (this.#client) throw new ProtocolError('already-registered', 'This connection is registered already.');
    const { authenticator, clients, dialect } = this.#options;
    await this.#admit(async () =>
      clients.register(await authenticator.authenticate(credentials), dialect, this),
    );
  }

  async #resume({ resumeToken }: ClientMessageOf<'resume'>): Promise<void> {
    if (this.#client) throw new ProtocolError('already-registered', 'This connection is registered already.');
    await this.#admit(() => this.#options.clients.resume(resumeToken, this));
  }

  async #admit(enter: () => Promise<Client>): Promise<void> {
    try {
      this.#client = await enter();
    } catch (error) {
      if (!(error instanceof RegistrationError)) throw error;
      this.#send({ id: 'registerResponse', response: 'rejected', code: error.code, message: error.message });
      this.#options.logger.info({ err: error }, 'a registration was refused');
      return this.#countBadFrame();
    }
    clearTimeout(this.#registrationTimer);
    this.#rate = new RateLimit(this.#options.limits.registered, performance.now());
    if (this.#closeCode !== undefined) await this.#leave(this.#client, this.#closeCode);
  }

  #send(message: ServerMessageInput): void {
    const translated = translate(this.#options.dialect, message);
    if (translated) this.sendFrame(JSON.stringify(translated));
  }

  #refuse(error: unknown, inReplyTo?: string): void {
    const isExpected = error instanceof ProtocolError;
    if (!isExpected) this.#options.logger.error({ err: error, inReplyTo }, 'a message could not be handled');
    const code = isExpected ? error.code : 'overloaded';
    const message = isExpected ? error.message : 'The server could not handle this; see its log.';
    this.#send({ id: 'error', code, message, ...(inReplyTo === undefined ? {} : { inReplyTo }) });
    if (BAD_FRAME_CODES.has(code)) this.#countBadFrame();
  }

  #countBadFrame(): void {
    const { badFramesMax, badFrameWindowMs } = this.#options.limits;
    const now = performance.now();
    this.#badFrames = [...this.#badFrames.filter((at) => now - at < badFrameWindowMs), now];
    if (this.#badFrames.length < badFramesMax) return;
    this.#frames.length = 0;
    this.close(CLOSE.policyViolation, 'too many bad frames');
  }

  #onClose(code: number): void {
    this.#closeCode = code;
    clearTimeout(this.#registrationTimer);
    this.#options.onClose(this);
    if (this.#client) void this.#leave(this.#client, code);
  }

  async #leave(client: Client, code: number): Promise<void> {
    await this.#options.clients.socketClosed(client, this, code);
  }
}
