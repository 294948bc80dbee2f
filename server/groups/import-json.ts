import * as v from 'valibot';
import { AVATAR_MAX_LENGTH, DISPLAY_NAME_MAX_LENGTH, ID_MAX_LENGTH } from '../../protocol/index.ts';
import { ImportError } from './errors.ts';
import type { ImportPlan, UserPatch } from '../store/model.ts';
import { isStorableText } from '../store/storable.ts';

const STORABLE = v.check(isStorableText, 'contains NUL or half a surrogate pair, which no database keeps');

/**
 * Numbers that are whole and below 2^53 are what they were in the JSON. Others may have been something else there:
 * digits are lost, 1e400 becomes Infinity and -0 becomes 0, so that two users would become one.
 */
const isExact = (id: string | number) =>
  typeof id === 'string' || (Number.isSafeInteger(id) && !Object.is(id, -0));

/** An id from outside: a string or a number, inside always a string. */
export const ImportId = v.pipe(
  v.union([v.string(), v.number()], 'an id must be a string or a number'),
  v.check(isExact, 'a number must be whole, below 2^53 and not -0 to be exact: write the id as a string'),
  v.transform(String),
  v.minLength(1, 'an id must not be empty'),
  v.maxLength(ID_MAX_LENGTH, `an id has at most ${ID_MAX_LENGTH} characters`),
  STORABLE,
);

const text = (maxLength: number) =>
  v.pipe(
    v.string('must be a string'),
    v.maxLength(maxLength, `has at most ${maxLength} characters`),
    STORABLE,
  );

const Details = {
  name: v.optional(text(DISPLAY_NAME_MAX_LENGTH)),
  avatar: v.optional(text(AVATAR_MAX_LENGTH)),
};

const list = <Item extends v.GenericSchema>(item: Item) => v.array(item, 'must be a list');

const ImportUser = v.object({ id: ImportId, ...Details }, 'must be an object');

/** A member: its id alone, or what is known about it. (Lazy, so that a mistake is told at its own place.) */
const ImportMember = v.pipe(
  v.lazy((input): v.GenericSchema<unknown, string | UserPatch> =>
    typeof input === 'object' && input !== null ? ImportUser : ImportId,
  ),
  v.transform((member): UserPatch => (typeof member === 'string' ? { id: member } : member)),
);

/** What `PUT /api/groups/{id}` takes. */
export const GroupFields = v.object(
  {
    ...Details,
    owner: v.optional(v.nullable(ImportId)),
    members: v.optional(list(ImportMember)),
  },
  'must be an object',
);

/** What `PUT /api/groups/{id}/members/{user}` takes. */
export const UserFields = v.object(Details, 'must be an object');

const ImportFile = v.object(
  {
    users: v.optional(list(ImportUser), []),
    groups: v.optional(list(v.object({ id: ImportId, ...GroupFields.entries }, 'must be an object')), []),
  },
  'must be an object with "users" and "groups"',
);

/**
 * Checks an object from outside.
 * @throws ImportError with the place of the first mistake
 */
export function check<Schema extends v.GenericSchema>(schema: Schema, value: unknown): v.InferOutput<Schema> {
  // To valibot a list is an object too: one whose optional fields are all missing.
  if (Array.isArray(value)) throw new ImportError('$', 'must be an object');
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  throw mistakeIn(result.issues[0], '$');
}

/**
 * What valibot found, as a mistake in an import.
 * @param path where the checked value is in the document
 */
export function mistakeIn(issue: v.BaseIssue<unknown>, path: string): ImportError {
  const problem = issue.input === undefined ? 'is missing' : issue.message;
  return new ImportError(`${path}${pathWithin(issue)}`, problem);
}

/**
 * Reads an import in the product's own format: users, and groups with their members.
 * @param value parsed JSON
 * @throws ImportError with the place of the first mistake
 */
export function readImport(value: unknown): ImportPlan {
  const { users, groups } = check(ImportFile, value);
  if (users.length + groups.length === 0) throw new ImportError('$', 'there is nothing in it to import');
  const seen = new Map<string, number>();
  groups.forEach(({ id }, index) => {
    const before = seen.get(id);
    if (before !== undefined) {
      throw new ImportError(`$.groups[${index}].id`, `the group "${id}" is already at $.groups[${before}]`);
    }
    seen.set(id, index);
  });
  return {
    users: [...groups.flatMap(({ members = [] }) => members), ...users],
    groups: groups.map((group) => ({ ...group, members: group.members?.map(({ id }) => id) })),
  };
}

/**
 * Parses the text of an import.
 * @throws ImportError that tells line and column, where the parser does
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const position = /at position (\d+)/.exec(message)?.[1];
    throw new ImportError('$', `is not JSON: ${message}${position ? place(text, Number(position)) : ''}`);
  }
}

function place(text: string, position: number): string {
  const before = text.slice(0, position).split('\n');
  return `, line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
}

function pathWithin(issue: v.BaseIssue<unknown>): string {
  const keys = (issue.path ?? []).map(({ key }) =>
    typeof key === 'number' ? `[${key}]` : `.${String(key)}`,
  );
  return keys.join('');
}
