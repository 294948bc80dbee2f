/** Longest pause before the first attempt to reconnect, in milliseconds. */
export const FIRST_PAUSE_MS = 300;
/** Longest pause there ever is, in milliseconds. */
export const LONGEST_PAUSE_MS = 10_000;

/**
 * How long to wait before reconnecting: doubling, with full jitter, so that a restarted server is not
 * met by everybody in the same second.
 *
 * @param attempt how many attempts failed before this one, from 0
 * @param random from 0 (inclusive) to 1 (exclusive)
 * @returns milliseconds
 */
export function pauseBefore(attempt: number, random: number): number {
  const ceiling = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 16));
  return Math.round(ceiling * random);
}
