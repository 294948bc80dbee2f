import * as v from 'valibot';
import { AVATAR_MAX_LENGTH, DISPLAY_NAME_MAX_LENGTH } from '../../protocol/index.ts';
import type { GroupImport, ImportPlan, UserPatch } from '../store/model.ts';
import { toStorableText } from '../store/storable.ts';
import { ImportError } from './errors.ts';
import { check, ImportId, mistakeIn } from './import-json.ts';

/*
 * LayIM's answers come from other people's backends, so everything but ids is taken as it comes:
 * null and numbers as names, fields nobody knows. An empty name or avatar says nothing.
 */

const Loose = v.optional(v.unknown());

const LayimUser = v.object(
  { id: ImportId, username: Loose, name: Loose, avatar: Loose },
  'must be an object',
);
type LayimUser = v.InferOutput<typeof LayimUser>;

const LayimGroup = v.object(
  { id: ImportId, groupname: Loose, name: Loose, avatar: Loose },
  'must be an object',
);

const list = <Item extends v.GenericSchema>(item: Item) => v.array(item, 'must be a list');

const InitAnswer = v.object({
  data: v.object(
    {
      mine: LayimUser,
      friend: v.nullish(list(v.object({ list: v.nullish(list(LayimUser), []) }, 'must be an object')), []),
      group: v.nullish(list(LayimGroup), []),
    },
    'must be an object',
  ),
});

/** The owner is LayIM's user object, or the id alone. */
const Owner = v.pipe(
  v.lazy((input): v.GenericSchema<unknown, string | LayimUser> =>
    typeof input === 'object' ? LayimUser : ImportId,
  ),
  v.transform((owner) => (typeof owner === 'string' ? { id: owner } : owner)),
);

const MembersAnswer = v.object({
  data: v.object({ owner: v.nullish(Owner), list: list(LayimUser) }, 'must be an object'),
});

/** The same, whatever its list is made of. */
const PulledAnswer = v.object({
  data: v.object({ owner: Loose, list: list(v.unknown()) }, 'must be an object'),
});

/** What can be used of an answer that was pulled. */
export interface PulledMembers {
  readonly plan: ImportPlan;
  /** How many entries were left out because they are no members. */
  readonly leftOut: number;
  /** What is wrong with the first of them, with its place. */
  readonly mistake?: ImportError | undefined;
}

/**
 * Reads LayIM's `init` answer: the user, its friends, and the groups that it is in.
 * @param answer parsed JSON
 * @throws ImportError with the place of the first mistake
 */
export function readLayimInit(answer: unknown): ImportPlan {
  const { mine, friend, group } = checkAnswer(InitAnswer, answer).data;
  const groups = new Map<string, GroupImport>();
  for (const { id, groupname, name, avatar } of group) {
    groups.set(id, { id, name: nameOf(groupname, name), avatar: avatarOf(avatar), added: [mine.id] });
  }
  return {
    users: [...friend.flatMap((friends) => friends.list), mine].map(toUser),
    groups: [...groups.values()],
  };
}

/**
 * Reads LayIM's `members` answer: all members of one group.
 * @param groupId the group that was asked about; the answer does not tell
 * @param answer parsed JSON
 * @throws ImportError with the place of the first mistake
 */
export function readLayimMembers(groupId: string, answer: unknown): ImportPlan {
  const { owner, list } = checkAnswer(MembersAnswer, answer).data;
  return planOf(groupId, owner, list);
}

/**
 * Reads LayIM's `members` answer for a call that is about to begin: what is no member is left out, because
 * nobody is there to correct it. A bad owner is as good as none.
 * @param groupId the group that was asked about; the answer does not tell
 * @param answer parsed JSON
 * @throws ImportError when it is no such answer, or when nothing in it is a member
 */
export function readPulledMembers(groupId: string, answer: unknown): PulledMembers {
  const { data } = checkAnswer(PulledAnswer, answer);
  let leftOut = 0;
  let mistake: ImportError | undefined;
  const take = <Schema extends v.GenericSchema>(schema: Schema, value: unknown, path: string) => {
    const result = v.safeParse(schema, value, { abortEarly: true });
    if (result.success) return [result.output];
    leftOut += 1;
    mistake ??= mistakeIn(result.issues[0], path);
    return [];
  };
  const list = data.list.flatMap((entry, index) => take(LayimUser, entry, `$.data.list[${index}]`));
  if (list.length === 0 && mistake) throw mistake;
  const [owner] = data.owner == null ? [] : take(Owner, data.owner, '$.data.owner');
  return { plan: planOf(groupId, owner, list), leftOut, mistake };
}

function planOf(
  groupId: string,
  owner: { readonly id: string } | null | undefined,
  list: readonly LayimUser[],
): ImportPlan {
  const users = (owner ? [owner, ...list] : list).map(toUser);
  const group = { id: groupId, owner: owner?.id, members: users.map(({ id }) => id) };
  return { users, groups: [group] };
}

/** Whether this looks like an answer to LayIM rather than an import of our own. */
export function isLayimAnswer(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'code' in value && 'data' in value;
}

/** LayIM takes an answer whose `code == 0`. */
function checkAnswer<Schema extends v.GenericSchema>(schema: Schema, answer: unknown): v.InferOutput<Schema> {
  if (typeof answer !== 'object' || answer === null) throw new ImportError('$', 'must be an object');
  const { code, msg } = answer as { code?: unknown; msg?: unknown };
  if (code !== 0 && code !== '0') {
    throw new ImportError('$.code', `the chat refused: code ${String(code)}, "${textOf(msg).slice(0, 200)}"`);
  }
  return check(schema, answer);
}

function toUser({ id, username, name, avatar }: Partial<LayimUser> & { id: string }): UserPatch {
  return { id, name: nameOf(username, name), avatar: avatarOf(avatar) };
}

function nameOf(...candidates: unknown[]): string | undefined {
  const name = candidates.map(textOf).find((text) => text !== '');
  return name === undefined ? undefined : toStorableText(name, DISPLAY_NAME_MAX_LENGTH);
}

/** An address that is too long is no use when cut. */
function avatarOf(avatar: unknown): string | undefined {
  const text = textOf(avatar);
  return text === '' || text.length > AVATAR_MAX_LENGTH ? undefined : toStorableText(text, AVATAR_MAX_LENGTH);
}

function textOf(value: unknown): string {
  return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))
    ? String(value)
    : '';
}
