/** The demo's people and group as the server's store takes them. */
import { DEMO_GROUP, DEMO_USERS } from './people.ts';

/** What is imported at every start; importing it again changes nothing. The first user owns the group. */
export function demoImport() {
  const members = DEMO_GROUP.members.map(String);
  const { id, groupname: name, avatar } = DEMO_GROUP;
  return {
    users: DEMO_USERS.map((user) => ({ id: String(user.id), name: user.username, avatar: user.avatar })),
    groups: [{ id: String(id), name, avatar, owner: members[0] ?? null, members }],
  };
}
