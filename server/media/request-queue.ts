import { MediaError } from './media-error.ts';

export interface RequestQueueLimits {
  /** Requests at a time. */
  readonly inFlightMax: number;
  /** Requests that wait for their turn; another one is refused. */
  readonly waitingMax: number;
}

/**
 * Bounds the requests about one object that are under way, and starts the others in order. The client of
 * the media server searches its list of open requests at every answer, so a long list slows every call down.
 */
export class RequestQueue {
  readonly #limits: RequestQueueLimits;
  readonly #waiting: { readonly start: () => void; readonly refuse: (error: MediaError) => void }[] = [];
  #inFlight = 0;
  #isClosed = false;

  constructor(limits: RequestQueueLimits) {
    this.#limits = limits;
  }

  /** How many requests have not been started. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Carries a request out when it is its turn.
   * @throws MediaError `media-failed` when too many wait or the queue is closed; else what the request throws
   */
  run<T>(request: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(released());
      if (this.#waiting.length >= this.#limits.waitingMax) {
        return reject(new MediaError('media-failed', 'Too many requests about one object'));
      }
      const start = () => {
        this.#inFlight += 1;
        request()
          .then(resolve, reject)
          .finally(() => {
            this.#inFlight -= 1;
            this.#startNext();
          });
      };
      this.#waiting.push({ start, refuse: reject });
      this.#startNext();
    });
  }

  /** Refuses what waits and whatever comes later; what is under way goes on. */
  close(): void {
    this.#isClosed = true;
    for (const { refuse } of this.#waiting.splice(0)) refuse(released());
  }

  #startNext(): void {
    if (this.#inFlight < this.#limits.inFlightMax) this.#waiting.shift()?.start();
  }
}

function released(): MediaError {
  return new MediaError('media-failed', 'The object is released');
}
