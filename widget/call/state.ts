import type {
  Candidate,
  ClientMessageInput,
  Media,
  MediaFlags,
  Person,
  ServerMessage,
  ServerMessageOf,
} from '../../protocol/index.ts';
import type { EndReason, ProblemCode } from './view.ts';

/** Who is called by whom, for what. */
export interface Parties {
  readonly direction: 'in' | 'out';
  readonly peer: Person;
  readonly media: Media;
}

/** A candidate of one's own that the server cannot be told yet. */
export interface HeldCandidate {
  readonly generation: number;
  readonly candidate: Candidate;
}

/**
 * How far one's own side of the media is negotiated.
 * `none` → `making` (the browser writes the offer) → `made` → `sent` → `answered`.
 */
export type OfferStage = 'none' | 'making' | 'made' | 'sent' | 'answered';

/** A call from the first ring or click until it is over. */
export interface Ongoing extends Parties {
  readonly phase: 'incoming' | 'outgoing' | 'active';
  /** Unknown to the caller until the server has taken the call. */
  readonly callId?: string;
  /** How far the two sides have come. */
  readonly progress: 'connecting' | 'ringing' | 'accepted';
  /** Counts the media connections: each restart adds one. */
  readonly generation: number;
  readonly offer: OfferStage;
  /** The written offer, until it is sent. */
  readonly sdpOffer?: string;
  /** Devices are open, or permitted and opening, or done without: the call may be made or answered. */
  readonly ready: boolean;
  /** `call` or the accepting `incomingCallResponse` is sent. */
  readonly said: boolean;
  /** Candidates that wait for `callId` and for their offer to be sent. */
  readonly held: readonly HeldCandidate[];
  /** Something is seen or heard of the other side. */
  readonly flowing: boolean;
  /** When it was answered and flowing, in milliseconds since 1970. */
  readonly startedAt?: number;
  readonly remote: MediaFlags;
  /** Media connections that failed one after the other. */
  readonly failures: number;
  /** A new media connection replaces one that failed. */
  readonly restarting: boolean;
  /** The socket is lost; the session may still be resumed. */
  readonly offline: boolean;
}

export interface Ended extends Parties {
  readonly phase: 'ended';
  readonly callId?: string;
  readonly reason: EndReason;
  /** Milliseconds. */
  readonly duration: number;
}

export interface Problem {
  readonly phase: 'problem';
  readonly problem: ProblemCode;
  readonly detail?: string;
  /** What to try again. */
  readonly parties: Parties;
}

/** Where a call stands. `orphans` counts calls given up before the server had named them. */
export interface CallState {
  readonly current: { readonly phase: 'idle' } | Ongoing | Ended | Problem;
  readonly orphans: number;
}

export const IDLE: CallState = { current: { phase: 'idle' }, orphans: 0 };

/** What happens to a call. */
export type CallEvent =
  | UserEvent
  | OngoingEvent
  | { readonly type: 'message'; readonly message: ServerMessage }
  /** No connection to the server comes about. */
  | { readonly type: 'unreachable'; readonly problem: ProblemCode; readonly detail: string };

/** What the user wants. */
export type UserEvent =
  | { readonly type: 'dial'; readonly peer: Person; readonly media: Media }
  | { readonly type: 'accept'; readonly media: Media }
  | { readonly type: 'reject' }
  | { readonly type: 'hang-up' }
  | { readonly type: 'call-again' }
  | { readonly type: 'retry' }
  | { readonly type: 'continue-without-devices' }
  | { readonly type: 'dismiss' };

/** What matters only while a call is under way: one's own media and the way to the server. */
export type OngoingEvent =
  | { readonly type: 'media-ready' }
  | { readonly type: 'devices-refused'; readonly problem: ProblemCode }
  | { readonly type: 'offer-made'; readonly generation: number; readonly sdpOffer: string }
  | { readonly type: 'candidate'; readonly generation: number; readonly candidate: Candidate }
  | { readonly type: 'media-flows' }
  | { readonly type: 'media-lost'; readonly generation: number }
  | { readonly type: 'media-impossible'; readonly problem: ProblemCode }
  | { readonly type: 'offline' }
  | { readonly type: 'online' }
  | { readonly type: 'session-expired' };

/** What must be done about it. */
export type CallEffect =
  | { readonly type: 'send'; readonly message: ClientMessageInput }
  /** Get permission and devices; answer with `media-ready`, or `devices-refused` unless `anyway`. */
  | { readonly type: 'open-devices'; readonly media: Media; readonly anyway: boolean }
  /** Make a media connection, if there is none of this generation, and write its offer: `offer-made`. */
  | { readonly type: 'make-offer'; readonly generation: number; readonly delayMs: number }
  /** The same while it rings; may be left undone. */
  | { readonly type: 'prepare-offer' }
  /** Close the media connection, keep the devices. */
  | { readonly type: 'drop-peer' }
  | { readonly type: 'apply-answer'; readonly generation: number; readonly sdpAnswer: string }
  | { readonly type: 'add-candidate'; readonly generation: number; readonly candidate: Candidate }
  | { readonly type: 'pause-tracks'; readonly paused: boolean }
  | { readonly type: 'close-media' }
  /** Tell the other side what is on; from now on also whenever that changes. */
  | { readonly type: 'share-media-state' }
  | { readonly type: 'rang'; readonly call: Ongoing }
  | { readonly type: 'started'; readonly call: Ongoing }
  | { readonly type: 'ended'; readonly call: Ended }
  | { readonly type: 'missed'; readonly call: ServerMessageOf<'missedCall'> }
  | { readonly type: 'failed'; readonly problem: ProblemCode; readonly detail: string };

export type Transition = readonly [CallState, readonly CallEffect[]];

/** Whether a call is under way. */
export function isOngoing(current: CallState['current']): current is Ongoing {
  return current.phase === 'incoming' || current.phase === 'outgoing' || current.phase === 'active';
}
