import type { Person } from '../../protocol/index.ts';
import type { Group, GroupStore, MembersSource, User } from '../groups/index.ts';

/** A group as it is now. */
export interface GroupWithMembers {
  readonly group: Group;
  readonly members: readonly User[];
}

/** Who is in which group, as far as calls need to know. */
export interface GroupDirectory {
  /**
   * @returns undefined when there is no such group
   * @throws StoreUnavailableError
   */
  find(groupId: string): Promise<GroupWithMembers | undefined>;
  /** @throws StoreUnavailableError */
  isMember(groupId: string, name: string): Promise<boolean>;
  /** What is stored of a user. @throws StoreUnavailableError */
  user(name: string): Promise<User | undefined>;
}

/** The stored groups, brought up to date from the chat where it tells its members. */
export class StoredGroups implements GroupDirectory {
  readonly #store: () => GroupStore;
  readonly #source: () => MembersSource | undefined;

  /**
   * @param store throws StoreUnavailableError while there is none
   * @param source where the chat tells its members, if it does
   */
  constructor(store: () => GroupStore, source: () => MembersSource | undefined) {
    this.#store = store;
    this.#source = source;
  }

  async find(groupId: string): Promise<GroupWithMembers | undefined> {
    const store = this.#store();
    await this.#source()?.refresh(groupId);
    const group = await store.group(groupId);
    if (!group) return undefined;
    return { group, members: (await store.membersOf(groupId)).items };
  }

  async isMember(groupId: string, name: string): Promise<boolean> {
    const store = this.#store();
    await this.#source()?.refresh(groupId);
    return store.isMember(groupId, name);
  }

  async user(name: string): Promise<User | undefined> {
    return this.#store().user(name);
  }
}

/** A stored user as others see it; what it told itself when it registered comes first. */
export function personOf({ id, name, avatar }: User, registered?: Person): Person {
  const told = registered?.displayName === id ? '' : registered?.displayName;
  return { name: id, displayName: told || name || id, avatar: registered?.avatar || avatar };
}

/** A person as the store would know it. */
export function userOf({ name, displayName, avatar }: Person): User {
  return { id: name, name: displayName, avatar };
}
