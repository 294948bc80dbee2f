import type { Media, MediaFlags, Person } from '../../protocol/index.ts';
import type { EndedRoomInfo } from '../session/state.ts';
import type { OwnView, ProblemView, SessionActions } from '../session/view.ts';
import type { AbsentState, Group } from '../session/terms.ts';

/** Somebody in the room, oneself included. */
export interface ParticipantView {
  readonly person: Person;
  readonly isSelf: boolean;
  /** Missing until media arrives. */
  readonly stream?: MediaStream;
  /** What they send; when `video` is false the avatar is shown. */
  readonly flags: MediaFlags;
  /** From 0 (silent) to 1; the loudest above a threshold is the speaker. */
  readonly level: number;
  /** Their media connection is being made or made again. */
  readonly isConnecting: boolean;
}

/** Somebody who was asked, or was there, and is not in the room. */
export interface InvitedView {
  readonly person: Person;
  readonly state: AbsentState;
}

/** A group's call that runs without oneself, shown as the banner "call in progress". */
export interface RunningCall {
  readonly group: Group;
  /** The first of them. */
  readonly participants: readonly Person[];
  /** How many there are. */
  readonly count: number;
  readonly media: Media;
}

interface InGroup {
  readonly group: Group;
  readonly media: Media;
}

/** A room that one is in, or enters. */
export interface LiveRoomView extends InGroup, OwnView {
  readonly phase: 'room';
  readonly status: 'connecting' | 'joined' | 'reconnecting';
  /** Milliseconds since 1970; set once joined. */
  readonly startedAt?: number;
  /** Oneself first, then the others in the order of their joining. */
  readonly participants: readonly ParticipantView[];
  /** Some of them, if they are many. */
  readonly invited: readonly InvitedView[];
  readonly invitedCount: number;
  /** The caller and the group's owner may mute, remove and end for all. */
  readonly canModerate: boolean;
  /** Set for a moment after a moderator took one's sound off; that one's name. */
  readonly mutedBy?: Person;
}

/** What the interface shows of group calls. */
export type RoomView = { readonly running: readonly RunningCall[] } & (
  | { readonly phase: 'idle' }
  | ({
      readonly phase: 'incoming';
      readonly caller: Person;
      /** The first of those in the room already. */
      readonly participants: readonly Person[];
      /** How many are in the room already. */
      readonly count: number;
      readonly memberCount: number;
    } & InGroup)
  | LiveRoomView
  | ({ readonly phase: 'ended' } & Pick<EndedRoomInfo, 'group' | 'media' | 'reason' | 'duration'>)
  | (ProblemView & Partial<InGroup>)
);

/** What the interface asks for in a room. */
export interface RoomActions extends SessionActions {
  /** Joins from the card or the banner. */
  join(groupId: string, media: Media): void;
  leave(): void;
  /** Rings these members again. */
  invite(names: readonly string[]): void;
  mute(name: string): void;
  remove(name: string): void;
  endForAll(): void;
}
