import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TokenWatch } from './token-watch.ts';

// Nobody can wait for days; everything else about tokens is tested with real ones, over real sockets.
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const DAY_MS = 24 * 60 * 60 * 1000;

function watched(lifeMs: number | undefined) {
  const onExpiring = vi.fn();
  const onExpired = vi.fn();
  const watch = new TokenWatch({ onExpiring, onExpired, recheckMs: 5000 });
  watch.watch(lifeMs === undefined ? undefined : Date.now() + lifeMs);
  return { watch, onExpiring, onExpired };
}

test('a token of a hundred days is watched to its end, though no timer runs for so long', async () => {
  const { watch, onExpiring, onExpired } = watched(100 * DAY_MS);
  await vi.advanceTimersByTimeAsync(100 * DAY_MS - 60_001);
  expect(onExpiring).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(onExpiring).toHaveBeenCalledOnce();
  expect(watch.isExpired).toBe(false);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(watch.isExpired).toBe(true);
  expect(onExpiring).toHaveBeenCalledOnce();
  expect(onExpired).toHaveBeenCalledOnce();
  watch.stop();
});

test('a clock that is set forward is noticed within a day', async () => {
  const { watch, onExpired } = watched(50 * DAY_MS);
  vi.setSystemTime(Date.now() + 60 * DAY_MS);
  await vi.advanceTimersByTimeAsync(DAY_MS);
  expect(onExpired).toHaveBeenCalled();
  watch.stop();
});

test('the end is told again until there is another token, whose end counts then', async () => {
  const { watch, onExpiring, onExpired } = watched(1000);
  await vi.advanceTimersByTimeAsync(1000 + 2 * 5000);
  expect(onExpired).toHaveBeenCalledTimes(3);
  watch.watch(Date.now() + 61_000);
  expect(watch.isExpired).toBe(false);
  await vi.advanceTimersByTimeAsync(30_500);
  expect(onExpiring).toHaveBeenCalledTimes(2);
  expect(onExpired).toHaveBeenCalledTimes(3);
  watch.stop();
});

test('nothing is told of a token without an end, nor after the watch was stopped', async () => {
  const endless = watched(undefined);
  const stopped = watched(1000);
  stopped.watch.stop();
  await vi.advanceTimersByTimeAsync(1000 * DAY_MS);
  for (const { onExpired } of [endless, stopped]) expect(onExpired).not.toHaveBeenCalled();
  expect(endless.onExpiring).not.toHaveBeenCalled();
});
