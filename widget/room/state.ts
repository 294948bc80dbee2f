import type { InvitedCounts, Media, Participant, Person, ServerMessageOf } from '../../protocol/index.ts';
import type { Negotiation } from '../session/negotiation.ts';
import type { CallInfo, EndedRoomInfo, Problem, SessionEffect, SessionEvent } from '../session/state.ts';
import type { Group } from '../session/terms.ts';
import type { InvitedView } from './view.ts';

/** A group's call that runs, as the group's members are told. */
type GroupCall = ServerMessageOf<'groupCallState'>;

/** Which group is called, for what, and how one came to it. */
export interface RoomInfo extends CallInfo {
  readonly group: Group;
}

/** A group's call that rings here. */
export interface Ringing extends RoomInfo {
  readonly phase: 'incoming';
  readonly callId: string;
  readonly caller: Person;
  readonly memberCount: number;
}

/** One's part in a group's call, from the click until it is over. */
export interface InRoom extends RoomInfo {
  readonly phase: 'room';
  readonly room: string;
  /** `entering`: until the server has told who is there; again after the session was lost. */
  readonly stage: 'entering' | 'in';
  /** The messages that lead into the room are sent. */
  readonly asked: boolean;
  /** When it was joined first, in milliseconds since 1970. */
  readonly startedAt?: number;
  /** In the order of their joining. */
  readonly others: readonly Participant[];
  /** What one sends to the room, under one's own name, and what each of the others sends. */
  readonly connections: ReadonlyMap<string, Negotiation>;
  /** The generation that new connections begin with: higher than any that was given up. */
  readonly generation: number;
  /** As the server tells; who came is `left` once out of `others` again. */
  readonly invited: readonly InvitedView[];
  /** How many there are of them in each state, if the server counts. */
  readonly counts?: InvitedCounts | undefined;
  /** Who left without having been invited: the caller. */
  readonly left: readonly Person[];
  readonly canModerate: boolean;
  readonly mutedBy?: Person | undefined;
  /** Somebody else was in the room, now or before. */
  readonly met: boolean;
}

export interface Ended extends EndedRoomInfo {
  readonly phase: 'ended';
}

/** All that a page knows of group calls. */
export interface RoomState {
  readonly current: { readonly phase: 'idle' } | Ringing | InRoom | Ended | Problem<RoomInfo>;
  /** At most one for each group. */
  readonly running: readonly GroupCall[];
  /** Calls from which a moderator removed this user: they are not offered again. */
  readonly removedFrom: readonly string[];
  /** Unknown until the first registration. */
  readonly self?: Person;
  /** Whether messages reach the server now. */
  readonly online: boolean;
}

export const IDLE: RoomState = { current: { phase: 'idle' }, running: [], removedFrom: [], online: false };

/** What happens to group calls. */
export type RoomEvent =
  | SessionEvent
  | { readonly type: 'registered'; readonly user: Person; readonly groupCalls: readonly GroupCall[] }
  | { readonly type: 'dial'; readonly group: Group; readonly media: Media }
  /** Joins what rings, or what runs. */
  | { readonly type: 'join'; readonly groupId: string; readonly media: Media }
  | { readonly type: 'reject'; readonly code: 'declined' | 'busy' }
  /** Leaves the room, or stops trying to enter it. */
  | { readonly type: 'leave' }
  | { readonly type: 'invite'; readonly names: readonly string[] }
  | { readonly type: 'moderate'; readonly action: 'mute' | 'remove' | 'end'; readonly target?: string }
  /** What rings goes on ringing, but not here. */
  | { readonly type: 'go-away' }
  | { readonly type: 'muter-forgotten' };

/** What must be done about it. */
export type RoomEffect =
  | SessionEffect
  | { readonly type: 'mute-microphone' }
  /** Answer with `muter-forgotten` in a moment. */
  | { readonly type: 'forget-muter' };

export type Transition = readonly [RoomState, readonly RoomEffect[]];
