import { AVATAR_MAX_LENGTH, DISPLAY_NAME_MAX_LENGTH, ID_MAX_LENGTH } from '../../protocol/index.ts';
import type { GroupPatch, ImportPlan, UserPatch } from '../store/model.ts';
import { isStorableText } from '../store/storable.ts';
import { ImportError } from './errors.ts';

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
