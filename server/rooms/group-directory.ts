import type { Person } from '../../protocol/index.ts';
import type { Group, GroupStore, MembersSource, User } from '../groups/index.ts';

/** Who is in which group: the stored groups, brought up to date from the chat where it tells its members. */
export class GroupDirectory {
  readonly #store: GroupStore;
  readonly #source: MembersSource | undefined;

  /** @param source where the chat tells its members, if it does */
  constructor(store: GroupStore, source: MembersSource | undefined) {
    this.#store = store;
    this.#source = source;
  }

  /**
   * A group as it is now.
   * @returns undefined when there is no such group
   * @throws StoreUnavailableError
   */
  async find(
    groupId: string,
  ): Promise<{ readonly group: Group; readonly members: readonly User[] } | undefined> {
    await this.#source?.refresh(groupId);
    const group = await this.#store.group(groupId);
    if (!group) return undefined;
    return { group, members: (await this.#store.membersOf(groupId)).items };
  }

  /** @throws StoreUnavailableError */
  async isMember(groupId: string, name: string): Promise<boolean> {
    await this.#source?.refresh(groupId);
    return this.#store.isMember(groupId, name);
  }

  /** What is stored of a user. @throws StoreUnavailableError */
  async user(name: string): Promise<User | undefined> {
    return this.#store.user(name);
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
