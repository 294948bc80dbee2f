import { randomUUID } from 'node:crypto';
import {
  type ClientMessage,
  type ClientMessageOf,
  ProtocolError,
  type ServerMessageOf,
} from '../../protocol/index.ts';
import type { ConnectionRef } from '../cluster/presence.ts';
import type { Membership } from '../groups/index.ts';
import { alreadyInCall, notAMember, unknownRoom } from '../sessions/errors.ts';
import { GROUP_CALL_QUOTA, OFFER_QUOTA } from '../sessions/limits.ts';
import { Quota } from '../sessions/quota.ts';
import { SessionRegistry, type SessionsOptions } from '../sessions/registry.ts';
import type { SessionPolicy, SessionRunner } from '../sessions/runner.ts';
import { pageEvent } from '../sessions/session-state.ts';
import { type GroupDirectory, personOf, userOf } from './group-directory.ts';
import { InviteLimit } from './invite-limit.ts';
import { advance, openRoom, startRoom } from './room-machine.ts';
import { groupCallState } from './room-announcements.ts';
import { RoomPeople } from './room-people.ts';
import {
  deadlinesOf,
  type InRoomMessage,
  keeps,
  memberNamed,
  hasPartIn,
  participantOf,
  type RoomFacts,
  type RoomKind,
  type RoomState,
} from './room-state.ts';

/** How long a room waits for its caller. */
const RESERVATION_MS = 30_000;

/** Messages that are of no account once the room has gone: they may have crossed its end. */
const MAY_CROSS_THE_END: readonly string[] = ['onIceCandidate', 'cancelVideoFrom', 'leaveRoom', 'quality'];

type CallGroup = Extract<ClientMessage, { id: 'call'; reqType: 'group' }>;
type Answer = ClientMessageOf<'answering' | 'incomingCallResponse'>;
type Room = SessionRunner<RoomKind>;

interface EndedRoom {
  readonly room: string;
  readonly names: readonly string[];
}

/** A message about a group's call or a room. */
export type RoomMessage = CallGroup | Answer | ClientMessageOf<'joinRoom' | 'invite'> | InRoomMessage;

export interface RoomsOptions extends SessionsOptions {
  readonly groups: GroupDirectory;
  /** Default `RESERVATION_MS`. */
  readonly reservationMs?: number | undefined;
}

const POLICY: SessionPolicy<RoomKind> = {
  advance,
  deadlinesOf,
  phaseOf: ({ isEnded }) => (isEnded ? 'ended' : 'running'),
  labelsOf: ({ facts: { callId, room, caller } }) => ({ callId, room, caller: caller.name }),
  candidateMessage: ({ facts }, { sender }, found) => ({
    id: 'iceCandidate',
    room: facts.room,
    name: sender,
    ...found,
  }),
};

/** The group calls of this server, and the rooms of Kurento's group-call tutorial, which have names of their own. */
export class Rooms {
  readonly #options: RoomsOptions;
  readonly #people: RoomPeople;
  /** By call. Of the groups' that ended it is remembered which room it was, and who was in it. */
  readonly #rooms: SessionRegistry<RoomKind, EndedRoom>;
  readonly #byGroup = new Map<string, Room>();
  /** Who has just lost its membership: an import may take it from thousands, and the room learns it at once. */
  readonly #removed = new Map<string, string[]>();
  readonly #inviteLimit = new InviteLimit();
  readonly #callQuota: Quota;
  readonly #offerQuota: Quota;

  constructor(options: RoomsOptions) {
    this.#options = options;
    this.#people = new RoomPeople(options);
    this.#callQuota = new Quota(GROUP_CALL_QUOTA, options.callsMax);
    this.#offerQuota = new Quota(OFFER_QUOTA, options.offersMax);
    this.#rooms = new SessionRegistry('room', POLICY, options);
  }

  /** How many rooms there are. */
  get size(): number {
    return this.#rooms.size;
  }

  /** Whether this call is, or was lately, a group's. */
  owns(callId: string): boolean {
    return this.#rooms.get(callId) !== undefined || this.#rooms.ended.has(callId);
  }

  /** @throws ProtocolError */
  async handle(connection: ConnectionRef, message: RoomMessage): Promise<void> {
    switch (message.id) {
      case 'call':
        return this.#call(connection, message);
      case 'joinRoom':
        return connection.dialect === 'groupcall'
          ? this.#joinTutorial(connection, message)
          : this.#join(connection, message);
      case 'invite':
        return this.#invite(connection, message);
      case 'answering':
      case 'incomingCallResponse':
        return this.#answer(connection, message);
      default:
        return this.#inRoom(connection, message);
    }
  }

  /** The running calls of a user's groups. */
  async groupCallsOf(name: string): Promise<ServerMessageOf<'groupCallState'>[]> {
    return this.#groupRoomsOf(name).flatMap(({ state }) => groupCallState(state) ?? []);
  }

