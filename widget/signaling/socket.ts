import mitt, { type Emitter } from 'mitt';
import {
  CLOSE,
  type ClientMessageInput,
  PROTOCOL_VERSION,
  parseServerMessage,
  type ServerMessage,
  type ServerMessageOf,
} from '../../protocol/index.ts';
import { pauseBefore } from './backoff.ts';
import type { Credentials } from './credentials.ts';
import { CALL_PACE, Heartbeat, IDLE_PACE } from './heartbeat.ts';
import { Outbox } from './outbox.ts';
import { mayBeStale, mayPass, type RejectionCode } from './rejections.ts';
import type { Registration, SignalingEvents, SignalingOptions, SignalingState } from './signaling-events.ts';
import { TokenRenewal } from './token-renewal.ts';

/** How long it may take to get a token, to open a socket and to register on it, in milliseconds. */
const CONNECT_TIMEOUT_MS = 8_000;

/**
 * Age at which a registration is renewed by resuming it, in milliseconds: the TURN credentials in it last twelve hours.
 */
const REGISTRATION_LIFETIME_MS = 6 * 60 * 60 * 1_000;

/** Failed attempts after which it is worth telling why. */
const ATTEMPTS_BEFORE_TELLING = 2;

/**
 * The connection to the server: registers, sends and receives typed messages, notices a dead socket and
 * resumes the session on a new one. Messages sent meanwhile wait. See `docs/protocol.md`.
 */
