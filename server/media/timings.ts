/** How long things may take, in milliseconds. */
export interface MediaTimings {
  /** From the first packet to a media server until it has answered. */
  readonly openMs: number;
  /** One request to a media server. */
  readonly requestMs: number;
  /** Between an answer to a ping and the next ping. */
  readonly pingIntervalMs: number;
  /** A ping that is not answered for so long means that the media server hangs. */
  readonly pingTimeoutMs: number;
  /** After the connection broke: how long the same session may take to come back. */
  readonly resumeMs: number;
  /** First pause before a media server is tried again, or its process started again; doubled each time. */
  readonly firstRetryMs: number;
  /** Longest such pause. */
  readonly longestRetryMs: number;
  /** How long releasing and stopping may take when the pool is closed. */
  readonly closeMs: number;
}

export const DEFAULT_TIMINGS: MediaTimings = {
  openMs: 5_000,
  requestMs: 10_000,
  pingIntervalMs: 4_000,
  pingTimeoutMs: 4_000,
  resumeMs: 3_000,
  firstRetryMs: 100,
  longestRetryMs: 5_000,
  closeMs: 3_000,
};

/**
 * The pause before try `n`.
 * @param attempt consecutive failures so far, from 0
 * @returns milliseconds
 */
export function retryDelayMs(attempt: number, timings: MediaTimings): number {
  return Math.min(timings.firstRetryMs * 2 ** Math.min(attempt, 30), timings.longestRetryMs);
}
