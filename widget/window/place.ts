/** Where a window is in the page's viewport, in CSS pixels. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The edges that a resize handle moves: `n`, `se` … */
export type Edge = 'n' | 's' | 'e' | 'w' | 'ne' | 'nw' | 'se' | 'sw';

export type Corner = 'top-left' | 'top-right' | 'bottom-left' | 'bottom-right';

export const EDGES: readonly Edge[] = ['n', 's', 'e', 'w', 'ne', 'nw', 'se', 'sw'];

/** Windows by the name under which their place is remembered, and their first sizes. */
export const WINDOW_SIZES = {
  'window-place': { width: 760, height: 500 },
  'room-place': { width: 1000, height: 660 },
} as const satisfies Record<string, Size>;

export type WindowKey = keyof typeof WINDOW_SIZES;

const MIN_SIZE: Size = { width: 380, height: 300 };
const MARGIN_PX = 8;

const clamp = (value: number, low: number, high: number) =>
  Math.max(low, Math.min(value, Math.max(low, high)));

/** The largest place that a window may take. */
function room(viewport: Size): Size {
  return { width: viewport.width - 2 * MARGIN_PX, height: viewport.height - 2 * MARGIN_PX };
}

/** A window that was never moved: in the middle, a little above it. */
export function defaultPlace(viewport: Size, size: Size = WINDOW_SIZES['window-place']): Place {
  const free = room(viewport);
  const width = Math.min(size.width, free.width);
  const height = Math.min(size.height, free.height);
  return {
    x: Math.round((viewport.width - width) / 2),
    y: Math.round((viewport.height - height) * 0.45),
    width,
    height,
  };
}

/** The nearest place that lies wholly in the viewport and is no smaller than usable. */
export function fitPlace(place: Place, viewport: Size): Place {
  const free = room(viewport);
  const width = clamp(place.width, Math.min(MIN_SIZE.width, free.width), free.width);
  const height = clamp(place.height, Math.min(MIN_SIZE.height, free.height), free.height);
  return {
    x: clamp(place.x, MARGIN_PX, viewport.width - MARGIN_PX - width),
    y: clamp(place.y, MARGIN_PX, viewport.height - MARGIN_PX - height),
    width,
    height,
  };
}

/** The place moved by a distance, kept in the viewport. */
export function movePlace(place: Place, dx: number, dy: number, viewport: Size): Place {
  return fitPlace({ ...place, x: place.x + dx, y: place.y + dy }, viewport);
}

/** One axis of a resize: the dragged edge moves, the opposite one stays. */
function stretch(
  start: number,
  length: number,
  delta: number,
  side: 'low' | 'high' | undefined,
  min: number,
  limit: number,
): readonly [start: number, length: number] {
  if (!side) return [start, length];
  const end = start + length;
  const least = Math.min(min, limit - 2 * MARGIN_PX);
  if (side === 'high') {
    return [start, clamp(end + delta, start + least, limit - MARGIN_PX) - start];
  }
  const moved = clamp(start + delta, MARGIN_PX, end - least);
  return [moved, end - moved];
}

/** The place after a handle was dragged; what is opposite to the handle stays where it is. */
export function resizePlace(place: Place, edge: Edge, dx: number, dy: number, viewport: Size): Place {
  const across = edge.includes('e') ? 'high' : edge.includes('w') ? 'low' : undefined;
  const down = edge.includes('s') ? 'high' : edge.includes('n') ? 'low' : undefined;
  const { width: minWidth, height: minHeight } = MIN_SIZE;
  const [x, width] = stretch(place.x, place.width, dx, across, minWidth, viewport.width);
  const [y, height] = stretch(place.y, place.height, dy, down, minHeight, viewport.height);
  return fitPlace({ x, y, width, height }, viewport);
}

/** The corner of a box nearest to a point, both in the same coordinates. */
export function nearestCorner(x: number, y: number, box: Place): Corner {
  const down = y < box.y + box.height / 2 ? 'top' : 'bottom';
  const across = x < box.x + box.width / 2 ? 'left' : 'right';
  return `${down}-${across}`;
}

/** The corner that an arrow key leads to, or undefined for other keys. */
export function cornerTowards(corner: Corner, key: string): Corner | undefined {
  const [down, across] = corner.split('-') as ['top' | 'bottom', 'left' | 'right'];
  switch (key) {
    case 'ArrowUp':
      return `top-${across}`;
    case 'ArrowDown':
      return `bottom-${across}`;
    case 'ArrowLeft':
      return `${down}-left`;
    case 'ArrowRight':
      return `${down}-right`;
    default:
      return undefined;
  }
}

/** Puts an element at a place. */
export function placeStyle({ x, y, width, height }: Place): Readonly<Record<string, string>> {
  return { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` };
}
