import type {
  Candidate,
  ClientMessageInput,
  Media,
  Participant,
  Person,
  ServerMessage,
  ServerMessageOf,
  StopReason,
} from '../../protocol/index.ts';
import type { ProblemCode } from '../call/view.ts';
import type { Group, InvitedView } from './view.ts';

/** A group's call that runs, as the group's members are told. */
export type GroupCall = ServerMessageOf<'groupCallState'>;

/** Which group is called, for what, and how one came to it. */
export interface Occasion {
  readonly group: Group;
  readonly media: Media;
  /** `out`: this page calls the group; `in`: it joins a call that runs or rings. */
  readonly direction: 'in' | 'out';
}

/** A group's call that rings here. */
export interface Ringing extends Occasion {
  readonly phase: 'incoming';
  readonly callId: string;
  readonly caller: Person;
  readonly memberCount: number;
}

/**
 * One media connection: what one sends to the room, or what somebody else sends.
 * Its offer is `waiting` (for the socket) → `making` (the browser writes it) → `made` → `sent` → `answered`.
 */
export interface Link {
  readonly generation: number;
  readonly offer: 'waiting' | 'making' | 'made' | 'sent' | 'answered';
  /** The written offer, until it is sent. */
  readonly sdpOffer?: string;
  /** One's own candidates that wait for their offer to be sent. */
  readonly held: readonly Candidate[];
  readonly connected: boolean;
  /** Connections that failed one after the other. */
  readonly failures: number;
}

/** One's part in a group's call, from the click until it is over. */
export interface InRoom extends Occasion {
  readonly phase: 'room';
  readonly room: string;
  readonly callId?: string;
  /** `entering`: until the server has told who is there; again after the session was lost. */
  readonly stage: 'entering' | 'in';
  /** The messages that lead into the room are sent. */
  readonly asked: boolean;
  /** When it was joined first, in milliseconds since 1970. */
  readonly startedAt?: number;
  /** In the order of their joining. */
  readonly others: readonly Participant[];
  /** By name, one's own among them. */
  readonly links: ReadonlyMap<string, Link>;
  /** The generation that new connections begin with: higher than any that was given up. */
  readonly generation: number;
  /** As the server tells; who came is `left` once out of `others` again. */
  readonly invited: readonly InvitedView[];
  /** Who left without having been invited: the caller. */
  readonly left: readonly Person[];
  readonly canModerate: boolean;
  readonly mutedBy?: Person;
  /** Somebody else was in the room, now or before. */
  readonly met: boolean;
}

export interface Ended extends Occasion {
  readonly phase: 'ended';
  readonly callId?: string;
  readonly reason: StopReason;
  /** Milliseconds in the room. */
  readonly duration: number;
  readonly met: boolean;
  /** Nobody is being rung any more. */
  readonly answered: boolean;
}

export interface Problem {
  readonly phase: 'problem';
  readonly problem: ProblemCode;
  readonly detail: string;
  /** What to try again. */
  readonly occasion: Occasion;
}

/** All that a page knows of group calls. */
export interface RoomState {
  readonly current: { readonly phase: 'idle' } | Ringing | InRoom | Ended | Problem;
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
export type RoomEvent = UserEvent | SignalingEvent | LinkEvent;

/** What the user wants. */
export type UserEvent =
  | { readonly type: 'dial'; readonly group: Group; readonly media: Media }
  /** Joins what rings, or what runs. */
  | { readonly type: 'join'; readonly groupId: string; readonly media: Media }
  | { readonly type: 'reject'; readonly code: 'declined' | 'busy' }
  /** Leaves the room, or stops trying to enter it. */
  | { readonly type: 'leave' }
  | { readonly type: 'invite'; readonly names: readonly string[] }
  | {
      readonly type: 'moderate';
      readonly action: 'mute' | 'remove' | 'end';
      readonly target?: string;
    }
  | { readonly type: 'retry' }
  | { readonly type: 'dismiss' }
  /** What rings goes on ringing, but not here. */
  | { readonly type: 'go-away' };

/** How it stands with the server, and what it says. */
export type SignalingEvent =
  | {
      readonly type: 'registered';
      readonly user: Person;
      readonly groupCalls: readonly GroupCall[];
    }
  | { readonly type: 'offline' }
  | { readonly type: 'session-expired' }
  /** No connection to the server comes about, or it does not answer. */
  | { readonly type: 'unreachable'; readonly problem: ProblemCode; readonly detail: string }
  | { readonly type: 'message'; readonly message: ServerMessage };

/** What becomes of one's own part of the media. */
export type LinkEvent =
  | {
      readonly type: 'offer-made';
      readonly name: string;
      readonly generation: number;
      readonly sdpOffer: string;
    }
  | {
      readonly type: 'candidate';
      readonly name: string;
      readonly generation: number;
      readonly candidate: Candidate;
    }
  | { readonly type: 'link-up'; readonly name: string; readonly generation: number }
  | { readonly type: 'link-lost'; readonly name: string; readonly generation: number }
  | { readonly type: 'media-impossible'; readonly problem: ProblemCode }
  | { readonly type: 'muter-forgotten' };

/** What must be done about it. */
export type RoomEffect =
  | { readonly type: 'send'; readonly message: ClientMessageInput }
  /** Opens what there is and may be used; the room does not wait for it. */
  | { readonly type: 'open-devices'; readonly media: Media }
  /** Makes a media connection in place of an older one of that name, and writes its offer: `offer-made`. */
  | {
      readonly type: 'make-offer';
      readonly name: string;
      readonly generation: number;
      readonly direction: 'sendonly' | 'recvonly';
      readonly delayMs: number;
    }
  | { readonly type: 'drop-link'; readonly name: string }
  | {
      readonly type: 'apply-answer';
      readonly name: string;
      readonly generation: number;
      readonly sdpAnswer: string;
    }
  | {
      readonly type: 'add-candidate';
      readonly name: string;
      readonly generation: number;
      readonly candidate: Candidate;
    }
  | { readonly type: 'pause-tracks'; readonly paused: boolean }
  | { readonly type: 'mute-microphone' }
  /** Answer with `muter-forgotten` in a moment. */
  | { readonly type: 'forget-muter' }
  /** Tell the others what is on; from now on also whenever that changes. */
  | { readonly type: 'share-media-state' }
  | { readonly type: 'close-media' }
  | { readonly type: 'rang'; readonly call: Ringing }
  | { readonly type: 'started'; readonly call: InRoom }
  | { readonly type: 'ended'; readonly call: Ended }
  /** What rang was refused here. */
  | { readonly type: 'refused'; readonly call: Ringing; readonly code: 'declined' | 'busy' }
  | { readonly type: 'missed'; readonly call: ServerMessageOf<'missedCall'> }
  | { readonly type: 'failed'; readonly problem: ProblemCode; readonly detail: string };

export type Transition = readonly [RoomState, readonly RoomEffect[]];
