import type { Corner, Place } from './place.ts';

const PREFIX = 'video-call:';
const CORNERS: readonly string[] = ['top-left', 'top-right', 'bottom-left', 'bottom-right'];

/** What the browser keeps between calls, by key. */
interface Remembered {
  'window-place': Place;
  'room-place': Place;
  'self-corner': Corner;
  'tile-corner': Corner;
}

const isPlace = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  ['x', 'y', 'width', 'height'].every((key) => Number.isFinite(Reflect.get(value, key)));

const isCorner = (value: unknown): boolean => typeof value === 'string' && CORNERS.includes(value);

const valid: Readonly<Record<keyof Remembered, (value: unknown) => boolean>> = {
  'window-place': isPlace,
  'room-place': isPlace,
  'self-corner': isCorner,
  'tile-corner': isCorner,
};

/** What was remembered; undefined if nothing or nonsense was, or storage is forbidden. */
export function recall<Key extends keyof Remembered>(key: Key): Remembered[Key] | undefined {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(PREFIX + key) ?? 'null');
    return valid[key](value) ? (value as Remembered[Key]) : undefined;
  } catch {
    return undefined;
  }
}

/** Remembers a value, where storage is allowed and not full. */
export function remember<Key extends keyof Remembered>(key: Key, value: Remembered[Key]): void {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // A convenience only: in private or sandboxed pages the window opens in the middle.
  }
}
