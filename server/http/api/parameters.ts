import { isStorableId } from '../../groups/index.ts';
import { ApiError } from './errors.ts';
import type { ApiParameter, ApiRequest } from './operation.ts';

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1_000;

export const GROUP_ID: ApiParameter = {
  name: 'id',
  in: 'path',
  required: true,
  description: "The group's id.",
  schema: { type: 'string' },
};

export const USER_ID: ApiParameter = {
  name: 'user',
  in: 'path',
  required: true,
  description: "The user's id.",
  schema: { type: 'string' },
};

/** The parameters of every list. */
export const PAGE_PARAMETERS: readonly ApiParameter[] = [
  {
    name: 'limit',
    in: 'query',
    description: 'How many to give.',
    schema: { type: 'integer', minimum: 1, maximum: LIMIT_MAX, default: LIMIT_DEFAULT },
  },
  {
    name: 'after',
    in: 'query',
    description: 'The `next` of the page before.',
    schema: { type: 'string' },
  },
];

/** @throws ApiError `bad-request` when `limit` is no number from 1 to 1,000 */
export function pageOf(request: ApiRequest): { limit: number; after: string | undefined } {
  const text = request.query('limit') ?? String(LIMIT_DEFAULT);
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > LIMIT_MAX) {
    throw new ApiError(400, 'bad-request', `"limit" must be a number from 1 to ${LIMIT_MAX}.`);
  }
  return { limit, after: request.query('after') };
}

/**
 * Checks an id from the address of a request that is going to be stored.
 * @throws ApiError `bad-request`
 */
export function newId(id: string): string {
  if (isStorableId(id)) return id;
  const message = 'An id has 1 to 128 characters, without NUL and without halves of surrogate pairs.';
  throw new ApiError(400, 'bad-request', message);
}
