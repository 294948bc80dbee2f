import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import {
  type ClientMessage,
  type ClientMessageOf,
  type Media,
  type Person,
  ProtocolError,
  type ServerMessageOf,
} from '../../protocol/index.ts';
import type { MediaPool } from '../sessions/media.ts';
import type { Occupancy } from '../cluster/occupancy.ts';
import type { ConnectionRef, Presence } from '../cluster/presence.ts';
import type { CallRecord, Membership } from '../groups/index.ts';
import { ActiveRoom } from './active-room.ts';
import { type GroupDirectory, personOf, userOf } from './group-directory.ts';
import { eventOf, type InRoomMessage, mayCrossTheEnd } from './room-events.ts';
import { openRoom, startRoom } from './room-machine.ts';
import { RoomPeople } from './room-people.ts';
import type { RoomEvent, RoomStep } from './room-state.ts';

/** How long a room waits for its caller. */
export const RESERVATION_MS = 30_000;
/** Calls that are remembered when they are over. */
const REMEMBERED_MAX = 1000;

type CallGroup = Extract<ClientMessage, { id: 'call'; reqType: 'group' }>;
type Answer = ClientMessageOf<'answering' | 'incomingCallResponse'>;
type Join = Extract<RoomEvent, { type: 'join' }>;

/** A message about a group's call or a room. */
export type RoomMessage = CallGroup | Answer | ClientMessageOf<'joinRoom' | 'invite'> | InRoomMessage;

export interface RoomsOptions {
  readonly presence: Presence;
  readonly occupancy: Occupancy;
  readonly pool: MediaPool;
  readonly groups: GroupDirectory;
  readonly records: { record(record: CallRecord): void };
  readonly ringTimeoutMs: number;
  /** Default `RESERVATION_MS`. */
  readonly reservationMs?: number | undefined;
  readonly logger: Logger;
}

/** The group calls of this server, and the rooms of Kurento's group-call tutorial, which have names of their own. */
export class Rooms {
  readonly #options: RoomsOptions;
  readonly #people: RoomPeople;
  readonly #byGroup = new Map<string, ActiveRoom>();
  readonly #byTutorialName = new Map<string, ActiveRoom>();
  readonly #byCall = new Map<string, ActiveRoom>();
  /** Rooms of the calls that ended last, by call: messages that were under way then are no mistake. */
  readonly #ended = new Map<string, string>();

  constructor(options: RoomsOptions) {
    this.#options = options;
    this.#people = new RoomPeople(options);
  }

  /** How many rooms there are. */
  get size(): number {
    return this.#byCall.size;
  }

  /** Whether this call is, or was lately, a group's. */
  owns(callId: string): boolean {
    return this.#byCall.has(callId) || this.#ended.has(callId);
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
    return [...this.#byGroup.values()].flatMap((room) =>
      room.members.has(name) && room.groupCall ? [room.groupCall] : [],
    );
  }

