import type { Media, RefusalCode, ReqType, StopReason } from '../../protocol/index.ts';

/** A user as the store knows it. */
export interface User {
  readonly id: string;
  /** Empty when nobody told it. */
  readonly name: string;
  /** An address; empty when there is none. */
  readonly avatar: string;
}

/** What is to be written about a user. Fields left out keep what they are. */
export interface UserPatch {
  readonly id: string;
  readonly name?: string | undefined;
  readonly avatar?: string | undefined;
}

/** A group as the store knows it. Its id may equal a user's id: they are different things. */
export interface Group {
  readonly id: string;
  /** Empty when nobody told it. */
  readonly name: string;
  readonly avatar: string;
  /** The id of the user who may moderate its calls besides the caller. */
  readonly owner: string | null;
  /** When its whole list of members was last told, in milliseconds since 1970. */
  readonly membersAt: number | null;
  readonly memberCount: number;
}

/** What is to be written about a group. Fields left out keep what they are. */
export interface GroupPatch {
  readonly id: string;
  readonly name?: string | undefined;
  readonly avatar?: string | undefined;
  readonly owner?: string | null | undefined;
}

/** A group within an import. */
export interface GroupImport extends GroupPatch {
  /** The whole list: who is not in it is no member any more. Left out, the members stay as they are. */
  readonly members?: readonly string[] | undefined;
  /** Members to add to those that are there. */
  readonly added?: readonly string[] | undefined;
}

/** Everything an import writes, in one transaction. Each group is named once. */
export interface ImportPlan {
  readonly users: readonly UserPatch[];
  readonly groups: readonly GroupImport[];
}

/** What an import changed. */
export interface ImportSummary {
  /** Users that the import names. */
  readonly users: number;
  /** Groups that the import names. */
  readonly groups: number;
  readonly membersAdded: number;
  readonly membersRemoved: number;
}

/** Part of a list, in the order of ids (compared byte by byte) or of time. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Pass it as `after` for the next page; missing on the last. */
  readonly next?: string;
}

/** How many items to give, and after which. */
export interface PageQuery {
  readonly limit?: number | undefined;
  /** `next` of the page before. */
  readonly after?: string | undefined;
}

/** How a call went as a whole. */
export type CallOutcome = 'answered' | 'cancelled' | 'shutdown' | RefusalCode;

/** How it went for one of those called. */
export type ParticipantOutcome = 'joined' | 'cancelled' | RefusalCode;

/** What remains of a call. Times are milliseconds since 1970. */
export interface CallRecord {
  readonly callId: string;
  readonly reqType: ReqType;
  readonly groupId?: string | undefined;
  readonly media?: Media | undefined;
  /** The user who called. */
  readonly caller: string;
  readonly startedAt: number;
  /** When the first of those called was in; missing when nobody was. */
  readonly answeredAt?: number | undefined;
  readonly endedAt: number;
  /** From `answeredAt` to `endedAt`; 0 for a call that nobody answered. */
  readonly durationMs: number;
  readonly outcome: CallOutcome;
  /** Why an answered call ended. */
  readonly reason?: StopReason | undefined;
  /** Whose doing the end was; missing if it was nobody's. */
  readonly endedBy?: string | undefined;
  readonly participants: readonly CallParticipant[];
}

/** One user's part in a call, the caller's included. */
export interface CallParticipant {
  readonly name: string;
  readonly outcome: ParticipantOutcome;
  readonly joinedAt?: number | undefined;
  readonly leftAt?: number | undefined;
  /** What this user's page measured last; see the `quality` message. */
  readonly quality?: Readonly<Record<string, number | undefined>> | undefined;
}
