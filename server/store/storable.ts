import { ID_MAX_LENGTH } from '../../protocol/index.ts';

/** NUL, which PostgreSQL cannot store, and halves of surrogate pairs, which UTF-8 cannot write. */
const UNSTORABLE = /[\0\p{Surrogate}]/u;
const EVERY_UNSTORABLE = /[\0\p{Surrogate}]/gu;

/** Whether every database keeps this text exactly as it is. */
export function isStorableText(text: string): boolean {
  return !UNSTORABLE.test(text);
}

/** Whether this can be the id of something stored. What cannot is looked up as unknown. */
export function isStorableId(id: string): boolean {
  return id.length > 0 && id.length <= ID_MAX_LENGTH && isStorableText(id);
}

/** The text with what cannot be stored replaced by U+FFFD, cut to a length in UTF-16 units. */
export function toStorableText(text: string, maxLength: number): string {
  return text.slice(0, maxLength).replace(EVERY_UNSTORABLE, '\uFFFD');
}
