import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { RawData, WebSocket } from 'ws';
import {
  CLOSE,
  type ClientMessage,
  type ClientMessageOf,
  type ErrorCode,
  FIRST_PROTOCOL_VERSION,
  messageIdOf,
  parseClientMessage,
  ProtocolError,
  type ServerMessageInput,
  spokenVersion,
} from '../../protocol/index.ts';
import { type Authenticator, type Credentials, RegistrationError } from '../auth/authenticator.ts';
import type { Dialect } from '../cluster/presence.ts';
import type { Client, FrameSink } from './client.ts';
import type { Clients } from './clients.ts';
import { translate } from './dialect.ts';
import type { Dispatcher } from './dispatcher.ts';
import { Inbox } from './inbox.ts';
import type { Limits } from './limits.ts';
import { PacedSocket } from './paced-socket.ts';
import { RateLimit } from './rate-limit.ts';
import { Receipts } from './receipts.ts';

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
  readonly clients: Pick<Clients, 'register' | 'renew' | 'requireToken' | 'resume' | 'socketClosed'>;
  readonly dispatcher: Pick<Dispatcher, 'dispatch'>;
  readonly limits: Limits;
  readonly logger: Logger;
  readonly onRegistered: (connection: Connection) => void;
  readonly onClose: (connection: Connection) => void;
}

/**
 * One socket: its frames are read in order, one after the other, and its client is served by it.
 * Listens from its construction on, as a frame that nobody listens to is lost.
 */
export class Connection implements FrameSink {
  readonly #socket: PacedSocket;
  readonly #options: ConnectionOptions;
  readonly #inbox = new Inbox();
  readonly #receipts = new Receipts();
  readonly #registrationTimer: NodeJS.Timeout;
  #client: Client | undefined;
  /** What is spoken; settled by `register` or `resume`. */
  #protocol = FIRST_PROTOCOL_VERSION;
  #rate: RateLimit;
  #badFrames: number[] = [];
  #heardAt = performance.now();
  #isSilent = true;
  #closeCode: number | undefined;
  #isReading = false;
  #isPaused = false;

