import { EventEmitter } from 'node:events';
import type kurento from 'kurento-client';
import type { Logger } from 'pino';
import type { Created, KurentoConnection } from './kurento-connection.ts';
import { MediaEndpoint } from './media-endpoint.ts';
import { MediaError, refusalOf } from './media-error.ts';
import { RefusedCandidates } from './refused-candidates.ts';

/** Kurento's MEDIA_OBJECT_NOT_FOUND. */
const OBJECT_NOT_FOUND = 40101;

/**
 * The media of one call or room: a Kurento `MediaPipeline` and all endpoints in it, on one media server.
 * It is the scope that releases them. Made by `MediaPool.createPipeline`.
 *
 * `lost` is emitted at most once, when the media server has lost the pipeline; not after `release`.
 * `released` is emitted when `release` is done.
 */
export class MediaPipeline extends EventEmitter<{ lost: []; released: [] }> {
  readonly #connection: KurentoConnection;
  readonly #pipeline: kurento.MediaPipeline;
  readonly #logger: Logger;
  readonly #refused: RefusedCandidates;
  readonly #creating = new Set<Promise<unknown>>();
  #state: 'live' | 'lost' | 'released' = 'live';
  #released: Promise<void> | undefined;

  /** @internal */
  constructor(connection: KurentoConnection, { object }: Created<kurento.MediaPipeline>, logger: Logger) {
    super();
    this.#connection = connection;
    this.#pipeline = object;
    this.#logger = logger;
    this.#refused = new RefusedCandidates(logger);
  }

  /** Kurento's id of the pipeline. */
  get id(): string {
    return this.#pipeline.id;
  }

  /**
   * Makes an endpoint for one browser.
   * @throws MediaError `media-unavailable` when the pipeline is lost, `media-failed` when it is released
   */
  async createEndpoint(): Promise<MediaEndpoint> {
    const creating = this.#createEndpoint();
    this.#creating.add(creating);
    try {
      return await creating;
    } finally {
      this.#creating.delete(creating);
    }
  }

  async #createEndpoint(): Promise<MediaEndpoint> {
    this.#requireLive();
    const created = await this.#connection.createEndpoint(this.#pipeline);
    const endpoint = new MediaEndpoint(this.#connection, created, this.#logger, this.#refused);
    try {
      this.#requireLive();
      await endpoint.subscribe();
      this.#requireLive();
    } catch (error) {
      await endpoint.release();
      throw error;
    }
    return endpoint;
  }

  /**
   * Releases the pipeline and every endpoint in it, those still being made too. May be called again; never
   * throws.
   */
  release(): Promise<void> {
    this.#released ??= this.#release();
    return this.#released;
  }

  async #release(): Promise<void> {
    this.#state = 'released';
    await Promise.allSettled(this.#creating);
    await this.#connection.release(this.#pipeline);
    this.emit('released');
  }

  /**
   * Asks the server whether it still has the pipeline; if not, the pipeline is lost.
   * @internal
   */
  async verify(): Promise<void> {
    try {
      await this.#connection.request('find the pipeline', (callback) => this.#pipeline.getName(callback));
    } catch (error) {
      if (refusalOf(error)?.code === OBJECT_NOT_FOUND) this.markLost();
    }
  }

  /**
   * Declares the pipeline gone.
   * @internal
   */
  markLost(): void {
    if (this.#state !== 'live') return;
    this.#state = 'lost';
    this.emit('lost');
  }

  #requireLive(): void {
    if (this.#state === 'lost') throw new MediaError('media-unavailable', 'The media server is gone');
    if (this.#state === 'released') throw new MediaError('media-failed', 'The pipeline is released');
  }
}
