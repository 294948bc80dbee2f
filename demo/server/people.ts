/** The demo's users and its group. */
import type { Group, User } from '../protocol/messages.ts';

/** Avatars are paths below the demo page. Ids are numbers, as in most backends behind LayIM. */
export const DEMO_USERS: readonly User[] = [
  { id: 1, username: '测试甲', avatar: 'avatars/1.svg', sign: '在线，随时可以通话' },
  { id: 2, username: '测试乙', avatar: 'avatars/2.svg', sign: '今天也要加油' },
  { id: 3, username: '测试丙', avatar: 'avatars/3.svg', sign: '忙碌中，请留言' },
];

/** Its id equals a user's on purpose: they live in separate tables of real backends too. */
export const DEMO_GROUP: Group = {
  id: 1,
  groupname: '测试群',
  avatar: 'avatars/group.svg',
  members: DEMO_USERS.map((user) => user.id),
};