  /** A connection has been registered: if its user is being rung, it rings too. */
  async connected({ id: connectionId, user: { name }, dialect }: ConnectionRef): Promise<void> {
    if (dialect !== 'widget' || (await this.#options.occupancy.of(name))) return;
    for (const room of this.#groupRoomsOf(name)) room.dispatch({ type: 'connected', name, connectionId });
  }

  /**
   * A connection has gone for good.
   * @param isClean whether its page closed it itself
   */
  async left({ id: connectionId, user }: ConnectionRef, isClean: boolean): Promise<void> {
    const room = await this.#rooms.of(user.name);
    room?.dispatch({ type: 'left', connectionId, isClean });
  }

  /** A group has a new member, who hears of its call. */
  async memberAdded({ groupId, userId }: Membership): Promise<void> {
    if (!this.#byGroup.has(groupId)) return;
    const person = await this.#people.personNamed(userId);
    this.#byGroup.get(groupId)?.dispatch({ type: 'member-added', person });
  }

  /** A group has lost a member, who takes no more part in its call. */
  memberRemoved({ groupId, userId }: Membership): void {
    const removed = this.#removed.get(groupId);
    if (removed) return void removed.push(userId);
    this.#removed.set(groupId, [userId]);
    queueMicrotask(() => this.#tellRemoved(groupId));
  }

  /** There is no such group any more. */
  groupDeleted(groupId: string): void {
    this.#tellRemoved(groupId);
    this.#byGroup.get(groupId)?.dispatch({ type: 'group-deleted' });
  }

  /** Ends every room, because the server stops. */
  shutDown(): void {
    this.#rooms.shutDown();
  }

  async #call(connection: ConnectionRef, { groupId, media }: CallGroup): Promise<void> {
    const { name } = connection.user;
    const running = this.#byGroup.get(groupId);
    if (running) return this.#tellRunning(connection, running);
    this.#callQuota.take(name, performance.now());
    const { group, self, others } = await this.#people.findGroup(groupId, name);
    if (!this.#options.pool.available) {
      throw new ProtocolError(
        'media-unavailable',
        'No media server is available: see the log of the server.',
      );
    }
    const invitees = await this.#people.inviteesOf(others);
    const callId = randomUUID();
    await this.#holding(name, callId, async () => {
      const isHere = await this.#rooms.isConnected(connection);
      // What was waited for took time: the page may have gone, or another member called.
      if (!isHere || this.#byGroup.has(groupId)) return;
      const about = { id: groupId, name: group.name || groupId, owner: group.owner };
      const caller = personOf(self, connection.user);
      const facts = this.#factsOf({ callId, room: groupId, group: about, caller, media });
      const start = startRoom(facts, connection.id, invitees);
      const onEnd = () => void this.#byGroup.delete(groupId);
      this.#byGroup.set(groupId, this.#rooms.open(callId, start, { memoryOf: endedRoomOf, onEnd }));
    });
    const overtaking = this.#byGroup.get(groupId);
    if (overtaking && !this.#rooms.get(callId)) await this.#tellRunning(connection, overtaking);
  }

  #tellRemoved(groupId: string): void {
    const names = this.#removed.get(groupId);
    this.#removed.delete(groupId);
    if (names) this.#byGroup.get(groupId)?.dispatch({ type: 'members-removed', names });
  }

  /** The group has a call already: its page joins that. */
  async #tellRunning(connection: ConnectionRef, running: Room): Promise<void> {
    const { callId, room } = running.state.facts;
    const { name } = connection.user;
    if (!(await this.#people.isMember(room, running.state, name))) throw notAMember();
    const own = await this.#options.occupancy.of(name);
    if (own && own.id !== callId) throw alreadyInCall();
    const nobody = { invited: [], offline: [] };
    const progress = { id: 'callProgress', callId, state: 'ringing', room, ...nobody } as const;
    this.#options.presence.send(connection.id, progress);
  }

  async #join(connection: ConnectionRef, { room: id, media }: ClientMessageOf<'joinRoom'>): Promise<void> {
    const { name } = connection.user;
    const room = await this.#roomOpenTo(name, id);
    await this.#holding(name, room.state.facts.callId, async () => {
      if (!(await this.#rooms.isConnected(connection))) return;
      const known = userOf(memberNamed(room.state, name) ?? connection.user);
      const person = personOf(known, connection.user);
      const { id: connectionId, protocol } = connection;
      room.dispatch({ type: 'join', person, connectionId, protocol, media });
    });
    if (room.isEnded) throw unknownRoom();
    // Who lost its membership between the first look and joining must not stay.
    await this.#roomOpenTo(name, id);
  }

  /** The tutorial's rooms come to be by being joined. Nobody owns a name there: its pages prove nothing. */
  async #joinTutorial(
    connection: ConnectionRef,
    { room: id, media }: ClientMessageOf<'joinRoom'>,
  ): Promise<void> {
    const { user } = connection;
    const callId = `groupcall:${id}`;
    await this.#holding(user.name, callId, async () => {
      if (!(await this.#rooms.isConnected(connection))) return;
      const { id: connectionId, protocol } = connection;
      const join = { type: 'join', person: user, connectionId, protocol, media } as const;
      const room = this.#rooms.get(callId);
      if (room) return room.dispatch(join);
      const facts = this.#factsOf({ callId, room: id, caller: user, media });
      this.#rooms.open(callId, openRoom(facts, join), {});
    });
  }

  async #invite(connection: ConnectionRef, { room: id, to }: ClientMessageOf<'invite'>): Promise<void> {
    const room = this.#byGroup.get(id);
    if (!room || !participantOf(room.state, connection.id)) throw unknownRoom();
    this.#inviteLimit.take(connection.user.name, to.length, connection.protocol, performance.now());
    const invitees = await this.#people.inviteesNamed(room.state, to);
    room.dispatch({ type: 'invite', connectionId: connection.id, invitees });
  }

  /** Who accepts joins; only a refusal needs an answer. */
  #answer(connection: ConnectionRef, message: Answer): void {
    const { callId = '' } = message;
    const room = this.#rooms.get(callId);
    const isReject = message.id === 'incomingCallResponse' && message.callResponse === 'reject';
    if (!room && !isReject) {
      const room = this.#rooms.ended.get(callId)?.room;
      const stop = { id: 'stopCommunication', callId, room, reason: 'cancelled' } as const;
      return this.#options.presence.send(connection.id, stop);
    }
    if (!isReject) return;
    const { id: connectionId, user } = connection;
    room?.dispatch({ type: 'decline', name: user.name, connectionId, code: message.code ?? 'declined' });
  }

