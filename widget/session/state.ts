import type { Candidate, ClientMessageInput, Media, Person, ServerMessage } from '../../protocol/index.ts';
import type { Direction } from '../media/peer-connection.ts';
import type { EndReason, Group, ProblemCode } from './terms.ts';

/** Who calls whom, for what. */
export interface CallInfo {
  /** `out`: this page calls; `in`: somebody else does, or it joins a group's call that runs. */
  readonly direction: 'in' | 'out';
  readonly media: Media;
  /** Unknown to the caller until the server has taken the call. */
  readonly callId?: string;
}

/** What happens to a call as well as to a room. */
export type SessionEvent =
  | MediaEvent
  | { readonly type: 'message'; readonly message: ServerMessage }
  /** The socket is lost; the session may still be resumed. */
  | { readonly type: 'offline' }
  /** The server has forgotten this page, and every call of its. */
  | { readonly type: 'session-expired' }
  /** No connection to the server comes about, or it does not answer. */
  | { readonly type: 'unreachable'; readonly problem: ProblemCode; readonly detail: string }
  | { readonly type: 'retry' }
  | { readonly type: 'dismiss' };

/** One of a session's peer connections: whose media it carries, and which of those that follow one another. */
export interface ConnectionRef {
  readonly name: string;
  readonly generation: number;
}

/** What becomes of one's own devices and peer connections. */
export type MediaEvent =
  /** Devices are open, or permitted and opening, or done without. */
  | { readonly type: 'media-ready' }
  | { readonly type: 'devices-refused'; readonly problem: ProblemCode }
  | ({ readonly type: 'offer-made'; readonly sdpOffer: string } & ConnectionRef)
  | ({ readonly type: 'candidate'; readonly candidate: Candidate } & ConnectionRef)
  | ({ readonly type: 'connected' } & ConnectionRef)
  /** The first picture or sound came, or a further kind of them. */
  | ({ readonly type: 'media-arrived' } & ConnectionRef)
  | ({ readonly type: 'connection-lost' } & ConnectionRef)
  | { readonly type: 'media-impossible'; readonly problem: ProblemCode };

/** What must be done about it. */
export type SessionEffect =
  | { readonly type: 'send'; readonly message: ClientMessageInput }
  /** Get permission and devices: `media-ready`. Refused ones are done without if `anyway`, or once it is too late. */
  | { readonly type: 'open-devices'; readonly media: Media; readonly anyway: boolean }
  /** Make a peer connection in place of that one's former, unless there is one of this generation: `offer-made`. */
  | ({ readonly type: 'make-offer'; readonly direction: Direction; readonly delayMs: number } & ConnectionRef)
  /** Close that one's peer connection. */
  | { readonly type: 'drop-connection'; readonly name: string }
  | ({ readonly type: 'apply-answer'; readonly sdpAnswer: string } & ConnectionRef)
  | ({ readonly type: 'add-candidate'; readonly candidate: Candidate } & ConnectionRef)
  | { readonly type: 'pause-tracks'; readonly paused: boolean }
  /** Tell the others what is on; from now on also whenever that changes. */
  | { readonly type: 'share-media-state' }
  | { readonly type: 'close-media' }
  | TellEffect;

/** Whom a call is with. */
export type Other = { readonly peer: Person } | { readonly group: Group };

/** A call that rings, or has started. */
type Told = Pick<CallInfo, 'media' | 'callId'> & Other & { readonly caller?: Person };

/** A call that is over. */
export interface EndedInfo extends CallInfo {
  readonly reason: EndReason;
  /** Milliseconds talked, or in the room; 0 if there was nobody. */
  readonly duration: number;
}

/** A group's call that is over, as this page took part in it. */
export interface EndedRoomInfo extends EndedInfo {
  readonly group: Group;
  /** Somebody else was in the room, now or before. */
  readonly met: boolean;
  /** Nobody is being rung any more. */
  readonly answered: boolean;
}

/** What is shown instead of a call that came to nothing. */
export interface Problem<Info extends CallInfo> {
  readonly phase: 'problem';
  readonly problem: ProblemCode;
  readonly detail: string;
  /** What to try again. */
  readonly info: Info;
}

/** What the page and its chat are told. */
export type TellEffect =
  | { readonly type: 'rang' | 'started'; readonly call: Told }
  | { readonly type: 'ended'; readonly call: (EndedInfo & { readonly peer: Person }) | EndedRoomInfo }
  | { readonly type: 'missed'; readonly call: MissedCall }
  | { readonly type: 'failed'; readonly problem: ProblemCode; readonly detail: string };

/** A call in vain that the server tells of. */
export type MissedCall = Extract<ServerMessage, { id: 'missedCall' }>;
