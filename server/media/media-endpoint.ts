import { EventEmitter } from 'node:events';
import type kurento from 'kurento-client';
import type { Logger } from 'pino';
import type { Candidate } from '../../protocol/index.ts';
import { candidateFilter } from './candidate-filter.ts';
import type { Created, KurentoConnection } from './kurento-connection.ts';
import { MediaError } from './media-error.ts';
import { REQUEST_LIMITS, WAITING_CANDIDATES_MAX } from './limits.ts';
import { RequestQueue } from './request-queue.ts';
import type { RefusedCandidates } from './refused-candidates.ts';

export type MediaKind = 'audio' | 'video';

const MEDIA_TYPE = { audio: 'AUDIO', video: 'VIDEO' } as const satisfies Record<MediaKind, kurento.MediaType>;

/**
 * One browser's media connection: a Kurento `WebRtcEndpoint`. Made by `MediaPipeline.createEndpoint`.
 *
 * It can be negotiated once; new media needs a new endpoint. `candidate` is emitted for every candidate of
 * the server that the browser can use, and only after `negotiate` has got its answer from the server.
 */
export class MediaEndpoint extends EventEmitter<{ candidate: [candidate: Candidate] }> {
  readonly #connection: KurentoConnection;
  readonly #endpoint: kurento.WebRtcEndpoint;
  readonly #logger: Logger;
  readonly #refused: RefusedCandidates;
  readonly #requests = new RequestQueue(REQUEST_LIMITS);
  #isNegotiated = false;
  #usable: (candidate: Candidate) => boolean = () => true;
  #released: Promise<void> | undefined;

  /**
   * @param refused counts the candidates that the media server refuses, of all endpoints of the pipeline
   * @internal
   */
  constructor(
    connection: KurentoConnection,
    { object }: Created<kurento.WebRtcEndpoint>,
    logger: Logger,
    refused: RefusedCandidates,
  ) {
    super();
    this.#connection = connection;
    this.#endpoint = object;
    this.#logger = logger;
    this.#refused = refused;
  }

  /** Kurento's id of the endpoint. */
  get id(): string {
    return this.#endpoint.id;
  }

  /**
   * Subscribes to the endpoint's candidates; to be called before anything else.
   *
   * The client would subscribe by itself on `on('IceCandidateFound')`, but without telling when it is done,
   * and a refusal there would end the process; so its own subscribing is taken off.
   * @internal
   */
  async subscribe(): Promise<void> {
    const endpoint = this.#endpoint;
    endpoint.removeAllListeners('newListener');
    endpoint.removeAllListeners('removeListener');
    endpoint.on('IceCandidateFound', ({ candidate }: kurento.IceCandidateFoundEvent) => {
      const { candidate: line, sdpMid, sdpMLineIndex } = candidate;
      const found = { candidate: line, sdpMid, sdpMLineIndex };
      if (this.#usable(found)) this.emit('candidate', found);
    });
    await this.#request('subscribe to candidates', (callback) =>
      endpoint.emit(
        '_rpc',
        undefined,
        'subscribe',
        { object: endpoint, type: 'IceCandidateFound' },
        callback,
      ),
    );
  }

  /**
   * Processes the browser's offer and starts the search for candidates.
   * @returns the answer; the candidates follow as events
   * @throws MediaError `bad-sdp` for an offer that cannot be used, `media-failed` also for a second offer
   */
  async negotiate(sdpOffer: string): Promise<string> {
    if (this.#isNegotiated) throw new MediaError('media-failed', 'The endpoint is negotiated already');
    this.#isNegotiated = true;
    const answer = await this.#request<string>('process the offer', (callback) =>
      this.#endpoint.processOffer(sdpOffer, callback),
    );
    this.#usable = candidateFilter(answer);
    // The browser needs the answer before it can use a candidate, so the answer does not wait for them.
    this.#request<unknown>('gather candidates', (callback) =>
      this.#endpoint.gatherCandidates(callback),
    ).catch((error: unknown) => this.#warn(error, 'No candidates will come from the media server'));
    return answer;
  }

  /**
   * Hands over a candidate of the browser, after `negotiate`; who has some before keeps them. Never throws: of
   * those that are refused the log tells now and then, and those that are too many are dropped: the others may do.
   */
  async addCandidate({ candidate, sdpMid, sdpMLineIndex }: Candidate): Promise<void> {
    // The end of candidates (RFC 8838) is no candidate to Kurento.
    if (candidate === '') return;
    if (this.#requests.waiting >= WAITING_CANDIDATES_MAX) return;
    const index = sdpMLineIndex ?? 0;
    const complete = { candidate, sdpMid: sdpMid ?? String(index), sdpMLineIndex: index };
    try {
      await this.#request('add a candidate', (callback) =>
        this.#endpoint.addIceCandidate(complete, callback),
      );
    } catch (error) {
      if (!this.#isGone) this.#refused.add(this.id, error);
    }
  }

  /**
   * Sends what comes from this endpoint's browser to `sink`'s. Replaces what the sink got so far.
   * @param kind only this; both if missing
   * @throws MediaError
   */
  async connect(sink: MediaEndpoint, kind?: MediaKind): Promise<void> {
    await this.#request('connect endpoints', (callback) =>
      kind
        ? this.#endpoint.connect(sink.#endpoint, MEDIA_TYPE[kind], callback)
        : this.#endpoint.connect(sink.#endpoint, callback),
    );
  }

  /** Undoes `connect`; endpoints that are not connected are no error. @throws MediaError */
  async disconnect(sink: MediaEndpoint, kind?: MediaKind): Promise<void> {
    await this.#request('disconnect endpoints', (callback) =>
      kind
        ? this.#endpoint.disconnect(sink.#endpoint, MEDIA_TYPE[kind], callback)
        : this.#endpoint.disconnect(sink.#endpoint, callback),
    );
  }

  /** Ends the media connection on the server. May be called again; never throws. */
  release(): Promise<void> {
    this.#requests.close();
    this.#released ??= this.#connection.release(this.#endpoint);
    return this.#released;
  }

  get #isGone(): boolean {
    return this.#released !== undefined || this.#connection.ended;
  }

  #request<T>(operation: string, start: (callback: kurento.Callback<T>) => unknown): Promise<T> {
    return this.#requests.run(() => this.#connection.request(operation, start));
  }

  #warn(error: unknown, message: string): void {
    if (!this.#isGone) this.#logger.warn({ err: error, endpoint: this.id }, message);
  }
}
