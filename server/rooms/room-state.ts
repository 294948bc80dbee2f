import type {
  Candidate,
  ClientMessageId,
  Media,
  MediaFlags,
  Person,
  RefusalCode,
  ServerMessageInput,
  StopReason,
  ErrorCode,
} from '../../protocol/index.ts';
import type { CallParticipant, CallRecord } from '../groups/index.ts';

/** What never changes during a group call. */
export interface RoomFacts {
  readonly callId: string;
  /** The room's id: the group's. */
  readonly room: string;
  /** Missing for a room that belongs to no group, as the tutorials make them. */
  readonly group?: { readonly id: string; readonly name: string; readonly owner: string | null };
  readonly caller: Person;
  readonly media: Media;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** Somebody in the room, by one of its connections. */
export interface Seat {
  readonly person: Person;
  /** The id of the connection. */
  readonly device: string;
  readonly flags: MediaFlags;
  /** A moderator has taken its audio off, and it has not put it back. */
  readonly isMuted: boolean;
  /** Whose media it has asked for, by name; only of people in the room. */
  readonly receives: readonly string[];
}

/** How it stands with somebody who was invited. */
export type InvitationState = 'ringing' | 'declined' | 'busy' | 'no-answer' | 'offline' | 'joined';

/** Somebody who was called into the room. */
export interface Invitation {
  readonly person: Person;
  readonly state: InvitationState;
  /** Which round of ringing it belongs to: each has a timer of its own. */
  readonly round: number;
}

/** Whether somebody to be invited can be rung. */
export type Availability = 'free' | 'busy' | 'offline';

/** Somebody to be invited. */
export interface Invitee {
  readonly person: Person;
  readonly availability: Availability;
}

/** When somebody was in the room: for the record. */
export interface Stay {
  readonly name: string;
  readonly joinedAt: number;
  readonly leftAt?: number;
}

/** What a client measured last; see the `quality` message. */
export type Quality = NonNullable<CallParticipant['quality']>;

/** All that is known of a group call and its room; only `room-machine.ts` makes new ones. */
export interface RoomState {
  readonly facts: RoomFacts;
  readonly isEnded: boolean;
  /** The caller's connection, until it has joined, left, or let the time pass. */
  readonly reservedFor: string | undefined;
  /** In the order of their coming; nobody twice. */
  readonly seats: readonly Seat[];
  readonly invitations: readonly Invitation[];
  /** Rounds of ringing so far. */
  readonly rounds: number;
  /** Removed by a moderator: may not come back until invited again. */
  readonly barred: readonly string[];
  /** Everybody who was in the room, in the order of their first coming. */
  readonly stays: readonly Stay[];
  readonly isMediaUp: boolean;
  /** The highest generation of any offer or `restartMedia` so far. */
  readonly generation: number;
  /** What each page measured last, by its user's name. */
  readonly quality: Readonly<Record<string, Quality>>;
}

/** A timer of the room: the caller's reservation, or one round of ringing. */
export type RoomTimer = { readonly name: 'reserve' } | { readonly name: 'ring'; readonly round: number };

/** What can happen to a room. `device` is the id of the connection it came from. */
export type RoomEvent =
  /** The driver has checked that the person may be in this room, and is in no other. */
  | { readonly type: 'join'; readonly person: Person; readonly device: string; readonly flags: MediaFlags }
  /** A connection leaves, or has gone for good. */
  | {
      readonly type: 'leave';
      readonly device: string;
      readonly reason: 'hangup' | 'peer-lost';
    }
  /** A connection of a member who is busy with nothing else has registered. */
  | { readonly type: 'connected'; readonly name: string; readonly device: string }
  | {
      readonly type: 'decline';
      readonly name: string;
      readonly device: string;
      readonly code: 'declined' | 'busy' | 'no-device';
    }
  /** The driver has checked that these are members. */
  | { readonly type: 'invite'; readonly device: string; readonly invitees: readonly Invitee[] }
  | {
      readonly type: 'moderate';
      readonly device: string;
      readonly action: 'mute' | 'remove' | 'end';
      readonly target?: string | undefined;
    }
  | { readonly type: 'media-state'; readonly device: string; readonly flags: MediaFlags }
  | {
      readonly type: 'receive';
      readonly device: string;
      readonly sender: string;
      readonly sdpOffer: string;
      readonly generation: number;
    }
  | { readonly type: 'cancel-receive'; readonly device: string; readonly sender: string }
  /** Of the connection that carries `sender`'s media to or from this device. */
  | {
      readonly type: 'candidate';
      readonly device: string;
      readonly sender: string;
      readonly generation: number;
      readonly candidate: Candidate;
    }
  | { readonly type: 'quality'; readonly device: string; readonly quality: Quality }
  /** The group has lost a member. */
  | { readonly type: 'member-removed'; readonly name: string }
  | { readonly type: 'timeout'; readonly timer: RoomTimer }
  | { readonly type: 'group-deleted' }
  /** The media server went away. */
  | { readonly type: 'media-lost' }
  /** There is a media server again. */
  | { readonly type: 'media-back' }
  /** No media server could be had. */
  | { readonly type: 'media-unavailable' }
  | { readonly type: 'shutdown' };

/** What the driver has to do, in this order. */
export type RoomEffect =
  | { readonly type: 'send'; readonly devices: readonly string[]; readonly message: ServerMessageInput }
  /** To every connection of these users, but for one that knows already. */
  | {
      readonly type: 'send-users';
      readonly names: readonly string[];
      readonly except?: string;
      readonly message: ServerMessageInput;
    }
  /** To every connected member of the group. */
  | { readonly type: 'send-group'; readonly message: ServerMessageInput }
  /** The request of this connection is refused. */
  | {
      readonly type: 'refuse';
      readonly device: string;
      readonly code: ErrorCode;
      readonly message: string;
      readonly inReplyTo: ClientMessageId;
    }
  /** Makes the room's pipeline. */
  | { readonly type: 'open-media' }
  /** Waits for a media server, after the one that had the room was lost. */
  | { readonly type: 'reopen-media' }
  /** The one who is `sender` sends its media to the room. Replaces what it sent before. */
  | ({ readonly type: 'publish' } & Negotiation)
  /** Sends the media of `sender` to a connection. Replaces what it got from that one before. */
  | ({ readonly type: 'subscribe' } & Negotiation)
  | { readonly type: 'unsubscribe'; readonly device: string; readonly sender: string }
  /** From now on the audio of `sender` reaches nobody, whoever subscribes and whatever is negotiated again. */
  | { readonly type: 'mute'; readonly sender: string }
  | { readonly type: 'unmute'; readonly sender: string }
  | {
      readonly type: 'add-candidate';
      readonly device: string;
      readonly sender: string;
      readonly generation: number;
      readonly candidate: Candidate;
    }
  /** Releases what the connection of this user sends to the room and receives from it. */
  | { readonly type: 'release-seat'; readonly device: string; readonly name: string }
  /** The user is free for other calls. */
  | { readonly type: 'free'; readonly name: string }
  /** Releases the pipeline and all that is left. */
  | { readonly type: 'release-media' }
  | { readonly type: 'start-timer'; readonly timer: RoomTimer }
  | { readonly type: 'stop-timer'; readonly timer: RoomTimer }
  /** The call is over. */
  | { readonly type: 'record'; readonly record: CallRecord };

/** One media connection to be made. */
export interface Negotiation {
  readonly device: string;
  readonly sender: string;
  readonly sdpOffer: string;
  readonly generation: number;
}

/** What becomes of a room, and what is to be done about it. */
export type RoomStep = readonly [RoomState, readonly RoomEffect[]];

/** Why somebody's part in the call is over, as the others are told. */
export type LeaveReason = Extract<
  StopReason,
  'hangup' | 'peer-lost' | 'media-failed' | 'replaced' | 'removed' | 'ended' | 'shutdown'
>;

/** Why an invitation was refused, as the caller is told. */
export type DeclineCode = Extract<RefusalCode, 'declined' | 'busy' | 'no-device' | 'no-answer'>;

/** The seat of a connection. */
export function seatOf(state: RoomState, device: string): Seat | undefined {
  return state.seats.find((seat) => seat.device === device);
}

/** The seat of a user. */
export function seatOfUser(state: RoomState, name: string): Seat | undefined {
  return state.seats.find(({ person }) => person.name === name);
}

/** The connections in the room, but for one. */
export function devicesIn(state: RoomState, except?: string): string[] {
  return state.seats.map(({ device }) => device).filter((device) => device !== except);
}
