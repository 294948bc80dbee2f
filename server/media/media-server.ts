import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { KurentoConnection } from './kurento-connection.ts';
import { MediaError } from './media-error.ts';
import { MediaPipeline } from './media-pipeline.ts';
import { retryDelayMs } from './timings.ts';
import type { MediaTimings } from './timings.ts';

interface MediaServerEvents {
  available: [];
  unavailable: [];
  /** It takes connections and does not answer. */
  hung: [];
}

/**
 * One media server, connected to for ever: when its connection ends, its pipelines are lost and it is
 * connected to again.
 */
export class MediaServer extends EventEmitter<MediaServerEvents> {
  readonly uri: string;
  readonly #timings: MediaTimings;
  readonly #logger: Logger;
  readonly #closing = new AbortController();
  readonly #pipelines = new Set<MediaPipeline>();
  readonly #running: Promise<void>;
  #connection: KurentoConnection | undefined;
  #pause = new AbortController();
  readonly #creating = new Set<Promise<unknown>>();

  /** @param uri WebSocket address, like `ws://host:8888/kurento` */
  constructor(uri: string, timings: MediaTimings, logger: Logger) {
    super();
    this.uri = uri;
    this.#timings = timings;
    this.#logger = logger.child({ mediaServer: uri });
    this.#running = this.#run();
  }

  /** Whether pipelines can be made on it now. */
  get connected(): boolean {
    return this.#connection?.live ?? false;
  }

  /** How many pipelines this process has on it. */
  get pipelines(): number {
    return this.#pipelines.size + this.#creating.size;
  }

  /** @throws MediaError */
  async createPipeline(): Promise<MediaPipeline> {
    const connection = this.#connection;
    if (!connection?.live) throw new MediaError('media-unavailable', 'The media server is not connected');
    const creating = this.#createPipeline(connection);
    // Counted from now on, so that several made at once are spread too.
    this.#creating.add(creating);
    try {
      return await creating;
    } finally {
      this.#creating.delete(creating);
    }
  }

  /** Gives the present connection up at once, because its server is known to be gone. */
  drop(reason: string): void {
    this.#connection?.end(reason);
  }

  /** Tries to connect at once, if it is waiting for the next try. */
  hurry(): void {
    this.#pause.abort();
  }

  /** Releases all pipelines, as far as the server answers within `closeMs`, and disconnects. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#pause.abort();
    const pipelines = [...this.#pipelines].map((pipeline) => pipeline.release());
    const released = Promise.allSettled([...pipelines, ...this.#creating]);
    await Promise.race([released, delay(this.#timings.closeMs, undefined, { ref: false })]);
    this.#connection?.end('closed');
    await this.#running;
  }

  async #createPipeline(connection: KurentoConnection): Promise<MediaPipeline> {
    const pipeline = new MediaPipeline(connection, await connection.createPipeline(), this.#logger);
    if (this.#closing.signal.aborted) {
      await pipeline.release();
      throw new MediaError('media-unavailable', 'The media server is being disconnected');
    }
    this.#pipelines.add(pipeline);
    pipeline.once('released', () => this.#pipelines.delete(pipeline));
    return pipeline;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    for (let failures = 0; !signal.aborted;) {
      try {
        const connection = new KurentoConnection(this.uri, this.#timings);
        this.#connection = connection;
        connection.on('hung', () => this.emit('hung'));
        await connection.open();
        failures = 0;
        await this.#serve(connection);
      } catch (error) {
        // Once for each outage: it may last, and the retries never end.
        if (failures === 0 && !signal.aborted)
          this.#logger.warn({ err: error }, 'Media server not reachable');
        await this.#wait(retryDelayMs(failures, this.#timings));
        failures += 1;
      }
    }
  }

  async #wait(milliseconds: number): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#pause = new AbortController();
    await delay(milliseconds, undefined, { signal: this.#pause.signal }).catch(() => undefined);
  }

  async #serve(connection: KurentoConnection): Promise<void> {
    this.#logger.info('Media server connected');
    connection.on('interrupted', () => this.emit('unavailable'));
    connection.on('resumed', () => {
      this.#logger.info('Connection to the media server resumed');
      for (const pipeline of this.#pipelines) void pipeline.verify();
      this.emit('available');
    });
    this.emit('available');
    const [reason] = connection.ended ? ['closed'] : await once(connection, 'ended');
    if (!this.#closing.signal.aborted) this.#logger.warn({ reason }, 'Media server lost');
    for (const pipeline of this.#pipelines) pipeline.markLost();
    this.#pipelines.clear();
    this.emit('unavailable');
  }
}
