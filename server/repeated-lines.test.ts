import { expect, test } from 'vitest';
import { REPEATED_LINE_MS, RepeatedLines } from './repeated-lines.ts';

test('one line a minute about each thing, which tells how many were left out', () => {
  const lines = new RepeatedLines();
  expect(lines.due('a', 0)).toBe(0);
  expect(lines.due('b', 1)).toBe(0);
  expect([lines.due('a', 2), lines.due('a', REPEATED_LINE_MS - 1)]).toEqual([undefined, undefined]);
  expect(lines.due('a', REPEATED_LINE_MS)).toBe(2);
  expect(lines.due('a', 2 * REPEATED_LINE_MS)).toBe(0);
});

test('ever new things end in silence for the rest of the minute, not in memory', () => {
  const lines = new RepeatedLines();
  const due = Array.from({ length: 5000 }, (_, n) => lines.due(`made up ${n}`, 0));
  expect(due.filter((suppressed) => suppressed !== undefined)).toHaveLength(1000);
  expect(lines.due('made up again', REPEATED_LINE_MS)).toBe(0);
});
