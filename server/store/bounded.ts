/** Nothing came within the time allowed. */
class TimedOutError extends Error {
  override readonly name = 'TimedOutError';
  readonly code = 'timed-out';

  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`);
  }
}

/**
 * Waits for a promise, but not for ever.
 * @param timeoutMs how long, in milliseconds
 * @param giveUp called when the time is over, to end what nobody waits for any more
 * @throws TimedOutError when the time is over; otherwise whatever the promise throws
 */
export async function bounded<T>(promise: Promise<T>, timeoutMs: number, giveUp: () => void): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new TimedOutError(timeoutMs));
      giveUp();
    }, timeoutMs);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
