import { check, UnknownGroupError, UserFields } from '../../groups/index.ts';
import { ApiError } from './errors.ts';
import { UNKNOWN_GROUP } from './groups.ts';
import type { ApiOperation } from './operation.ts';
import { GROUP_ID, newId, PAGE_PARAMETERS, pageOf, USER_ID } from './parameters.ts';
import { ref } from './schemas.ts';

export const memberOperations: readonly ApiOperation[] = [
  {
    id: 'listMembers',
    method: 'get',
    path: '/api/groups/{id}/members',
    summary: 'The members of a group, in the order of their ids',
    parameters: [GROUP_ID, ...PAGE_PARAMETERS],
    answers: { 200: { description: 'A page of members.', schema: ref('MemberPage') } },
    errors: UNKNOWN_GROUP,
    async handle(request) {
      const id = request.param('id');
      const { items, next } = await request.store.membersOf(id, pageOf(request));
      if (items.length === 0 && !(await request.store.group(id))) throw new UnknownGroupError(id);
      return { status: 200, body: { members: items, next } };
    },
  },
  {
    id: 'putMember',
    method: 'put',
    path: '/api/groups/{id}/members/{user}',
    summary: 'Make a user a member, or change what is known about it',
    description: 'Fields left out keep what they are.',
    parameters: [GROUP_ID, USER_ID],
    body: { required: false, schema: ref('UserFields') },
    answers: {
      200: { description: 'The user was a member already.', schema: ref('User') },
      201: { description: 'The user is a member now.', schema: ref('User') },
    },
    errors: UNKNOWN_GROUP,
    async handle({ store, param, body }) {
      const id = newId(param('user'));
      const isNew = await store.putMember(newId(param('id')), {
        id,
        ...check(UserFields, (await body()) ?? {}),
      });
      const user = (await store.user(id)) ?? { id, name: '', avatar: '' };
      return { status: isNew ? 201 : 200, body: user };
    },
  },
  {
    id: 'deleteMember',
    method: 'delete',
    path: '/api/groups/{id}/members/{user}',
    summary: 'Remove a member, also from a running call',
    parameters: [GROUP_ID, USER_ID],
    answers: { 204: { description: 'Removed.' } },
    errors: { 404: 'not-a-member' },
    async handle({ store, param }) {
      if (await store.removeMember(param('id'), param('user'))) return { status: 204 };
      throw new ApiError(
        404,
        'not-a-member',
        `"${param('user')}" is no member of the group "${param('id')}".`,
      );
    },
  },
];
