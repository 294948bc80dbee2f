import { expect, test } from 'vitest';
import { Outbox } from './outbox.ts';

test('frames wait until they, or later ones, have arrived', () => {
  const outbox = new Outbox(10);
  expect(['a', 'b', 'c'].map((frame) => outbox.push(frame))).toEqual([1, 2, 3]);
  outbox.confirm(2);
  expect(outbox.frames).toEqual(['c']);
  for (const number of [1, Number.NaN]) outbox.confirm(number);
  expect(outbox.frames).toEqual(['c']);
  outbox.confirm(3);
  expect(outbox.frames).toEqual([]);
});

test('it is incomplete from a drop until what was dropped turns out to have arrived', () => {
  const outbox = new Outbox(2);
  for (const frame of ['a', 'b', 'c']) outbox.push(frame);
  expect(outbox.isComplete).toBe(false);
  expect(outbox.frames).toEqual(['b', 'c']);
  outbox.confirm(1);
  expect(outbox.isComplete).toBe(true);
});
