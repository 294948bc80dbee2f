import { setTimeout as sleep } from 'node:timers/promises';

/** How `retry` goes about it. */
export interface RetryOptions {
  /** Whether this failure may pass by itself. */
  readonly when: (error: unknown) => boolean;
  /** The pause after the first failure, in milliseconds; each later one is twice as long as the one before. */
  readonly firstPauseMs: number;
  /** The longest pause, in milliseconds. */
  readonly lastPauseMs: number;
  /** How long to go on, in milliseconds; 0 tries once, `Infinity` until it succeeds. */
  readonly forMs: number;
  /** Ends the trying: once it is aborted, the attempt that runs is the last. */
  readonly signal?: AbortSignal;
  /** Hears of every failure that is followed by another attempt. */
  readonly onFailure?: (error: unknown) => void;
}

/**
 * Does something until it succeeds.
 * @throws the failure of the last attempt
 */
export async function retry<T>(work: () => T | Promise<T>, options: RetryOptions): Promise<T> {
  const { when, firstPauseMs, lastPauseMs, forMs, signal, onFailure } = options;
  const deadline = performance.now() + forMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, lastPauseMs)) {
    try {
      return await work();
    } catch (error) {
      if (!when(error) || signal?.aborted || performance.now() + pauseMs > deadline) throw error;
      onFailure?.(error);
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      if (signal?.aborted) throw error;
    }
  }
}
