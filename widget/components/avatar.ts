import type { Person } from '../../protocol/index.ts';

const HUES = 360;
const GOLDEN_ANGLE = 137.508;
const SAFE_IMAGE = /^data:image\/(?:png|jpe?g|gif|webp|avif|svg\+xml)[;,]/i;
const HAN = /\p{Script=Han}/u;

/** What a person is called; the user's id if they have no name. */
export const nameOf = (person: Person): string => person.displayName || person.name;

/**
 * An avatar's address if it may be shown: http, https, an image in a data URL, or relative to
 * the page. Others (`javascript:`, `file:` …) could do harm or only fail.
 */
export function avatarAddress(avatar: string): string | undefined {
  if (!avatar) return undefined;
  if (SAFE_IMAGE.test(avatar)) return avatar;
  try {
    const { protocol, href } = new URL(avatar, document.baseURI);
    return protocol === 'https:' || protocol === 'http:' ? href : undefined;
  } catch {
    return undefined;
  }
}

/** What stands for a face: the last character of a Chinese name, the initials of others. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u);
  const characters = Array.from(words.join(''));
  const last = characters.at(-1);
  if (!last) return '?';
  if (HAN.test(name)) return characters.findLast((character) => HAN.test(character)) ?? last;
  const first = (word = '') => Array.from(word)[0] ?? '';
  return (words.length > 1 ? first(words[0]) + first(words.at(-1)) : first(words[0])).toUpperCase();
}

/** A hue in degrees, always the same for the same user, and far from those of the next ids. */
export function hueOf(id: string): number {
  let hash = 7;
  for (const character of id) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) | 0;
  return Math.round(Math.abs(hash) * GOLDEN_ANGLE) % HUES;
}
