import {
  AVATAR_MAX_LENGTH,
  DISPLAY_NAME_MAX_LENGTH,
  ID_MAX_LENGTH,
  REFUSAL_CODES,
  STOP_REASONS,
} from '../../../protocol/index.ts';
import { API_ERROR_CODES } from './errors.ts';
import type { JsonSchema } from './operation.ts';

const string = { type: 'string' };
const count = { type: 'integer', minimum: 0 };
const time = { type: 'integer', description: 'Milliseconds since 1970.' };
const name = { type: 'string', maxLength: DISPLAY_NAME_MAX_LENGTH };
const avatar = { type: 'string', maxLength: AVATAR_MAX_LENGTH };
const next = { type: 'string', description: 'Pass it as `after` for the next page; missing on the last.' };

/** A reference to one of `SCHEMAS`. */
export const ref = (schema: keyof typeof SCHEMAS): JsonSchema => ({ $ref: `#/components/schemas/${schema}` });
const see = (schema: string): JsonSchema => ({ $ref: `#/components/schemas/${schema}` });
const list = (schema: string) => ({ type: 'array', items: see(schema) });

/** An object that has nothing but these fields. */
function object(fields: Record<string, unknown>, optional: readonly string[] = []): JsonSchema {
  const required = Object.keys(fields).filter((field) => !optional.includes(field));
  return { type: 'object', properties: fields, required, additionalProperties: false };
}

/** An object from outside: fields that are not named are ignored. */
function input(fields: Record<string, unknown>, required: readonly string[] = []): JsonSchema {
  return { type: 'object', properties: fields, ...(required.length > 0 && { required }) };
}

const quality = {
  type: 'object',
  description: "What the user's page measured last, such as `roundTripMs`.",
  additionalProperties: { type: 'number' },
};
const outcomes = ['answered', 'joined', 'cancelled', 'shutdown', ...REFUSAL_CODES];

/** The API's schemas by name, for `components.schemas`. */
export const SCHEMAS = {
  Id: {
    description:
      'A string, or a whole number that JSON keeps exactly (below 2^53); compared byte by byte as a string.',
    oneOf: [
      { type: 'string', minLength: 1, maxLength: ID_MAX_LENGTH },
      { type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
    ],
  },
  User: object({ id: string, name: string, avatar: string }),
  Group: object({
    id: string,
    name: string,
    avatar: string,
    owner: { type: ['string', 'null'], description: 'May moderate the calls of the group.' },
    membersAt: { type: ['integer', 'null'], description: 'When the whole list of members was last told.' },
    memberCount: count,
  }),
  GroupPage: object({ groups: list('Group'), next }, ['next']),
  MemberPage: object({ members: list('User'), next }, ['next']),
  UserFields: input({ name, avatar }),
  UserInput: input({ id: see('Id'), name, avatar }, ['id']),
  MemberInput: { oneOf: [see('Id'), see('UserInput')] },
  GroupFields: input({
    name,
    avatar,
    owner: { oneOf: [see('Id'), { type: 'null' }] },
    members: {
      ...list('MemberInput'),
      description: 'The whole list: who is not in it is no member any more. Left out, the members stay.',
    },
  }),
  GroupInput: { allOf: [input({ id: see('Id') }, ['id']), see('GroupFields')] },
  Import: input({ users: list('UserInput'), groups: list('GroupInput') }),
  ImportSummary: object({ users: count, groups: count, membersAdded: count, membersRemoved: count }),
  LayimAnswer: {
    type: 'object',
    description: 'The answer of the chat to LayIM, as it is: `{code: 0, data: {…}}`.',
    properties: { code: { const: 0 }, msg: string, data: { type: 'object' } },
    required: ['code', 'data'],
  },
  CallParticipant: object(
    { name: string, outcome: { type: 'string', enum: outcomes }, joinedAt: time, leftAt: time, quality },
    ['joinedAt', 'leftAt', 'quality'],
  ),
  Call: object(
    {
      callId: string,
      reqType: { type: 'string', enum: ['ptop', 'group'] },
      groupId: string,
      media: { type: 'string', enum: ['video', 'audio'] },
      caller: string,
      startedAt: time,
      answeredAt: time,
      endedAt: time,
      durationMs: count,
      outcome: { type: 'string', enum: outcomes },
      reason: { type: 'string', enum: STOP_REASONS },
      endedBy: string,
      participants: list('CallParticipant'),
    },
    ['groupId', 'media', 'answeredAt', 'reason', 'endedBy'],
  ),
  CallPage: object({ calls: list('Call'), next }, ['next']),
  Error: object({
    error: object(
      {
        code: { type: 'string', enum: API_ERROR_CODES },
        message: { type: 'string', description: 'One sentence that a site admin can act on.' },
        path: { type: 'string', description: 'Where the mistake in the body is: `$.groups[3].id`.' },
      },
      ['path'],
    ),
  }),
} as const satisfies Record<string, JsonSchema>;
