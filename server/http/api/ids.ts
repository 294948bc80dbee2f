import { isStorableId } from '../../groups/index.ts';
import { ApiError } from './errors.ts';

/**
 * Checks an id from the address of a request that is going to be stored.
 * @throws ApiError `bad-request`
 */
export function newId(id: string): string {
  if (isStorableId(id)) return id;
  const message = 'An id has 1 to 128 characters, without NUL and without halves of surrogate pairs.';
  throw new ApiError(400, 'bad-request', message);
}