  /** A connection has been registered: if its user is being rung, it rings too. */
  async connected({ id: device, user: { name }, dialect }: ConnectionRef): Promise<void> {
    if (dialect !== 'widget' || (await this.#options.occupancy.of(name))) return;
    for (const room of this.#byGroup.values()) {
      if (room.members.has(name)) room.dispatch({ type: 'connected', name, device });
    }
  }

  /**
   * A connection has gone for good.
   * @param isClean whether its page closed it itself
   */
  async left(connection: ConnectionRef, isClean: boolean): Promise<void> {
    const room = await this.#roomOf(connection);
    room?.dispatch({ type: 'leave', device: connection.id, reason: isClean ? 'hangup' : 'peer-lost' });
  }

  /** A group has a new member, who hears of its call. */
  async memberAdded({ groupId, userId }: Membership): Promise<void> {
    if (!this.#byGroup.has(groupId)) return;
    const person = await this.#people.personNamed(userId);
    this.#byGroup.get(groupId)?.addMember(person);
  }

  /** A group has lost a member, who takes no more part in its call. */
  memberRemoved({ groupId, userId }: Membership): void {
    this.#byGroup.get(groupId)?.removeMember(userId);
  }

  /** There is no such group any more. */
  groupDeleted(groupId: string): void {
    this.#byGroup.get(groupId)?.dispatch({ type: 'group-deleted' });
  }

  /** Ends every room, because the server stops. */
  shutDown(): void {
    for (const room of [...this.#byCall.values()]) room.dispatch({ type: 'shutdown' });
  }

  async #call(connection: ConnectionRef, { groupId, media }: CallGroup): Promise<void> {
    const { name } = connection.user;
    const running = this.#byGroup.get(groupId);
    if (running) return this.#tellRunning(connection, running);
    const { group, self, others } = await this.#people.findGroup(groupId, name);
    if (!this.#options.pool.available) {
      throw new ProtocolError(
        'media-unavailable',
        'No media server is available: see the log of the server.',
      );
    }
    const invitees = await this.#people.inviteesOf(others);
    const callId = randomUUID();
    await this.#claim(name, callId);
    const isHere = await this.#people.isConnected(connection);
    // What was waited for took time: the page may have gone, or another member called.
    const overtaking = this.#byGroup.get(groupId);
    if (!isHere || overtaking) await this.#options.occupancy.release([name], callId);
    if (overtaking) return this.#tellRunning(connection, overtaking);
    if (!isHere) return;
    const facts = {
      callId,
      room: groupId,
      group: { id: groupId, name: group.name || groupId, owner: group.owner },
      caller: personOf(self, connection.user),
      media,
      createdAt: Date.now(),
    };
    const members = [facts.caller, ...invitees.map(({ person }) => person)];
    this.#open(this.#byGroup, startRoom(facts, connection.id, invitees), members);
  }

  /** The group has a call already: its page joins that. */
  async #tellRunning(connection: ConnectionRef, room: ActiveRoom): Promise<void> {
    const { callId, room: id } = room.facts;
    const { name } = connection.user;
    await this.#people.requireMember(room, name);
    const own = await this.#options.occupancy.of(name);
    if (own && own.id !== callId) throw alreadyInCall();
    this.#options.presence.send(connection.id, {
      id: 'callProgress',
      callId,
      state: 'ringing',
      room: id,
      invited: [],
      offline: [],
    });
  }

  async #join(connection: ConnectionRef, { room: id, media }: ClientMessageOf<'joinRoom'>): Promise<void> {
    const room = this.#byGroup.get(id);
    if (!room) throw unknownRoom();
    const { name } = connection.user;
    await this.#people.requireMember(room, name);
    const { callId } = room.facts;
    await this.#claim(name, callId);
    const isHere = await this.#people.isConnected(connection);
    const person = personOf(userOf(room.members.get(name) ?? connection.user), connection.user);
    if (isHere) room.dispatch(joinOf(connection, media, person));
    if (!room.keeps(name)) await this.#options.occupancy.release([name], callId);
    if (room.isEnded) throw unknownRoom();
    // Who lost its membership between the first look and taking its seat must not stay.
    await this.#people.requireMember(room, name);
  }

