import { expect, test } from 'vitest';
import { clock } from './clock.ts';

test.each([
  [0, '00:00'],
  [-5000, '00:00'],
  [999, '00:00'],
  [201_000, '03:21'],
  [3_599_999, '59:59'],
  [3_600_000, '1:00:00'],
  [90_061_000, '25:01:01'],
])('%d ms is %s', (durationMs, text) => {
  expect(clock(durationMs)).toBe(text);
});
