import { type Person, ProtocolError } from '../../protocol/index.ts';
import type { Occupancy } from '../cluster/occupancy.ts';
import type { ConnectionRef, Presence } from '../cluster/presence.ts';
import { type Group, StoreUnavailableError, type User } from '../groups/index.ts';
import { notAMember } from '../sessions/errors.ts';
import { type GroupDirectory, personOf, userOf } from './group-directory.ts';
import { type Invitee, memberNamed, type RoomState } from './room-state.ts';

interface RoomPeopleOptions {
  readonly groups: GroupDirectory;
  readonly presence: Presence;
  readonly occupancy: Occupancy;
}

/** Who may take part in a group's call, and who could be rung. */
export class RoomPeople {
  readonly #options: RoomPeopleOptions;

  constructor(options: RoomPeopleOptions) {
    this.#options = options;
  }

  /**
   * The group that a user calls.
   * @throws ProtocolError `store-unavailable`, `unknown-group`, `not-a-member` or `group-of-one`
   */
  async findGroup(
    groupId: string,
    name: string,
  ): Promise<{ readonly group: Group; readonly self: User; readonly others: readonly User[] }> {
    const found = await this.#options.groups.find(groupId).catch((error: unknown) => {
      if (!(error instanceof StoreUnavailableError)) throw error;
      throw new ProtocolError(
        'store-unavailable',
        'The membership database does not answer: no group can be called.',
      );
    });
    if (!found)
      throw new ProtocolError('unknown-group', 'There is no such group; import it, or check its id.');
    const self = found.members.find(({ id }) => id === name);
    if (!self) throw notAMember();
    const others = found.members.filter(({ id }) => id !== name);
    if (others.length === 0) throw new ProtocolError('group-of-one', 'There is nobody else in this group.');
    return { group: found.group, self, others };
  }

  /**
   * Whether a user may be in a group's call; while the store is gone, those may who could before.
   * @param room of the group, if it has one
   */
  isMember(groupId: string, room: RoomState | undefined, name: string): Promise<boolean> {
    return this.#options.groups
      .isMember(groupId, name)
      .catch(orKnown(() => room !== undefined && memberNamed(room, name) !== undefined));
  }

  /**
   * Members to be invited into a running call, by their names.
   * @throws ProtocolError `not-a-member` when one of them is none
   */
  async inviteesNamed(room: RoomState, names: readonly string[]): Promise<Invitee[]> {
    const users = await this.#options.groups
      .find(room.facts.room)
      .then((found) => found?.members ?? [])
      .catch(orKnown(() => room.members.map(userOf)));
    const members = new Map(users.map((user) => [user.id, user]));
    const invited = [...new Set(names)].map((name) => {
      const user = members.get(name);
      if (!user) throw notAMember(`"${name}" is not a member of this group.`);
      return user;
    });
    return this.inviteesOf(invited);
  }

  /** Users, and whether they can be rung. */
  async inviteesOf(users: readonly User[]): Promise<Invitee[]> {
    return Promise.all(
      users.map(async (user): Promise<Invitee> => {
        const reachable = await this.#reachable(user.id);
        const person = personOf(user, reachable?.user);
        if (!reachable) return { person, availability: 'offline' };
        return { person, availability: (await this.#options.occupancy.of(user.id)) ? 'busy' : 'free' };
      }),
    );
  }

  /** A user as others see it, as far as anything is known. */
  async personNamed(name: string): Promise<Person> {
    const stored = await this.#options.groups.user(name).catch(orKnown(() => undefined));
    const reachable = await this.#reachable(name);
    return personOf(stored ?? { id: name, name: '', avatar: '' }, reachable?.user);
  }

  /** The tutorials' pages do not know what a group's call is. */
  async #reachable(name: string): Promise<ConnectionRef | undefined> {
    return (await this.#options.presence.connectionsOf(name)).find(({ dialect }) => dialect === 'widget');
  }
}

/** What is known without the store, when that is gone. */
function orKnown<T>(known: () => T): (error: unknown) => T {
  return (error) => {
    if (error instanceof StoreUnavailableError) return known();
    throw error;
  };
}
