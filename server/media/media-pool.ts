import { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import { EmbeddedMediaServer } from './embedded-media-server.ts';
import { dividePorts } from './media-ports.ts';
import type { PortRange } from './media-ports.ts';
import { MediaError } from './media-error.ts';
import { MediaServer } from './media-server.ts';
import type { MediaPipeline } from './media-pipeline.ts';
import { DEFAULT_TIMINGS } from './timings.ts';
import type { MediaTimings } from './timings.ts';

export interface MediaPoolOptions {
  /** WebSocket addresses of Kurento media servers; none: the media server of this project is started. */
  readonly uris: readonly string[];
  /** How many processes of the embedded media server. */
  readonly workers: number;
  /** UDP ports of the embedded media server, divided among its processes. */
  readonly mediaPorts: PortRange;
  /** IP address that the embedded media server announces instead of the machine's own. */
  readonly mediaAddress?: string | undefined;
  readonly logger: Logger;
  readonly timings?: Partial<MediaTimings> | undefined;
  /** File that is run instead of the embedded media server's own. */
  readonly program?: string | undefined;
}

/** What is told about one media server. */
export interface MediaServerStatus {
  readonly uri: string;
  readonly connected: boolean;
  /** Pipelines of this process on it. */
  readonly pipelines: number;
}

/**
 * All media servers of this process. `available` is emitted when the first of them becomes usable,
 * `unavailable` when the last one no longer is.
 */
export class MediaPool extends EventEmitter<{ available: []; unavailable: [] }> {
  readonly #logger: Logger;
  readonly #timings: MediaTimings;
  readonly #servers = new Set<MediaServer>();
  readonly #embedded: readonly EmbeddedMediaServer[];
  #available = false;
  #closed: Promise<void> | undefined;

  /** Connects to the media servers in the background, and for ever: one that is missing is no error. */
  static start(options: MediaPoolOptions): MediaPool {
    return new MediaPool(options);
  }

  private constructor(options: MediaPoolOptions) {
    super();
    this.#logger = options.logger;
    this.#timings = { ...DEFAULT_TIMINGS, ...options.timings };
    for (const uri of options.uris) this.#add(uri);
    this.#embedded = options.uris.length > 0 ? [] : this.#startEmbedded(options);
  }

  /** Whether a pipeline could be made now. */
  get available(): boolean {
    return [...this.#servers].some((server) => server.connected);
  }

  /** Processes of the embedded media server, by their ids; empty with Kurento. */
  get workerPids(): readonly number[] {
    return this.#embedded.flatMap(({ pid }) => pid ?? []);
  }

  servers(): readonly MediaServerStatus[] {
    return [...this.#servers].map(({ uri, connected, pipelines }) => ({ uri, connected, pipelines }));
  }

  /**
   * Waits until a pipeline can be made.
   * @returns whether one can, within the time
   */
  whenReady(timeoutMs: number): Promise<boolean> {
    if (this.available) return Promise.resolve(true);
    return new Promise((resolve) => {
      const settle = (ready: boolean) => {
        clearTimeout(timer);
        this.off('available', onAvailable);
        resolve(ready);
      };
      const onAvailable = () => settle(true);
      const timer = setTimeout(() => settle(false), timeoutMs);
      this.once('available', onAvailable);
    });
  }

  /**
   * Makes a pipeline on the media server with the fewest of them; if that one fails, on the next.
   * @throws MediaError `media-unavailable`
   */
  async createPipeline(): Promise<MediaPipeline> {
    const servers = [...this.#servers].filter((server) => server.connected);
    let cause: unknown;
    for (const server of servers.sort((a, b) => a.pipelines - b.pipelines)) {
      try {
        return await server.createPipeline();
      } catch (error) {
        this.#logger.warn({ err: error, mediaServer: server.uri }, 'No pipeline from this media server');
        cause = error;
      }
    }
    throw new MediaError('media-unavailable', 'No media server is available', { cause });
  }

  /** Releases all pipelines, disconnects, and stops the embedded media servers. May be called again. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#servers].map((server) => server.close()));
    await Promise.all(this.#embedded.map((embedded) => embedded.close()));
  }

  #add(uri: string): MediaServer {
    const server = new MediaServer(uri, this.#timings, this.#logger);
    this.#servers.add(server);
    server.on('available', () => this.#update());
    server.on('unavailable', () => this.#update());
    return server;
  }

  #remove(server: MediaServer): void {
    this.#servers.delete(server);
    void server.close();
  }

  #update(): void {
    const { available } = this;
    if (available === this.#available) return;
    this.#available = available;
    this.emit(available ? 'available' : 'unavailable');
  }

  #startEmbedded({ mediaPorts, workers, mediaAddress, program }: MediaPoolOptions): EmbeddedMediaServer[] {
    return dividePorts(mediaPorts, workers).map((slice) => {
      const embedded = new EmbeddedMediaServer({
        mediaPorts: slice,
        mediaAddress,
        timings: this.#timings,
        logger: this.#logger,
        program,
      });
      let server: MediaServer | undefined;
      embedded.on('listening', (uri) => {
        if (this.#closed) return;
        if (server?.uri === uri) {
          server.hurry();
          return;
        }
        if (server) this.#remove(server);
        server = this.#add(uri);
        server.on('hung', () => embedded.kill());
      });
      embedded.on('exit', () => server?.drop('its process ended'));
      return embedded;
    });
  }
}