export class Signaling {
  readonly #options: SignalingOptions;
  readonly #emitter: Emitter<SignalingEvents> = mitt();
  readonly #outbox = new Outbox();
  readonly #heartbeat: Heartbeat;
  readonly #renewal: TokenRenewal;
  #state: SignalingState = 'stopped';
  #socket: WebSocket | undefined;
  /** Stands for the present connection, from the search for its token on. */
  #attempt: symbol | undefined;
  #registration: Registration | undefined;
  #resumeToken: string | undefined;
  #failures = 0;
  #triedFreshToken = false;
  /** The token that the server has seen last. */
  #token: string | undefined;
  #inCall = false;
  #isStale = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SignalingOptions) {
    this.#options = options;
    this.#heartbeat = new Heartbeat(
      () => this.#write({ id: 'ping' }),
      () => this.#lose(),
    );
    this.#renewal = new TokenRenewal({
      findToken: () => this.#findOtherToken(),
      show: (token) => {
        this.#token = token;
        this.#write({ id: 'renew', token });
      },
    });
  }

  readonly on = this.#emitter.on;
  readonly off = this.#emitter.off;

  get state(): SignalingState {
    return this.#state;
  }

  /** The server's last word on who this is, which ICE servers to use and which group calls run. */
  get registration(): Registration | undefined {
    return this.#registration;
  }

  /** Connects and registers; does nothing while that is already being tried. */
  start(): void {
    if (this.#state !== 'stopped' && this.#state !== 'refused') return;
    this.#network.addEventListener('online', this.#networkChanged);
    this.#failures = 0;
    this.#triedFreshToken = false;
    this.#setState('connecting');
    this.#connect();
  }

  /** Somebody waits for the connection: tries at once, even after a refusal, but not before the first `start`. */
  hurry(): void {
    if (this.#state === 'refused') this.start();
    else this.#tryNow();
  }

  /** Leaves for good: the server ends this connection's part in any call at once. */
  stop(): void {
    this.#network.removeEventListener('online', this.#networkChanged);
    this.#resumeToken = undefined;
    this.#renewal.stop();
    this.#drop(CLOSE.normal);
    this.#outbox.takeAll();
    this.#setState('stopped');
  }

  /** Sends now, or as soon as there is a connection. */
  send(message: ClientMessageInput): void {
    if (this.#state !== 'ready') return this.#outbox.wait(message);
    this.#outbox.sent(message);
    this.#write(message);
  }

  /** The page has another token: it is shown now if the former one runs out, else at the next registration. */
  tokenChanged(): void {
    if (this.#state === 'ready') this.#renewal.hurry();
  }

  /** During a call a dead socket is looked for more often. */
  setInCall(inCall: boolean): void {
    if (this.#inCall === inCall) return;
    this.#inCall = inCall;
    if (this.#state !== 'ready') return;
    this.#heartbeat.start(this.#pace);
    if (this.#isStale && !inCall) this.#lose();
  }

  get #pace() {
    return this.#inCall ? CALL_PACE : IDLE_PACE;
  }

  get #network() {
    return this.#options.network ?? globalThis;
  }

  /** The network came back or changed: does not wait for the pause, and doubts the present socket. */
  readonly #networkChanged = (): void => {
    if (this.#state === 'ready') this.#heartbeat.suspect();
    else this.#tryNow();
  };

  #tryNow(): void {
    if (!this.#attempt && (this.#state === 'connecting' || this.#state === 'lost')) this.#connect();
  }

  /** Nobody waits on the server's side while the page looks for its token: the socket comes after it. */
  #connect(): void {
    clearTimeout(this.#timer);
    const attempt = (this.#attempt = Symbol('attempt'));
    this.#timer = setTimeout(() => this.#lose(), CONNECT_TIMEOUT_MS);
    if (this.#resumeToken) {
      return this.#open({ id: 'resume', protocol: PROTOCOL_VERSION, resumeToken: this.#resumeToken });
    }
    this.#options.credentials().then(
      (credentials) => {
        if (this.#attempt !== attempt) return;
        this.#token = tokenIn(credentials);
        this.#open({ id: 'register', protocol: PROTOCOL_VERSION, ...credentials });
      },
      (error: unknown) => {
        if (this.#attempt !== attempt) return;
        this.#refuse('token-unavailable', error instanceof Error ? error.message : String(error));
      },
    );
  }

  #open(introduction: ClientMessageInput): void {
    let socket: WebSocket;
    try {
      socket = new (this.#options.WebSocket ?? WebSocket)(this.#options.address);
    } catch {
      return this.#lose();
    }
    this.#socket = socket;
    socket.onopen = () => this.#write(introduction);
    socket.onclose = ({ code }) => (code === CLOSE.tokenExpired ? this.#lapse() : this.#lose());
    // `close` always follows.
    socket.onerror = () => undefined;
    socket.onmessage = ({ data }) => {
      if (typeof data === 'string') this.#receive(data);
    };
  }

  #receive(frame: string): void {
    if (this.#state === 'ready') this.#heartbeat.alive();
    let message: ServerMessage;
    try {
      message = parseServerMessage(frame);
    } catch (error) {
      // A newer server may say what this version does not know.
      // eslint-disable-next-line no-console -- the only trace of a frame that is passed over
      console.debug('video-call: passed over a frame.', error instanceof Error ? error.message : error);
      return;
    }
    switch (message.id) {
      case 'registerResponse':
        return this.#registered(message);
      case 'pong':
        return this.#outbox.confirm();
      case 'tokenExpiring':
        return this.#renewal.begin();
      case 'renewResponse':
        return this.#renewal.answered(message.response === 'accepted' ? 'accepted' : message.code);
      default:
        this.#emitter.emit('message', message);
    }
  }

  /** A token to renew the session with; not the one that runs out. */
  async #findOtherToken(): Promise<string | undefined> {
    const token = tokenIn(await this.#options.credentials());
    return token === this.#token ? undefined : token;
  }

  #registered(response: ServerMessageOf<'registerResponse'>): void {
    if (response.response === 'rejected') return this.#rejected(response.code, response.message);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#grewOld(), REGISTRATION_LIFETIME_MS);
    this.#failures = 0;
    this.#triedFreshToken = false;
    this.#isStale = false;
    this.#resumeToken = response.resumeToken;
    this.#registration = response;
    if (response.resumed) this.#renewal.hurry();
    else this.#renewal.stop();
    this.#heartbeat.start(this.#pace);
    this.#setState('ready');
    this.#emitter.emit('ready', response);
    for (const message of this.#outbox.takeAll()) this.send(message);
  }

  /** Not during a call: it has what it needs. */
  #grewOld(): void {
    this.#isStale = true;
    if (!this.#inCall) this.#lose();
  }

  #rejected(code: RejectionCode, message: string): void {
    if (code === 'resume-expired') {
      this.#expire();
      this.#connectAfresh();
    } else if (mayBeStale(code) && !this.#triedFreshToken) {
      this.#triedFreshToken = true;
      this.#connectAfresh();
    } else if (mayPass(code)) {
      this.#lose(message);
    } else {
      this.#refuse(code, message);
    }
  }

  /** The server waits for nobody who looks for a token. */
  #connectAfresh(): void {
    this.#drop(CLOSE.normal);
    this.#connect();
  }

  /** The token has run out: its session is gone, and the next registration brings another one. */
  #lapse(): void {
    this.#expire();
    this.#lose();
  }

  #expire(): void {
    this.#resumeToken = undefined;
    this.#outbox.forget();
    this.#emitter.emit('expired');
  }

  #refuse(code: RejectionCode | 'token-unavailable', message: string): void {
    this.#drop(CLOSE.normal);
    this.#setState('refused');
    this.#emitter.emit('refused', { code, message });
  }

  /**
   * The socket is closed, silent, or never opened.
   * @param answer what the server said, if it asks to come again
   */
  #lose(answer?: string): void {
    // A dead path keeps `close` waiting for minutes: the socket is let go of, not waited for.
    this.#drop(CLOSE.abandoned);
    this.#setState(this.#resumeToken ? 'lost' : 'connecting');
    this.#retry(answer);
  }

  #retry(answer?: string): void {
    this.#failures += 1;
    if (this.#failures >= ATTEMPTS_BEFORE_TELLING) this.#emitter.emit('unreachable', answer);
    const pauseMs = pauseBefore(this.#failures - 1, (this.#options.random ?? Math.random)());
    this.#timer = setTimeout(() => this.#connect(), pauseMs);
  }

  #drop(code: number): void {
    clearTimeout(this.#timer);
    this.#heartbeat.stop();
    this.#renewal.pause();
    const socket = this.#socket;
    this.#socket = this.#attempt = undefined;
    if (!socket) return;
    socket.onopen = socket.onclose = socket.onmessage = null;
    socket.close(code);
  }

  #write(message: ClientMessageInput): void {
    // A socket that is closing has lost its session's frames anyway; resuming repeats what matters.
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(message));
  }

  #setState(state: SignalingState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#emitter.emit('state', state);
  }
}

function tokenIn(credentials: Credentials): string | undefined {
  return 'token' in credentials ? credentials.token : undefined;
}
