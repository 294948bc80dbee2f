import { EventEmitter } from 'node:events';
import kurento from 'kurento-client';
import { MediaError, refusalOf } from './media-error.ts';
import type { MediaTimings } from './timings.ts';

/** Kurento's SDP_PARSE_ERROR. */
const SDP_PARSE_ERROR = 40201;
/** How much longer than the caller the client waits, so that what an answer made too late can be released. */
const LATE_ANSWER_MS = 30_000;
/** See `emit` in kurento-client.d.ts. */
const RELEASE = { toJSON: () => 'release' as const };

/** An object of the client in a box, as the object is a thenable and would be unwrapped by a promise. */
export interface Created<T extends kurento.MediaObject> {
  readonly object: T;
}

interface ConnectionEvents {
  /** The socket broke; it may come back. */
  interrupted: [];
  resumed: [];
  /** The server takes connections and does not answer; `ended` follows. */
  hung: [];
  ended: [reason: string];
}

type State = 'opening' | 'live' | 'resuming' | 'ended';

/**
 * One `KurentoClient`, which is one session on a media server. It survives a broken socket when the server
 * still knows the session; else it ends, and with it all that was made in it. It is never opened twice: a
 * new session gets a new client, so nothing of an old one (its id, its objects, its queue) gets into it.
 *
 * It pings the server itself, since the client's own ping is one timer for all clients of a process.
 */
