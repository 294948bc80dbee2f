import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arrange } from './arrange.ts';

const DESKTOP = { width: 976, height: 520 };
const PHONE = { width: 374, height: 680 };
const names = (count: number, prefix = 'p') =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);
const room = (participants: number, invited = 0, spotlight?: string) => ({
  participants: names(participants),
  invited: names(invited, 'i'),
  spotlight,
});

test('others come first, oneself after them, then who is invited', () => {
  const { participants, invited, pages } = arrange(room(4, 2), 0, DESKTOP);
  expect([...participants.keys()]).toEqual(['p1', 'p2', 'p3', 'p0']);
  expect([...invited.keys()]).toEqual(['i0', 'i1']);
  expect(pages).toBe(1);
});

test('more than sixteen are spread evenly over pages, oneself on the first', () => {
  const first = arrange(room(20), 0, DESKTOP);
  expect(first.pages).toBe(2);
  expect([...first.participants.keys()]).toEqual([...names(10).slice(1), 'p0']);
  const second = arrange(room(20), 1, DESKTOP);
  expect([...second.participants.keys()]).toEqual(names(20).slice(10));
  expect(arrange(room(20), 7, DESKTOP).page).toBe(1);
  expect(arrange(room(20), -1, DESKTOP).page).toBe(0);
});

test('the invited never make a second page', () => {
  const { invited, pages } = arrange(room(3, 40), 0, DESKTOP);
  expect(pages).toBe(1);
  expect(invited.size).toBe(13);
  expect(arrange(room(20, 3), 0, DESKTOP).invited.size).toBe(0);
});

describe.each([
  ['beside', DESKTOP],
  ['below', PHONE],
])('a stage with its strip %s', (_, space) => {
  test('stays while the strip is turned', () => {
    const pages = [0, 1, 2, 3].map((page) => arrange(room(12, 0, 'p5'), page, space));
    const stages = pages.map(({ participants }) => participants.get('p5'));
    expect(new Set(stages.map((stage) => JSON.stringify(stage))).size).toBe(1);
    const seen = new Set(pages.flatMap(({ participants }) => [...participants.keys()]));
    expect([...seen].sort()).toEqual(names(12).sort());
  });
});

test('everybody in the room is on exactly one page, whatever the window', () => {
  const spaces = fc.record({
    width: fc.integer({ min: 250, max: 2600 }),
    height: fc.integer({ min: 120, max: 1600 }),
  });
  fc.assert(
    fc.property(spaces, fc.integer({ min: 1, max: 60 }), fc.nat(30), (space, joined, asked) => {
      const tiles = room(joined, asked);
      const { pages } = arrange(tiles, 0, space);
      const seen = Array.from({ length: pages }, (_, page) => [
        ...arrange(tiles, page, space).participants.keys(),
      ]).flat();
      expect(seen.sort()).toEqual(names(joined).sort());
    }),
  );
});