  constructor(socket: WebSocket, options: ConnectionOptions) {
    const { dialect, limits, logger } = options;
    this.#options = options;
    this.#socket = new PacedSocket(socket, limits.unsentBytesMax, () => this.#client?.flush());
    this.#rate = new RateLimit(limits.unregistered, this.#heardAt);
    socket.on('message', (data, isBinary) => this.#onMessage(data, isBinary));
    socket.on('pong', (data) => this.#onPong(data));
    socket.on('ping', (data) => this.#onPing(data));
    socket.on('error', (error) => logger.debug({ err: error }, 'socket'));
    socket.on('close', (code) => this.#onClose(code));
    this.#registrationTimer = setTimeout(
      () => this.close(CLOSE.policyViolation, 'not registered in time'),
      dialect === 'widget' ? limits.registrationMs : limits.tutorialRegistrationMs,
    );
  }

  /** Whether it has not said anything yet. */
  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** Bytes of its frames that wait to be handled. */
  get unhandledBytes(): number {
    return this.#inbox.bytes;
  }

  /** Bytes that were written to it and that the network has not taken. */
  get unsentBytes(): number {
    return this.#socket.unsentBytes;
  }

  get isFull(): boolean {
    return this.#socket.isFull;
  }

  sendFrame(frame: string): void {
    this.#socket.send(frame);
  }

  askReceipt(number: number): void {
    this.#receipts.want(number);
    this.#ping();
  }

  close(code: number, reason: string): void {
    if (!this.#client) this.#inbox.clear();
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  /** Cuts a socket that has been silent for too long, and asks any other for a sign of life. */
  beat(): void {
    // Who is not being read cannot be heard.
    const isDead = !this.#isPaused && performance.now() - this.#heardAt > this.#options.limits.silenceMs;
    if (isDead) this.#socket.terminate();
    else this.#ping();
  }

  #ping(): void {
    if (!this.#socket.isOpen) return;
    const payload = this.#receipts.ask();
    if (payload !== undefined) this.#socket.ping(payload);
  }

  #onPong(data: Buffer): void {
    this.#hear();
    const receipt = this.#receipts.answer(data.toString('latin1'));
    if (!receipt) return this.#takeToken();
    this.#client?.confirm(this, receipt.number);
    if (receipt.isAnotherWanted) this.#ping();
  }

  #onPing(data: Buffer): void {
    this.#hear();
    this.#takeToken();
    this.#socket.pong(data);
  }

  #hear(): void {
    this.#heardAt = performance.now();
  }

  /** Counts a frame that nobody asked for; too many of them are bad frames. */
  #takeToken(): void {
    if (this.#socket.isOpen && !this.#rate.take(this.#heardAt)) this.#countBadFrame();
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    this.#hear();
    this.#isSilent = false;
    if (!this.#socket.isOpen) return;
    if (!this.#rate.take(this.#heardAt)) {
      return this.#refuse(new ProtocolError('rate-limited', 'Too many messages in too short a time.'));
    }
    if (isBinary) return this.#refuse(new ProtocolError('bad-message', 'A frame must be text.'));
    this.#inbox.push(data.toString());
    this.#pace();
    if (!this.#isReading) void this.#read();
  }

  async #read(): Promise<void> {
    this.#isReading = true;
    for (let frame = this.#inbox.shift(); frame !== undefined; frame = this.#inbox.shift()) {
      try {
        await this.#handle(parseClientMessage(frame));
      } catch (error) {
        this.#refuse(error, messageIdOf(frame));
      }
      this.#pace();
      // Between two frames of one client the others get their turn, however many it has sent.
      if (this.#inbox.bytes > 0) await nextTurn();
    }
    this.#isReading = false;
  }

  /** While too much waits to be handled the socket is not read: the client has to wait then. */
  #pace(): void {
    const { unhandledBytesMax, unhandledBytesMaxUnregistered } = this.#options.limits;
    const isTooMuch = this.#inbox.bytes > (this.#client ? unhandledBytesMax : unhandledBytesMaxUnregistered);
    if (isTooMuch === this.#isPaused) return;
    this.#isPaused = isTooMuch;
    if (isTooMuch) this.#socket.pause();
    else this.#socket.resume();
    this.#hear();
  }

  async #handle(message: ClientMessage): Promise<void> {
    switch (message.id) {
      case 'ping':
        // A sign of life, which a full socket need not give: others are on their way.
        return this.#socket.isFull ? undefined : this.#sendNow({ id: 'pong' });
      case 'register':
        return this.#register(message);
      case 'resume':
        return this.#resume(message);
      case 'renew':
        return this.#renew(message);
      case 'joinRoom':
        // The tutorial's page of group calls does not register.
        if (!this.#client && this.#options.dialect === 'groupcall') await this.#register(message);
    }
    const client = this.#registered;
    await this.#options.clients.requireToken(client, message);
    return this.#options.dispatcher.dispatch(client, message);
  }

  /** @throws ProtocolError `not-registered` */
  get #registered(): Client {
    if (this.#client) return this.#client;
    throw new ProtocolError('not-registered', 'The first message must be "register".');
  }

  async #register({ protocol, ...credentials }: Credentials): Promise<void> {
    const { authenticator, clients, dialect } = this.#options;
    await this.#admit(protocol, async () =>
      clients.register(await authenticator.authenticate(credentials), dialect, this.#protocol, this),
    );
  }

  async #resume({ resumeToken, protocol }: ClientMessageOf<'resume'>): Promise<void> {
    await this.#admit(protocol, () => this.#options.clients.resume(resumeToken, this.#protocol, this));
  }

  async #admit(protocol: number | undefined, enter: () => Promise<Client>): Promise<void> {
    if (this.#client) throw new ProtocolError('already-registered', 'This connection is registered already.');
    this.#protocol = spokenVersion(protocol);
    try {
      this.#client = await enter();
    } catch (error) {
      if (!(error instanceof RegistrationError)) throw error;
      this.#send({ id: 'registerResponse', response: 'rejected', code: error.code, message: error.message });
      this.#options.logger.info({ code: error.code, err: error.cause }, 'a registration was refused');
      return this.#countBadFrame();
    }
    clearTimeout(this.#registrationTimer);
    this.#rate = new RateLimit(this.#options.limits.registered, performance.now());
    this.#options.onRegistered(this);
    // The socket may have drained before it was known whom it serves.
    this.#client.flush();
    if (this.#closeCode !== undefined) await this.#leave(this.#client, this.#closeCode);
  }

  async #renew({ token }: ClientMessageOf<'renew'>): Promise<void> {
    const client = this.#registered;
    const { authenticator, clients } = this.#options;
    try {
      clients.renew(client, await authenticator.authenticate({ token }));
    } catch (error) {
      if (!(error instanceof RegistrationError)) throw error;
      const { code, message } = error;
      return this.#send({ id: 'renewResponse', response: 'rejected', code, message });
    }
    this.#send({ id: 'renewResponse', response: 'accepted' });
  }

  /** Sends after all that waits for the client; before there is one, at once. */
  #send(message: ServerMessageInput): void {
    if (this.#client) return this.#client.send(message);
    if (this.#socket.isFull) this.terminate();
    else this.#sendNow(message);
  }

  #sendNow(message: ServerMessageInput): void {
    const translated = translate({ dialect: this.#options.dialect, protocol: this.#protocol }, message);
    if (translated) this.sendFrame(JSON.stringify(translated));
  }

  #refuse(error: unknown, inReplyTo?: string): void {
    const isExpected = error instanceof ProtocolError;
    if (!isExpected) this.#options.logger.error({ err: error, inReplyTo }, 'a message could not be handled');
    const code = isExpected ? error.code : 'overloaded';
    const message = isExpected ? error.message : 'The server could not handle this; see its log.';
    const retryAfterMs = isExpected ? error.retryAfterMs : undefined;
    this.#send({
      id: 'error',
      code,
      message,
      ...(inReplyTo === undefined ? {} : { inReplyTo }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
    if (isBadFrame(code, inReplyTo, retryAfterMs)) this.#countBadFrame();
  }

  #countBadFrame(): void {
    const { badFramesMax, badFrameWindowMs } = this.#options.limits;
    const now = performance.now();
    this.#badFrames = [...this.#badFrames.filter((at) => now - at < badFrameWindowMs), now];
    if (this.#badFrames.length < badFramesMax) return;
    this.#inbox.clear();
    this.close(CLOSE.policyViolation, 'too many bad frames');
  }

  #onClose(code: number): void {
    this.#closeCode = code;
    clearTimeout(this.#registrationTimer);
    this.#options.onClose(this);
    if (this.#client) void this.#leave(this.#client, code);
    else this.#inbox.clear();
  }

  async #leave(client: Client, code: number): Promise<void> {
    await this.#options.clients.socketClosed(client, this, code);
  }
}

/**
 * Whether a refused frame tells of a page that misbehaves. One that is told when to try again does not, and
 * neither does one with a candidate that is too long: that is the network's or the browser's doing.
 */
function isBadFrame(
  code: ErrorCode,
  inReplyTo: string | undefined,
  retryAfterMs: number | undefined,
): boolean {
  if (retryAfterMs !== undefined) return false;
  return BAD_FRAME_CODES.has(code) && !(code === 'bad-message' && inReplyTo === 'onIceCandidate');
}
