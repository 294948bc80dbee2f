import { AVATAR_MAX_LENGTH, DISPLAY_NAME_MAX_LENGTH, ID_MAX_LENGTH } from '../../protocol/index.ts';
import { ImportError } from './errors.ts';
import type { GroupPatch, ImportPlan, UserPatch } from './model.ts';

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

/**
 * Refuses an import that some database could not keep exactly.
 * @throws ImportError with the place in the plan
 */
export function assertStorable({ users, groups }: ImportPlan): void {
  users.forEach((user, index) => assertFields(user, `$.users[${index}]`));
  groups.forEach((group, index) => {
    const path = `$.groups[${index}]`;
    assertFields(group, path);
    if (group.owner != null) assertId(group.owner, `${path}.owner`);
    group.members?.forEach((id, member) => assertId(id, `${path}.members[${member}]`));
    group.added?.forEach((id, member) => assertId(id, `${path}.added[${member}]`));
  });
}

function assertFields({ id, name, avatar }: UserPatch | GroupPatch, path: string): void {
  assertId(id, `${path}.id`);
  if (name !== undefined) assertText(name, DISPLAY_NAME_MAX_LENGTH, `${path}.name`);
  if (avatar !== undefined) assertText(avatar, AVATAR_MAX_LENGTH, `${path}.avatar`);
}

function assertId(id: string, path: string): void {
  if (id === '') throw new ImportError(path, 'an id must not be empty');
  assertText(id, ID_MAX_LENGTH, path);
}

function assertText(text: string, maxLength: number, path: string): void {
  if (text.length > maxLength) throw new ImportError(path, `longer than ${maxLength} characters`);
  if (!isStorableText(text)) {
    throw new ImportError(path, 'contains NUL or half a surrogate pair, which no database keeps');
  }
}
