import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SlidingWindow } from './sliding-window.ts';

it('says how long to wait, and lets each go on by itself', () => {
  const window = new SlidingWindow(10_000, 3);
  for (const at of [0, 1_000, 2_000]) {
    expect(window.waitOf('a', at)).toBe(0);
    window.take('a', at);
  }
  expect(window.waitOf('a', 4_000)).toBe(6_000);
  expect(window.waitOf('a', 4_000, 2)).toBe(7_000);
  expect(window.waitOf('b', 4_000)).toBe(0);
  expect(window.waitOf('a', 10_000)).toBe(0);
});

it('never lets more through than it should, and always the same again after the wait that it names', () => {
  const steps = fc.array(fc.record({ pause: fc.nat(4_000), weight: fc.integer({ min: 1, max: 5 }) }));
  fc.assert(
    fc.property(steps, (all) => {
      const window = new SlidingWindow(10_000, 5);
      const taken: { at: number; weight: number }[] = [];
      let at = 0;
      for (const { pause, weight } of all) {
        at += pause;
        const wait = window.waitOf('a', at, weight);
        expect(window.waitOf('a', at + wait, weight)).toBe(0);
        if (wait > 0) continue;
        window.take('a', at, weight);
        taken.push({ at, weight });
        const recent = taken.filter((each) => at - each.at < 10_000);
        expect(recent.reduce((sum, each) => sum + each.weight, 0)).toBeLessThanOrEqual(5);
      }
    }),
  );
});