  async #inRoom(connection: ConnectionRef, message: InRoomMessage): Promise<void> {
    const { room: id } = message;
    const isNamed = id !== undefined && connection.dialect !== 'groupcall';
    const room = await (isNamed ? this.#byGroup.get(id) : this.#rooms.of(connection.user.name));
    if (room && hasPartIn(room.state, connection.id)) {
      if (message.id === 'receiveVideoFrom') {
        this.#offerQuota.take(JSON.stringify([connection.user.name, message.sender]), performance.now());
      }
      return room.dispatch(pageEvent(connection.id, message));
    }
    // Whoever had no part in it gets the same answer whether there is such a room or not.
    const wasIn = !isNamed || this.#wasIn(id, connection.user.name);
    if (!wasIn || !MAY_CROSS_THE_END.includes(message.id)) throw unknownRoom();
  }

  #factsOf(facts: Omit<RoomFacts, 'createdAt' | 'timeouts'>): RoomFacts {
    const { ringTimeoutMs, reservationMs } = this.#options;
    const timeouts = { ring: ringTimeoutMs, reserve: reservationMs ?? RESERVATION_MS };
    return { ...facts, createdAt: Date.now(), timeouts };
  }

  /**
   * Does something while a user is taken for a call, and frees it again unless the call's room keeps it.
   * @throws ProtocolError `already-in-call`
   */
  async #holding(name: string, callId: string, action: () => Promise<void>): Promise<void> {
    const own = (await this.#rooms.claim([name], callId)).get(name);
    if (own && own.id !== callId) throw alreadyInCall();
    try {
      await action();
    } finally {
      const room = this.#rooms.get(callId);
      if (!room || !keeps(room.state, name)) await this.#rooms.release([name], callId);
    }
  }

  /**
   * The room of a group, for its members. Others learn nothing, not even how long the answer takes when there is one.
   * @throws ProtocolError `unknown-room`
   */
  async #roomOpenTo(name: string, groupId: string): Promise<Room> {
    const isMember = await this.#people.isMember(groupId, this.#byGroup.get(groupId)?.state, name);
    const room = this.#byGroup.get(groupId);
    if (!isMember) room?.dispatch({ type: 'members-removed', names: [name] });
    if (!isMember || !room) throw unknownRoom();
    return room;
  }

  /** Whether a user was in the group's call that runs, or in one that has ended lately. */
  #wasIn(groupId: string, name: string): boolean {
    const running = this.#byGroup.get(groupId);
    if (running && namesIn(running.state).includes(name)) return true;
    return [...this.#rooms.ended.values()].some(
      ({ room, names }) => room === groupId && names.includes(name),
    );
  }

  #groupRoomsOf(name: string): Room[] {
    return [...this.#byGroup.values()].filter(({ state }) => memberNamed(state, name));
  }
}

function endedRoomOf(state: RoomState): EndedRoom {
  return { room: state.facts.room, names: namesIn(state) };
}

/** Everybody who was awaited in the room, or came. */
function namesIn({ facts, attendances }: RoomState): string[] {
  return [facts.caller.name, ...attendances.map(({ name }) => name)];
}
