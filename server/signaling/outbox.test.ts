import { expect, test } from 'vitest';
import { queuedSizeOf } from './limits.ts';
import { Outbox } from './outbox.ts';

/** Of a frame of one letter. */
const SIZE = queuedSizeOf('a');

function openOutbox({ framesMax = 10, bytesMax = 1000 * SIZE } = {}): Outbox {
  const outbox = new Outbox({ framesMax, bytesMax });
  outbox.open();
  return outbox;
}

/** Takes out all that can be written. */
function written(outbox: Outbox): string[] {
  const frames: string[] = [];
  for (let next = outbox.next(); next; next = outbox.next()) frames.push(next.frame);
  return frames;
}

/** What would be written to another socket. */
function reopened(outbox: Outbox): string[] {
  outbox.close();
  outbox.open();
  return written(outbox);
}

const push = (outbox: Outbox, ...frames: string[]) => frames.forEach((frame) => outbox.push(frame));

test('frames are kept until they, or later ones, have arrived', () => {
  const outbox = openOutbox();
  push(outbox, 'a', 'b', 'c');
  expect([outbox.next()?.number, outbox.next()?.number, outbox.next()?.number]).toEqual([1, 2, 3]);
  expect(outbox.next()).toBeUndefined();
  outbox.confirm(2);
  for (const number of [1, Number.NaN]) outbox.confirm(number);
  expect(outbox.bytes).toBe(SIZE);
  expect(reopened(outbox)).toEqual(['c']);
  outbox.confirm(3);
  expect(reopened(outbox)).toEqual([]);
  expect(outbox.bytes).toBe(0);
});

test('what was written is written to the next socket again, before what came since', () => {
  const outbox = openOutbox();
  push(outbox, 'a', 'b');
  expect(outbox.next()?.frame).toBe('a');
  outbox.close();
  push(outbox, 'c');
  expect(outbox.next()).toBeUndefined();
  outbox.open();
  expect(written(outbox)).toEqual(['a', 'b', 'c']);
});

test('it is incomplete from a drop until what was dropped turns out to have arrived', () => {
  const outbox = openOutbox({ framesMax: 2 });
  push(outbox, 'a', 'b', 'c');
  expect(written(outbox)).toEqual(['a', 'b', 'c']);
  expect(outbox.isComplete).toBe(false);
  outbox.confirm(1);
  expect(outbox.isComplete).toBe(true);
  expect(outbox.hasGap).toBe(false);
});

test('what waits for a slow socket is bounded by bytes, not by frames', () => {
  const outbox = openOutbox({ framesMax: 2, bytesMax: 5 * SIZE });
  push(outbox, 'a', 'b', 'c', 'd', 'e');
  expect(outbox.isComplete).toBe(true);
  expect(written(outbox)).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('one frame too many for a socket that takes none is a gap, after which nothing is written', () => {
  const outbox = openOutbox({ bytesMax: 3 * SIZE });
  push(outbox, 'a', 'b', 'c', 'd');
  expect(outbox.hasGap).toBe(true);
  expect(outbox.isComplete).toBe(false);
  expect(outbox.bytes).toBeLessThanOrEqual(3 * SIZE);
  expect(written(outbox)).toEqual([]);
  expect(reopened(outbox)).toEqual([]);
});

test('without a socket more than is kept is a loss', () => {
  const outbox = openOutbox({ framesMax: 2 });
  outbox.close();
  push(outbox, 'a', 'b');
  expect(outbox.isComplete).toBe(true);
  push(outbox, 'c');
  expect(outbox.isComplete).toBe(false);
});
