import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FIRST_PAUSE_MS, LONGEST_PAUSE_MS, pauseBefore } from './backoff.ts';

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

it('never waits longer than the longest pause', () => {
  fc.assert(
    fc.property(fc.nat(), chance, (attempt, random) => {
      const pause = pauseBefore(attempt, random);
      expect(pause).toBeGreaterThanOrEqual(0);
      expect(pause).toBeLessThanOrEqual(LONGEST_PAUSE_MS);
    }),
  );
});

it('doubles its ceiling with each attempt', () => {
  const almostOne = 1 - Number.EPSILON;
  expect([0, 1, 2, 3].map((attempt) => pauseBefore(attempt, almostOne))).toEqual(
    [1, 2, 4, 8].map((factor) => factor * FIRST_PAUSE_MS),
  );
});
