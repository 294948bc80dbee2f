import fc from 'fast-check';
import { expect, it } from 'vitest';
import { settle } from './levels.ts';

const level = fc.double({ min: 0, max: 1, noNaN: true });

it('is as loud as the sound, at once, within one step', () => {
  fc.assert(
    fc.property(level, level, (before, now) => {
      expect(settle(before, now)).toBeGreaterThanOrEqual(Math.min(1, now) - 0.02);
      expect(settle(0, now)).toBeLessThanOrEqual(now + 0.02);
    }),
  );
});

it('falls silent within three seconds', () => {
  fc.assert(
    fc.property(level, (loud) => {
      let now = settle(0, loud);
      for (let sample = 0; sample < 15; sample += 1) now = settle(now, 0);
      expect(now).toBe(0);
    }),
  );
});

it('stays between 0 and 1', () => {
  expect(settle(0, 4)).toBe(1);
  expect(settle(0, 0.001)).toBe(0);
});