  /** The tutorial's rooms come to be by being joined. Nobody owns a name there: its pages prove nothing. */
  async #joinTutorial(
    connection: ConnectionRef,
    { room: id, media }: ClientMessageOf<'joinRoom'>,
  ): Promise<void> {
    const { user } = connection;
    const callId = `groupcall:${id}`;
    await this.#claim(user.name, callId);
    const isHere = await this.#people.isConnected(connection);
    const join = joinOf(connection, media, user);
    const room = this.#byTutorialName.get(id);
    if (isHere && room) room.dispatch(join);
    else if (isHere) {
      const facts = { callId, room: id, caller: user, media, createdAt: Date.now() };
      this.#open(this.#byTutorialName, openRoom(facts, join), []);
    } else if (!room?.keeps(user.name)) await this.#options.occupancy.release([user.name], callId);
  }

  async #invite(connection: ConnectionRef, { room: id, to }: ClientMessageOf<'invite'>): Promise<void> {
    const room = this.#byGroup.get(id);
    if (!room?.seats(connection.id)) throw unknownRoom();
    const invitees = await this.#people.inviteesNamed(room, to);
    room.dispatch({ type: 'invite', device: connection.id, invitees });
  }

  /** Who accepts joins; only a refusal needs an answer. */
  #answer(connection: ConnectionRef, message: Answer): void {
    const { callId = '' } = message;
    const room = this.#byCall.get(callId);
    const isReject = message.id === 'incomingCallResponse' && message.callResponse === 'reject';
    if (!room && !isReject) {
      const stop = {
        id: 'stopCommunication',
        callId,
        room: this.#ended.get(callId),
        reason: 'cancelled',
      } as const;
      return this.#options.presence.send(connection.id, stop);
    }
    if (!isReject) return;
    const { name } = connection.user;
    room?.dispatch({ type: 'decline', name, device: connection.id, code: message.code ?? 'declined' });
  }

  async #inRoom(connection: ConnectionRef, message: InRoomMessage): Promise<void> {
    const { room: id } = message;
    const isNamed = id !== undefined && connection.dialect !== 'groupcall';
    const room = isNamed ? this.#byGroup.get(id) : await this.#roomOf(connection);
    if (room) return room.dispatch(eventOf(connection.id, connection.user.name, message));
    const isLate = !isNamed || [...this.#ended.values()].includes(id);
    if (!isLate || !mayCrossTheEnd(message)) throw unknownRoom();
  }

  #open(rooms: Map<string, ActiveRoom>, start: RoomStep, members: readonly Person[]): void {
    const { presence, pool, occupancy, records, logger, ringTimeoutMs, reservationMs } = this.#options;
    const { room: id, callId, group } = start[0].facts;
    const room = new ActiveRoom(start, new Map(members.map((member) => [member.name, member])), {
      presence,
      pool,
      logger,
      timeouts: { ring: ringTimeoutMs, reserve: reservationMs ?? RESERVATION_MS },
      onFree: (name) => void occupancy.release([name], callId),
      onEnd: (record) => {
        rooms.delete(id);
        this.#byCall.delete(callId);
        if (!group) return;
        this.#remember(callId, id);
        records.record(record);
      },
    });
    rooms.set(id, room);
    this.#byCall.set(callId, room);
  }

  #remember(callId: string, room: string): void {
    this.#ended.set(callId, room);
    const [oldest] = this.#ended.keys();
    if (this.#ended.size > REMEMBERED_MAX && oldest !== undefined) this.#ended.delete(oldest);
  }

  async #claim(name: string, callId: string): Promise<void> {
    const conflicts = await this.#options.occupancy.claim([name], { kind: 'room', id: callId });
    const own = conflicts.get(name);
    if (own && own.id !== callId) throw alreadyInCall();
  }

  /** The room that keeps this connection's user busy. */
  async #roomOf({ user }: ConnectionRef): Promise<ActiveRoom | undefined> {
    const activity = await this.#options.occupancy.of(user.name);
    return activity && this.#byCall.get(activity.id);
  }
}

function joinOf({ id }: ConnectionRef, media: Media, person: Person): Join {
  return {
    type: 'join',
    person,
    device: id,
    flags: { audio: true, video: media === 'video', screen: false },
  };
}

function alreadyInCall(): ProtocolError {
  return new ProtocolError('already-in-call', 'You are in a call or room already, or being called.');
}

function unknownRoom(): ProtocolError {
  return new ProtocolError('unknown-room', 'There is no such room, or you are not in it.');
}
