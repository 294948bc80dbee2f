import type { Place, Size } from './place.ts';

/** Space between tiles, in CSS pixels. */
export const TILE_GAP_PX = 8;
/** Most tiles on one page. */
export const MAX_TILES = 16;

/** A tile narrower than this shows nobody; then there are more pages instead. */
const MIN_TILE_PX = 84;
/** The shapes a tile may have, width by height; in an upright window it may stand upright. */
const LANDSCAPE: readonly [least: number, most: number] = [4 / 3, 16 / 9];
const UPRIGHT: readonly [least: number, most: number] = [9 / 16, 3 / 4];

/** The strip's tiles: their width for few and for many of them, and the share they take at most. */
const STRIP_PX: readonly [least: number, most: number] = [100, 220];
const STRIP_SHARE = 0.2;
const STRIP_ASPECT = 4 / 3;

interface Grid extends Size {
  readonly columns: number;
}

const clamp = (value: number, low: number, high: number) => Math.max(low, Math.min(value, high));

/** The length of each of `count` equal parts of a length, gaps taken off. */
const part = (length: number, count: number) => (length - TILE_GAP_PX * (count - 1)) / count;

/** The largest tile of an allowed shape in a cell. */
function fitTile(cell: Size, [least, most]: readonly [number, number]): Size {
  const width = Math.min(cell.width, cell.height * most);
  return { width, height: Math.min(cell.height, width / least) };
}

/** The grid whose tiles are largest, so that the least of the space stays empty. */
function bestGrid(count: number, space: Size): Grid {
  const shapes = space.height > space.width ? [LANDSCAPE, UPRIGHT] : [LANDSCAPE];
  let best: Grid = { columns: 1, width: 0, height: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const cell = { width: part(space.width, columns), height: part(space.height, rows) };
    if (cell.width <= 0 || cell.height <= 0) continue;
    for (const shape of shapes) {
      const { width, height } = fitTile(cell, shape);
      if (width * height > best.width * best.height) best = { columns, width, height };
    }
  }
  return best;
}

/**
 * How many tiles one page shows: 16, or as many as stay large enough to see somebody.
 *
 * @param space in CSS pixels
 */
export function tilesPerPage(space: Size): number {
  for (let count = MAX_TILES; count > 1; count--) {
    if (bestGrid(count, space).width >= MIN_TILE_PX) return count;
  }
  return 1;
}

/**
 * Where the tiles of one page are: all of one size, between 16:9 and 4:3 (in an upright space
 * also upright), as large as the space allows, in the middle of it, the last row centred.
 *
 * @param count from 1 to {@link MAX_TILES}
 * @param space in CSS pixels
 * @returns one place for each tile, in whole pixels from the space's top left
 */
export function gridPlaces(count: number, space: Size): Place[] {
  const grid = bestGrid(count, space);
  const width = Math.floor(grid.width);
  const height = Math.floor(grid.height);
  const rows = Math.ceil(count / grid.columns);
  const top = (space.height - rows * height - (rows - 1) * TILE_GAP_PX) / 2;
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / grid.columns);
    const inRow = Math.min(grid.columns, count - row * grid.columns);
    const left = (space.width - inRow * width - (inRow - 1) * TILE_GAP_PX) / 2;
    return {
      x: Math.round(left + (index % grid.columns) * (width + TILE_GAP_PX)),
      y: Math.round(top + row * (height + TILE_GAP_PX)),
      width,
      height,
    };
  });
}

/** Whether the strip lies below the stage, not beside it; and how long it may be. */
function stripOf(space: Size): { readonly below: boolean; readonly length: number } {
  const below = space.height > space.width;
  return { below, length: below ? space.width : space.height };
}

/** The strip's tile: as large as lets all of them be seen, but no smaller than useful. */
function stripTile(count: number, space: Size): Size {
  const { below, length } = stripOf(space);
  const [least, most] = STRIP_PX;
  const wanted = part(length, count) * (below ? 1 : STRIP_ASPECT);
  const limit = below ? length / 3 : clamp(space.width * STRIP_SHARE, least, most);
  const width = Math.floor(clamp(wanted, Math.min(least, limit), limit));
  return { width, height: Math.floor(width / STRIP_ASPECT) };
}

/** How many tiles the strip shows at once, at least one. */
export function stripLength(space: Size): number {
  const { below, length } = stripOf(space);
  const { width, height } = stripTile(MAX_TILES, space);
  const tile = below ? width : height;
  return Math.max(1, Math.floor((length + TILE_GAP_PX) / (tile + TILE_GAP_PX)));
}

/**
 * One tile on the stage, the others in a strip along its long side.
 *
 * @param count of all tiles, at most {@link stripLength} + 1
 * @param space in CSS pixels
 * @param seats for how many the strip is made: the same for all its pages, so that the stage stays
 * @returns the stage's place first
 */
export function stagePlaces(count: number, space: Size, seats = count - 1): Place[] {
  if (count < 2) return [{ x: 0, y: 0, ...space }];
  const others = count - 1;
  const { below, length } = stripOf(space);
  const { width, height } = stripTile(seats, space);
  const step = (below ? width : height) + TILE_GAP_PX;
  const start = (length - others * step + TILE_GAP_PX) / 2;
  const strip = Array.from({ length: others }, (_, index) => {
    const along = Math.round(start + index * step);
    return below
      ? { x: along, y: space.height - height, width, height }
      : { x: space.width - width, y: along, width, height };
  });
  const stage = below
    ? { width: space.width, height: space.height - height - TILE_GAP_PX }
    : { width: space.width - width - TILE_GAP_PX, height: space.height };
  return [{ x: 0, y: 0, ...stage }, ...strip];
}
