import type { ClientMessageOf, Media, MediaFlags, Person } from '../../protocol/index.ts';
import type {
  Deadlines,
  EndpointId,
  EndpointState,
  PageEvent,
  Quality,
  SessionEffect,
  SessionEvent,
  SessionFacts,
  SessionState,
  Tagged,
} from '../sessions/session-state.ts';

/** What never changes during a group call. */
export interface RoomFacts extends SessionFacts<'reserve' | 'ring'> {
  /** The room's id: the group's. */
  readonly room: string;
  /** Missing for a room that belongs to no group, as the tutorials make them. */
  readonly group?: { readonly id: string; readonly name: string; readonly owner: string | null };
}

/**
 * The room waits for its caller, and for the invited to answer; and to tell how it stands with the invited, and with
 * the group's call, again.
 */
export type RoomTimer = 'reserve' | 'ring' | 'invited' | 'group-call';

/** At most this often the whole group hears of its call, and anybody in the room anew of all the invited. */
export const ANNOUNCEMENT_INTERVAL_MS = 1_000;

/** When something was told last, in milliseconds since 1970, and whether it has changed since. */
export interface Announcement {
  readonly at: number;
  readonly isDue: boolean;
}

/** A connection's endpoint for the media of `sender`: what it sends itself, or what it gets of another one. */
export interface RoomEndpoint extends EndpointId {
  readonly sender: string;
}

/** Somebody in the room, by one of its connections. */
export interface Participant {
  readonly person: Person;
  readonly connectionId: string;
  /** The version of the protocol that its page speaks. */
  readonly protocol: number;
  readonly flags: MediaFlags;
  /** A moderator has taken its audio off, and it has not put it back. */
  readonly isMuted: boolean;
  /**
   * One for each whose media it has asked for, only of people in the room: as a subscriber, or of its own name as a
   * publisher. Nobody twice.
   */
  readonly endpoints: readonly (EndpointState & { readonly sender: string })[];
}

/** Somebody who was called into the room, and how that stands; `until`: how long it rings, in milliseconds since 1970. */
export type Invitation = Readonly<
  | { person: Person; state: 'ringing'; until: number }
  | { person: Person; state: 'declined' | 'busy' | 'no-answer' | 'offline' | 'joined' }
>;

/** Somebody to be invited, and whether they can be rung. */
export interface Invitee {
  readonly person: Person;
  readonly availability: 'free' | 'busy' | 'offline';
}

/** When somebody was in the room, and how it went: for the record. */
interface Attendance {
  readonly name: string;
  readonly joinedAt: number;
  readonly leftAt?: number;
  /** What its page measured last. */
  readonly quality?: Quality;
}

/** All that is known of a group call and its room; only `room-machine.ts` makes new ones. */
export interface RoomState extends SessionState {
  readonly facts: RoomFacts;
  readonly isEnded: boolean;
  /** The group's members, as far as they are known here. */
  readonly members: readonly Person[];
  /** The caller's connection, until it has joined, left, or let the time pass. */
  readonly reservation?: { readonly connectionId: string; readonly until: number } | undefined;
  /** In the order of their coming; nobody twice. */
  readonly participants: readonly Participant[];
  readonly invitations: readonly Invitation[];
  /** Removed by a moderator: may not come back until invited again. */
  readonly barred: readonly string[];
  /** Everybody who was in the room, in the order of their first coming. */
  readonly attendances: readonly Attendance[];
  /** Of `invitedState`: to pages of protocol 1 or, with `isForAll`, to everybody. */
  readonly invitedTold?: (Announcement & { readonly isForAll: boolean }) | undefined;
  /** Of `groupCallState` to the group. */
  readonly groupCallTold?: Announcement;
}

/** The messages of a connection about the room that it is in, but for invitations. */
export type InRoomMessage = ClientMessageOf<
  | 'receiveVideoFrom'
  | 'cancelVideoFrom'
  | 'onIceCandidate'
  | 'leaveRoom'
  | 'moderate'
  | 'mediaState'
  | 'quality'
>;

/** What can happen to a room. */
export type RoomEvent =
  | PageEvent<InRoomMessage>
  | Tagged<{
      /** It was checked that the person may be in this room, and is in no other. */
      join: { person: Person; connectionId: string; protocol: number; media: Media };
      /** Its socket has gone for good; `isClean`: the page closed it itself. */
      left: { connectionId: string; isClean: boolean };
      /** A connection of a member who is busy with nothing else has registered. */
      connected: { name: string; connectionId: string };
      decline: { name: string; connectionId: string; code: 'declined' | 'busy' | 'no-device' };
      /** It was checked that these are members. */
      invite: { connectionId: string; invitees: readonly Invitee[] };
      'member-added': { person: Person };
      'members-removed': { names: readonly string[] };
      'group-deleted': object;
    }>
  | SessionEvent<RoomEndpoint, RoomTimer>;

/** The room event of a type. */
export type EventOf<Type extends RoomEvent['type']> = Extract<RoomEvent, { type: Type }>;

/** What has to be done for a room. */
export type RoomEffect = SessionEffect<RoomEndpoint>;

/** What becomes of a room, and what is to be done about it. */
export type RoomStep = readonly [RoomState, readonly RoomEffect[]];

/** The types that make a room a kind of session. */
export interface RoomKind {
  State: RoomState;
  Event: RoomEvent;
  Endpoint: RoomEndpoint;
  Timer: RoomTimer;
}

/** The timers that run: one for all that ring, which goes off for those who have rung longest. */
export function deadlinesOf(state: RoomState): Deadlines<RoomTimer> {
  const { reservation, invitations, invitedTold, groupCallTold } = state;
  const rings = invitations.flatMap((invitation) => (invitation.state === 'ringing' ? invitation.until : []));
  return {
    ...(reservation && { reserve: reservation.until }),
    ...(rings.length > 0 && { ring: rings.reduce((first, until) => Math.min(first, until)) }),
    ...(invitedTold?.isDue && { invited: invitedTold.at + ANNOUNCEMENT_INTERVAL_MS }),
    ...(groupCallTold?.isDue && { 'group-call': groupCallTold.at + ANNOUNCEMENT_INTERVAL_MS }),
  };
}

/** The participant who is there by this connection. */
export function participantOf(state: RoomState, connectionId: string): Participant | undefined {
  return state.participants.find((participant) => participant.connectionId === connectionId);
}

/** The participant of this name. */
export function participantNamed(state: RoomState, name: string): Participant | undefined {
  return state.participants.find(({ person }) => person.name === name);
}

/** Changes one participant. */
export function withParticipant(state: RoomState, changed: Participant): RoomState {
  const { connectionId } = changed;
  const participants = state.participants.map((other) =>
    other.connectionId === connectionId ? changed : other,
  );
  return { ...state, participants };
}

/** Whether the room keeps this user busy: it is in it, or awaited. */
export function keeps(state: RoomState, name: string): boolean {
  const isAwaited = state.reservation !== undefined && name === state.facts.caller.name;
  return isAwaited || participantNamed(state, name) !== undefined;
}

/** Whether the room knows this connection: its participant is in it, or awaited. */
export function hasPartIn(state: RoomState, connectionId: string): boolean {
  return state.reservation?.connectionId === connectionId || participantOf(state, connectionId) !== undefined;
}

/** A member of the room's group. */
export function memberNamed({ members }: RoomState, name: string): Person | undefined {
  return members.find((member) => member.name === name);
}