export class KurentoConnection extends EventEmitter<ConnectionEvents> {
  readonly #timings: MediaTimings;
  readonly #client: kurento.Client;
  readonly #inFlight = new Set<(error: MediaError) => void>();
  #manager: kurento.ServerManager | undefined;
  #state: State = 'opening';
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param uri WebSocket address of a media server, like `ws://host:8888/kurento`
   * @throws SyntaxError when it is not one
   */
  constructor(uri: string, timings: MediaTimings) {
    super();
    this.#timings = timings;
    this.#client = kurento(
      uri,
      {
        strict: false,
        request_timeout: timings.requestMs + LATE_ANSWER_MS,
        response_timeout: 1,
        duplicates_timeout: 1,
        // Longer than what open() allows, so that it is there where a silent server is noticed.
        socket: { failFast: true, handshakeTimeout: 2 * timings.openMs },
      },
      () => undefined,
    );
    this.#client._re.on('disconnect', (reason) => this.#onDisconnect(reason));
    this.#client.on('reconnected', (sameSession) => this.#onReconnected(sameSession));
  }

  /** Whether requests reach the server now. */
  get live(): boolean {
    return this.#state === 'live';
  }

  /** Whether the session is over. */
  get ended(): boolean {
    return this.#state === 'ended';
  }

  /**
   * Waits until the server has answered for the first time.
   * @throws MediaError `media-unavailable`; the connection has ended then
   */
  async open(): Promise<void> {
    try {
      const { object } = await this.#ask<{ object: kurento.ServerManager }>(
        'find the media server',
        this.#timings.openMs,
        (callback) => this.#client.getServerManager((error, object) => callback(error, { object })),
      );
      this.#manager = object;
    } catch (error) {
      if (refusalOf(error)) this.end('it refuses');
      else this.#hang('it does not answer');
      throw error instanceof MediaError ? new MediaError('media-unavailable', error.message, error) : error;
    }
    this.#state = 'live';
    this.#schedulePing();
  }

  /**
   * Makes a pipeline, or an endpoint in one. What the server makes after the time is up is released.
   * @throws MediaError
   */
  createPipeline(): Promise<Created<kurento.MediaPipeline>> {
    return this.#create('create a pipeline', (callback) => this.#client.create('MediaPipeline', callback));
  }

  /** @see createPipeline */
  createEndpoint(mediaPipeline: kurento.MediaPipeline): Promise<Created<kurento.WebRtcEndpoint>> {
    return this.#create('create an endpoint', (callback) =>
      this.#client.create('WebRtcEndpoint', { mediaPipeline }, callback),
    );
  }

  /**
   * Sends one request and waits for its answer. A request made while the socket is down goes out once it is
   * open again; one whose answer was lost with the socket fails at once.
   * @param operation what is done, for the error's message
   * @param start calls the client, callback style
   * @throws MediaError `bad-sdp` or `media-failed` when the server refuses, `media-failed` when it takes
   * longer than `requestMs`, `media-unavailable` when the session ends
   */
  request<T>(operation: string, start: (callback: kurento.Callback<T>) => unknown): Promise<T> {
    return this.#ask(operation, this.#timings.requestMs, start);
  }

  /**
   * Releases a pipeline with all in it, or an endpoint; again if the answer was lost with the socket. Never
   * throws: what the server does not release now it does at the end of the session.
   */
  async release(object: kurento.MediaObject): Promise<void> {
    const release = () =>
      this.request('release an object', (callback) =>
        object.emit('_rpc', undefined, RELEASE, { object }, callback),
      );
    try {
      await release();
    } catch (error) {
      if (!refusalOf(error)) await release().catch(() => undefined);
    }
    object.emit('release');
  }

  /** Closes the socket; requests in flight fail. Emits `ended` the first time. */
  end(reason: string): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    clearTimeout(this.#timer);
    this.#fail(new MediaError('media-unavailable', `The media server is gone: ${reason}`));
    this.#client.close();
    // The client closes its socket only after its last request was answered, which may never be.
    this.#client._re.disconnect();
    this.emit('ended', reason);
  }

  #create<T extends kurento.MediaObject>(
    operation: string,
    start: (callback: kurento.Callback<T>) => unknown,
  ): Promise<Created<T>> {
    return this.#ask<Created<T>>(
      operation,
      this.#timings.requestMs,
      (callback) => start((error, object) => callback(error, { object })),
      ({ object }) => this.release(object),
    );
  }

  #ask<T>(
    operation: string,
    timeoutMs: number,
    start: (callback: kurento.Callback<T>) => unknown,
    tooLate?: (value: T) => unknown,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#state === 'ended') {
        reject(new MediaError('media-unavailable', `Cannot ${operation}: the media server is gone`));
        return;
      }
      const settle = () => {
        clearTimeout(timer);
        return this.#inFlight.delete(fail);
      };
      const fail = (error: MediaError) => {
        if (settle()) reject(error);
      };
      const timer = setTimeout(
        () => fail(new MediaError('media-failed', `Cannot ${operation}: no answer within ${timeoutMs} ms`)),
        timeoutMs,
      );
      this.#inFlight.add(fail);
      start((error, value) => {
        if (error) fail(refusal(operation, error));
        else if (settle()) resolve(value);
        else tooLate?.(value);
      });
    });
  }

  #hang(reason: string): void {
    if (this.#state === 'ended') return;
    this.emit('hung');
    this.end(reason);
  }

  #fail(error: MediaError): void {
    for (const fail of [...this.#inFlight]) fail(error);
  }

  #schedulePing(): void {
    this.#timer = setTimeout(() => this.#ping(), this.#timings.pingIntervalMs);
  }

  #ping(): void {
    const unanswered = setTimeout(() => {
      // When it was this process that stood still, the answer is there and is read before the next immediate.
      setImmediate(() => {
        if (this.#timer === unanswered) this.#hang('it does not answer pings');
      });
    }, this.#timings.pingTimeoutMs);
    this.#timer = unanswered;
    // Any answer will do, a refusal too.
    this.#manager?.getName(() => {
      if (this.#timer !== unanswered || !this.live) return;
      clearTimeout(unanswered);
      this.#schedulePing();
    });
  }

  #onDisconnect(reason: Error): void {
    if (this.#state === 'opening') this.end(reason.message);
    // While resuming every failed attempt comes by here; the timer is what ends them.
    if (this.#state !== 'live') return;
    this.#state = 'resuming';
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end('its connection broke'), this.#timings.resumeMs);
    this.#fail(new MediaError('media-failed', 'The connection to the media server broke'));
    this.emit('interrupted');
  }

  #onReconnected(sameSession: boolean): void {
    if (this.#state !== 'resuming') return;
    if (!sameSession) {
      this.end('it has forgotten the session');
      return;
    }
    this.#state = 'live';
    clearTimeout(this.#timer);
    this.#schedulePing();
    this.emit('resumed');
  }
}

function refusal(operation: string, error: kurento.ServerError): MediaError {
  const code = error.code === SDP_PARSE_ERROR ? 'bad-sdp' : 'media-failed';
  return new MediaError(code, `Cannot ${operation}: ${error.message}`, { cause: error });
}
