import fc from 'fast-check';
import { expect, test } from 'vitest';
import { msToNextPhase, TOKEN_WARNING_MS, tokenPhase } from './token-life.ts';

const END = 1_000_000;

test.each([
  [END - TOKEN_WARNING_MS - 1, 'valid', 1],
  [END - TOKEN_WARNING_MS, 'expiring', TOKEN_WARNING_MS],
  [END - 1, 'expiring', 1],
  [END, 'expired', undefined],
])('at %i a token that ends at 1000000 is %s', (now, phase, leftMs) => {
  expect(tokenPhase(END, now)).toBe(phase);
  expect(msToNextPhase(END, now)).toBe(leftMs);
});

test('a token without an end stays valid', () => {
  expect(tokenPhase(undefined, END)).toBe('valid');
  expect(msToNextPhase(undefined, END)).toBeUndefined();
});

test('whoever waits as told sees each phase begin, and none twice', () => {
  fc.assert(
    fc.property(fc.nat(10 * TOKEN_WARNING_MS), fc.nat(10 * TOKEN_WARNING_MS), (end, start) => {
      const seen = [tokenPhase(end, start)];
      let now = start;
      for (let ms = msToNextPhase(end, now); ms !== undefined; ms = msToNextPhase(end, now)) {
        expect(tokenPhase(end, now + ms - 1)).toBe(seen.at(-1));
        now += ms;
        seen.push(tokenPhase(end, now));
      }
      expect(['valid', 'expiring', 'expired'].slice(-seen.length)).toEqual(seen);
    }),
  );
});
