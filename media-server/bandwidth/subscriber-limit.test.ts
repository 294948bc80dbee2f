import { describe, expect, it } from 'vitest';
import { commonLimit, SubscriberLimit } from './subscriber-limit.ts';

describe('SubscriberLimit', () => {
  /** Seconds of sending at a rate with an estimate of another. */
  function after(seconds: readonly [sentBps: number, estimateBps: number][]): number {
    const limit = new SubscriberLimit();
    let bytes = 0;
    limit.update(0, 0, 1000);
    for (const [index, [sentBps, estimateBps]] of seconds.entries()) {
      bytes += sentBps / 8;
      limit.estimate(estimateBps);
      limit.update(bytes, 0, 2000 + index * 1000);
    }
    return limit.limitBps;
  }

  it('ignores a newcomer’s low estimate and follows one that stays low', () => {
    expect(
      after([
        [2e6, 5e5],
        [2e6, 1e6],
      ]),
    ).toBe(Infinity);
    expect(after(Array(3).fill([2e6, 5e5]))).toBe(5e5);
    expect(after([...Array(3).fill([2e6, 5e5]), [5e5, 7e5]] as [number, number][])).toBe(7e5);
    expect(after([...Array(3).fill([2e6, 5e5]), ...Array(6).fill([1e5, 6e5])] as [number, number][])).toBe(
      Infinity,
    );
  });

  it('is the lone receiver’s own, and the middle one of several', () => {
    expect(commonLimit([])).toBe(Infinity);
    expect(commonLimit([3e5])).toBe(3e5);
    expect(commonLimit([3e5, Infinity])).toBe(Infinity);
    expect(commonLimit([3e5, 4e5, Infinity])).toBe(4e5);
  });
});
