import fc from 'fast-check';
import { expect, test } from 'vitest';
import { msToNextPhase, TOKEN_WARNING_MS, tokenLife, tokenPhase } from './token-life.ts';

const END = 1_000_000;

test.each([
  [END - TOKEN_WARNING_MS - 1, 'valid', 1],
  [END - TOKEN_WARNING_MS, 'expiring', TOKEN_WARNING_MS],
  [END - 1, 'expiring', 1],
  [END, 'expired', undefined],
])('at %i a token that ends at 1000000 is %s', (now, phase, leftMs) => {
  const life = tokenLife(END);
  expect(tokenPhase(life, now)).toBe(phase);
  expect(msToNextPhase(life, now)).toBe(leftMs);
});

test('a token without an end stays valid', () => {
  const life = tokenLife(undefined);
  expect(tokenPhase(life, END)).toBe('valid');
  expect(msToNextPhase(life, END)).toBeUndefined();
});

test('a short token in the place of another one is warned of halfway, a long one a minute before its end', () => {
  expect(tokenLife(END, END - 60_000)?.warnsAt).toBe(END - 30_000);
  expect(tokenLife(END, END - 600_000)?.warnsAt).toBe(END - 60_000);
});

test('whoever waits as told sees each phase begin, and none twice', () => {
  const moment = fc.nat(10 * TOKEN_WARNING_MS);
  fc.assert(
    fc.property(moment, moment, fc.option(moment, { nil: undefined }), (end, start, renewedAt) => {
      const life = tokenLife(end, renewedAt);
      const seen = [tokenPhase(life, start)];
      let now = start;
      for (let ms = msToNextPhase(life, now); ms !== undefined; ms = msToNextPhase(life, now)) {
        expect(ms).toBeGreaterThan(0);
        now += ms;
        seen.push(tokenPhase(life, now));
      }
      expect(seen.at(-1)).toBe('expired');
      expect(new Set(seen).size).toBe(seen.length);
    }),
  );
});
