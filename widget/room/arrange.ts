import type { Place, Size } from '../window/place.ts';
import { gridPlaces, stagePlaces, stripLength, tilesPerPage } from '../window/tiles.ts';

/** What the row that turns pages takes from the tiles' space, in CSS pixels. */
const PAGER_PX = 52;

/** Who has a tile, by name. */
export interface TileInput {
  /** Oneself first, then the others in the order of their joining. */
  readonly participants: readonly string[];
  /** Those who may still come. */
  readonly invited: readonly string[];
  /** Who is enlarged; one of the participants. */
  readonly spotlight?: string | undefined;
}

/** Which tiles are on a page, and where. */
export interface Arrangement {
  readonly pages: number;
  /** From 0. */
  readonly page: number;
  readonly participants: ReadonlyMap<string, Place>;
  readonly invited: ReadonlyMap<string, Place>;
}

/** Others first, in the order of their joining, and oneself as the last of the first page. */
function inOrder(participants: readonly string[], perPage: number): string[] {
  const [self, ...others] = participants;
  if (self !== undefined) others.splice(Math.min(others.length, perPage - 1), 0, self);
  return others;
}

/**
 * Puts everybody in their place. Pages are filled evenly; the invited only take what one
 * page has left, and never make a second one.
 *
 * @param wantedPage from 0; the last page if there are fewer
 * @param space for the tiles, in CSS pixels
 */
export function arrange(tiles: TileInput, wantedPage: number, space: Size): Arrangement {
  const { spotlight } = tiles;
  const fits = (within: Size) => (spotlight === undefined ? tilesPerPage(within) : stripLength(within));
  const inGrid = tiles.participants.filter((name) => name !== spotlight);
  const paged = inGrid.length > fits(space);
  const usable = paged ? { ...space, height: space.height - PAGER_PX } : space;
  const capacity = fits(usable);
  const pages = Math.max(1, Math.ceil(inGrid.length / capacity));
  const page = Math.max(0, Math.min(wantedPage, pages - 1));
  const perPage = spotlight === undefined ? Math.ceil(inGrid.length / pages) : capacity;

  const visible = inOrder(inGrid, perPage).slice(page * perPage, (page + 1) * perPage);
  const invited = pages > 1 ? [] : tiles.invited.slice(0, capacity - visible.length);
  const joined = spotlight === undefined ? visible : [spotlight, ...visible];
  const count = joined.length + invited.length;
  const seats = pages > 1 ? capacity : count - 1;
  const places = spotlight === undefined ? gridPlaces(count, usable) : stagePlaces(count, usable, seats);
  const placed = (names: readonly string[], from: number) =>
    new Map(
      names.flatMap((name, index) => {
        const place = places[from + index];
        return place ? [[name, place] as const] : [];
      }),
    );
  return { pages, page, participants: placed(joined, 0), invited: placed(invited, joined.length) };
}
