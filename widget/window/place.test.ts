import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  cornerTowards,
  defaultPlace,
  EDGES,
  fitPlace,
  movePlace,
  nearestCorner,
  resizePlace,
} from './place.ts';
import type { Corner, Place, Size } from './place.ts';

const viewports = fc.record({
  width: fc.integer({ min: 700, max: 4000 }),
  height: fc.integer({ min: 400, max: 3000 }),
});
const places = fc.record({
  x: fc.integer({ min: -5000, max: 5000 }),
  y: fc.integer({ min: -5000, max: 5000 }),
  width: fc.integer({ min: 0, max: 6000 }),
  height: fc.integer({ min: 0, max: 6000 }),
});
const distances = fc.integer({ min: -6000, max: 6000 });

const inside = (place: Place, viewport: Size) =>
  place.x >= 0 &&
  place.y >= 0 &&
  place.x + place.width <= viewport.width &&
  place.y + place.height <= viewport.height;
const usable = (place: Place) => place.width >= 380 && place.height >= 300;

test('a window is always wholly in sight and large enough to use', () => {
  fc.assert(
    fc.property(
      places,
      viewports,
      distances,
      distances,
      fc.constantFrom(...EDGES),
      (place, viewport, dx, dy, edge) => {
        const results = [
          defaultPlace(viewport),
          fitPlace(place, viewport),
          movePlace(place, dx, dy, viewport),
          resizePlace(fitPlace(place, viewport), edge, dx, dy, viewport),
        ];
        for (const result of results) {
          expect(inside(result, viewport)).toBe(true);
          expect(usable(result)).toBe(true);
        }
      },
    ),
  );
});

test('resizing leaves the opposite edges where they are', () => {
  fc.assert(
    fc.property(
      places,
      viewports,
      distances,
      distances,
      fc.constantFrom(...EDGES),
      (place, viewport, dx, dy, edge) => {
        const before = fitPlace(place, viewport);
        const after = resizePlace(before, edge, dx, dy, viewport);
        if (!edge.includes('w')) expect(after.x).toBe(before.x);
        if (!edge.includes('e')) expect(after.x + after.width).toBe(before.x + before.width);
        if (!edge.includes('n')) expect(after.y).toBe(before.y);
        if (!edge.includes('s')) expect(after.y + after.height).toBe(before.y + before.height);
      },
    ),
  );
});

test('moving keeps the size, and what fits is not changed', () => {
  const viewport = { width: 1280, height: 720 };
  const place = { x: 100, y: 80, width: 600, height: 400 };
  expect(fitPlace(place, viewport)).toEqual(place);
  expect(movePlace(place, 50, -20, viewport)).toEqual({ ...place, x: 150, y: 60 });
  expect(movePlace(place, 9000, 9000, viewport)).toEqual({ ...place, x: 672, y: 312 });
});

test('a viewport smaller than the smallest window is filled', () => {
  expect(fitPlace({ x: 0, y: 0, width: 760, height: 500 }, { width: 320, height: 240 })).toEqual({
    x: 8,
    y: 8,
    width: 304,
    height: 224,
  });
});

test('the nearest corner is that of the quarter a point lies in', () => {
  const box = { x: 100, y: 100, width: 200, height: 100 };
  expect(nearestCorner(150, 120, box)).toBe('top-left');
  expect(nearestCorner(250, 120, box)).toBe('top-right');
  expect(nearestCorner(150, 190, box)).toBe('bottom-left');
  expect(nearestCorner(5000, 5000, box)).toBe('bottom-right');
});

test.each<[Corner, string, Corner | undefined]>([
  ['top-right', 'ArrowDown', 'bottom-right'],
  ['top-right', 'ArrowLeft', 'top-left'],
  ['bottom-left', 'ArrowUp', 'top-left'],
  ['bottom-left', 'ArrowRight', 'bottom-right'],
  ['bottom-left', 'Enter', undefined],
])('from %s, %s leads to %s', (corner, key, next) => {
  expect(cornerTowards(corner, key)).toBe(next);
});
