import { check, GroupFields, UnknownGroupError, type Group, type GroupStore } from '../../groups/index.ts';
import type { ApiOperation } from './operation.ts';
import { GROUP_ID, newId, PAGE_PARAMETERS, pageOf } from './parameters.ts';
import { ref } from './schemas.ts';

export const UNKNOWN_GROUP = { 404: 'unknown-group' } as const;

export const groupOperations: readonly ApiOperation[] = [
  {
    id: 'listGroups',
    method: 'get',
    path: '/api/groups',
    summary: 'All groups, in the order of their ids',
    parameters: PAGE_PARAMETERS,
    answers: { 200: { description: 'A page of groups.', schema: ref('GroupPage') } },
    async handle(request) {
      const { items, next } = await request.store.groups(pageOf(request));
      return { status: 200, body: { groups: items, next } };
    },
  },
  {
    id: 'getGroup',
    method: 'get',
    path: '/api/groups/{id}',
    summary: 'One group',
    parameters: [GROUP_ID],
    answers: { 200: { description: 'The group.', schema: ref('Group') } },
    errors: UNKNOWN_GROUP,
    async handle({ store, param }) {
      return { status: 200, body: await groupOf(store, param('id')) };
    },
  },
  {
    id: 'putGroup',
    method: 'put',
    path: '/api/groups/{id}',
    summary: 'Make a group, or change it',
    description:
      'Fields left out keep what they are. Who is no member any more is removed from a running call.',
    parameters: [GROUP_ID],
    body: { required: false, schema: ref('GroupFields') },
    answers: {
      200: { description: 'The changed group.', schema: ref('Group') },
      201: { description: 'The new group.', schema: ref('Group') },
    },
    async handle({ store, param, body }) {
      const id = newId(param('id'));
      const { members, ...fields } = check(GroupFields, (await body()) ?? {});
      const isNew = (await store.group(id)) === undefined;
      const group = { id, ...fields, members: members?.map((member) => member.id) };
      await store.importAll({ users: members ?? [], groups: [group] });
      return { status: isNew ? 201 : 200, body: await groupOf(store, id) };
    },
  },
  {
    id: 'deleteGroup',
    method: 'delete',
    path: '/api/groups/{id}',
    summary: 'Delete a group; its members are removed from a running call',
    parameters: [GROUP_ID],
    answers: { 204: { description: 'Deleted.' } },
    errors: UNKNOWN_GROUP,
    async handle({ store, param }) {
      if (!(await store.deleteGroup(param('id')))) throw new UnknownGroupError(param('id'));
      return { status: 204 };
    },
  },
];

async function groupOf(store: GroupStore, id: string): Promise<Group> {
  const group = await store.group(id);
  if (!group) throw new UnknownGroupError(id);
  return group;
}
