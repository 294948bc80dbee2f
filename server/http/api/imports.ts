import { readImport, readLayimInit, readLayimMembers } from '../../groups/index.ts';
import { ApiError } from './errors.ts';
import type { ApiOperation, ApiRequest } from './operation.ts';
import { newId } from './parameters.ts';
import { ref } from './schemas.ts';

const SUMMARY = { 200: { description: 'What was imported.', schema: ref('ImportSummary') } };
const BAD_IMPORT = { 400: 'bad-import' };

export const importOperations: readonly ApiOperation[] = [
  {
    id: 'import',
    method: 'post',
    path: '/api/import',
    summary: 'Import users, groups and members',
    description:
      'All of it or, when there is a mistake in it, nothing; the error tells where the mistake is.',
    body: { required: true, schema: ref('Import') },
    answers: SUMMARY,
    errors: BAD_IMPORT,
    async handle(request) {
      const at = Date.now();
      return { status: 200, body: await request.store.importAll(readImport(await bodyOf(request)), at) };
    },
  },
  {
    id: 'importLayim',
    method: 'post',
    path: '/api/import/layim',
    summary: "Import an answer of LayIM's `init` or `members` interface as it is",
    description:
      'Without `group` the body is an `init` answer: its users become known, and `mine` a member of its groups. ' +
      'With `group` it is the `members` answer of that group, whose members are then exactly these.',
    parameters: [
      {
        name: 'group',
        in: 'query',
        description: "The group's id, for a `members` answer.",
        schema: { type: 'string' },
      },
    ],
    body: { required: true, schema: ref('LayimAnswer') },
    answers: SUMMARY,
    errors: BAD_IMPORT,
    async handle(request) {
      const at = Date.now();
      const groupId = request.query('group');
      const answer = await bodyOf(request);
      const plan = groupId === undefined ? readLayimInit(answer) : readLayimMembers(newId(groupId), answer);
      return { status: 200, body: await request.store.importAll(plan, at) };
    },
  },
];

async function bodyOf(request: ApiRequest): Promise<unknown> {
  const body = await request.body();
  if (body === undefined) throw new ApiError(400, 'bad-request', 'The body is empty: send JSON.');
  return body;
}
