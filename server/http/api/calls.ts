import type { ApiOperation } from './operation.ts';
import { PAGE_PARAMETERS, pageOf } from './parameters.ts';
import { ref } from './schemas.ts';

export const callOperations: readonly ApiOperation[] = [
  {
    id: 'listCalls',
    method: 'get',
    path: '/api/calls',
    summary: 'Past calls, the newest first',
    parameters: [
      {
        name: 'group',
        in: 'query',
        description: 'Only calls of this group.',
        schema: { type: 'string' },
      },
      {
        name: 'user',
        in: 'query',
        description: 'Only calls in which this user called or was called.',
        schema: { type: 'string' },
      },
      ...PAGE_PARAMETERS,
    ],
    answers: { 200: { description: 'A page of calls.', schema: ref('CallPage') } },
    async handle(request) {
      const query = { ...pageOf(request), groupId: request.query('group'), userId: request.query('user') };
      const { items, next } = await request.store.calls(query);
      return { status: 200, body: { calls: items, next } };
    },
  },
];
