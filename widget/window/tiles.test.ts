import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Place, Size } from './place.ts';
import { gridPlaces, MAX_TILES, stagePlaces, stripLength, TILE_GAP_PX, tilesPerPage } from './tiles.ts';

const DESKTOP: Size = { width: 1280, height: 720 };
const PHONE: Size = { width: 390, height: 844 };
const counts = Array.from({ length: MAX_TILES }, (_, index) => index + 1);
const spaces = fc.record({
  width: fc.integer({ min: 360, max: 2600 }),
  height: fc.integer({ min: 200, max: 1600 }),
});

const first = (places: readonly Place[]): Place => {
  const [place] = places;
  if (!place) throw new Error('There is no tile.');
  return place;
};

/** Whether places lie in a space, and apart from each other by the gap. */
function liesWell(places: readonly Place[], space: Size): boolean {
  const inside = places.every(
    ({ x, y, width, height }) =>
      x >= 0 && y >= 0 && x + width <= space.width + 1 && y + height <= space.height + 1,
  );
  const apart = places.every((one, index) =>
    places
      .slice(index + 1)
      .every(
        (other) =>
          one.x + one.width + TILE_GAP_PX <= other.x + 1 ||
          other.x + other.width + TILE_GAP_PX <= one.x + 1 ||
          one.y + one.height + TILE_GAP_PX <= other.y + 1 ||
          other.y + other.height + TILE_GAP_PX <= one.y + 1,
      ),
  );
  return inside && apart;
}

/** The largest area of a tile of one shape, found by trying every width. */
function largestArea(count: number, space: Size, aspect: number): number {
  for (let width = space.width; width > 0; width--) {
    const height = width / aspect;
    const columns = Math.floor((space.width + TILE_GAP_PX) / (width + TILE_GAP_PX));
    const rows = Math.floor((space.height + TILE_GAP_PX) / (height + TILE_GAP_PX));
    if (columns * rows >= count) return width * height;
  }
  return 0;
}

describe.each([
  ['1280×720', DESKTOP, [4 / 3, 1.5, 16 / 9]],
  ['390×844', PHONE, [4 / 3, 1.5, 16 / 9, 9 / 16, 2 / 3, 3 / 4]],
] as const)('on %s', (_, space, shapes) => {
  test.each(counts)('%i tiles waste no more than the best grid of any allowed shape', (count) => {
    const places = gridPlaces(count, space);
    const { width, height } = first(places);
    expect(places).toHaveLength(count);
    expect(liesWell(places, space)).toBe(true);
    const best = Math.max(...shapes.map((aspect) => largestArea(count, space, aspect)));
    // Whole pixels cost at most one row and one column of them.
    expect((width + 1) * (height + 1)).toBeGreaterThanOrEqual(best);
  });

  test('a page holds sixteen', () => {
    expect(tilesPerPage(space)).toBe(MAX_TILES);
  });
});

test('the familiar arrangements', () => {
  const columnsOf = (count: number, space: Size) => new Set(gridPlaces(count, space).map(({ x }) => x)).size;
  expect([1, 2, 4, 9, 16].map((count) => columnsOf(count, DESKTOP))).toEqual([1, 2, 2, 3, 4]);
  const belowHead: Size = { width: 374, height: 680 };
  expect([1, 2, 3, 4, 9].map((count) => columnsOf(count, belowHead))).toEqual([1, 1, 1, 2, 3]);
});

test('every tile is of one size, between 16:9 and 4:3, lying or, in upright space, upright', () => {
  fc.assert(
    fc.property(spaces, fc.integer({ min: 1, max: MAX_TILES }), (space, count) => {
      const places = gridPlaces(count, space);
      const { width, height } = first(places);
      if (height < 60) return;
      const aspect = width / height;
      const long = aspect < 1 ? 1 / aspect : aspect;
      expect(aspect > 1 || space.height > space.width).toBe(true);
      expect(long).toBeGreaterThan(4 / 3 - 0.04);
      expect(long).toBeLessThan(16 / 9 + 0.06);
      expect(places.every((place) => place.width === width && place.height === height)).toBe(true);
      expect(liesWell(places, space)).toBe(true);
    }),
  );
});

test('the last row is in the middle', () => {
  const [left, right, last] = gridPlaces(3, DESKTOP);
  if (!left || !right || !last) throw new Error('There are fewer than three tiles.');
  expect(last.y).toBeGreaterThan(left.y);
  expect(last.x + last.width / 2).toBeCloseTo((left.x + right.x + right.width) / 2, -1);
});

test('a small window shows fewer on a page, and always somebody', () => {
  expect(tilesPerPage({ width: 356, height: 160 })).toBeLessThan(MAX_TILES);
  expect(tilesPerPage({ width: 356, height: 160 })).toBeGreaterThan(2);
  expect(tilesPerPage({ width: 40, height: 20 })).toBe(1);
});

test('the stage and its strip share the space', () => {
  fc.assert(
    fc.property(spaces, fc.nat(MAX_TILES), (space, others) => {
      const count = Math.min(others, stripLength(space)) + 1;
      const places = stagePlaces(count, space);
      expect(places).toHaveLength(count);
      expect(liesWell(places, space)).toBe(true);
      const areas = places.map(({ width, height }) => width * height);
      expect(Math.max(...areas)).toBe(areas[0]);
    }),
  );
});

test('the strip stands beside a lying stage and lies below an upright one', () => {
  const [stage, other] = stagePlaces(2, DESKTOP);
  expect(other?.x).toBeGreaterThan((stage?.x ?? 0) + (stage?.width ?? 0));
  const [above, below] = stagePlaces(2, PHONE);
  expect(below?.y).toBeGreaterThan((above?.y ?? 0) + (above?.height ?? 0));
  expect(stagePlaces(1, PHONE)).toEqual([{ x: 0, y: 0, ...PHONE }]);
});
