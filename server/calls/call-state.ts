import type {
  Candidate,
  Media,
  MediaFlags,
  Person,
  ServerMessageInput,
  StopReason,
} from '../../protocol/index.ts';
import type { CallOutcome, CallQuality, CallRecord } from './call-record.ts';

/** A connection as a call sees it. */
export interface Device {
  readonly id: string;
  /** Whether its page knows `restartMedia`; the tutorials' pages do not. */
  readonly canRestart: boolean;
}

/** What never changes during a call. */
export interface CallFacts {
  readonly callId: string;
  readonly caller: Person;
  readonly callee: Person;
  readonly callerDevice: Device;
  readonly media: Media;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** One offer on its way to its answer. */
export interface Negotiation {
  /** Tells the negotiations of a call apart, whosever they are. */
  readonly attempt: number;
  readonly generation: number;
  /** Made by `prepare`, so that its answer goes out as `prepared`. */
  readonly isPreparation: boolean;
}

/** A device's media connection: what it has, and what is to replace it. */
export interface Leg {
  readonly pending?: Negotiation;
  readonly ready?: { readonly generation: number; readonly sdpAnswer: string };
}

/** Where a call is in its life. */
export type Phase =
  /** Every device in `rung` was told `incomingCall` and not yet to stop. */
  | { readonly name: 'ringing'; readonly rung: readonly Device[] }
  /** Somebody clicked on "accept"; the offer is not here yet. */
  | { readonly name: 'answering'; readonly by: Device }
  /** Accepted with an offer; waits until both legs are ready. `calledBack`: by a call of its own. */
  | { readonly name: 'accepted'; readonly by: Device; readonly calledBack: boolean }
  | { readonly name: 'running'; readonly by: Device; readonly startedAt: number }
  | { readonly name: 'ended' };

export type Side = 'caller' | 'callee';

/** All that is known of a call; only `call-machine.ts` makes new ones. */
export interface CallState {
  readonly facts: CallFacts;
  readonly phase: Phase;
  /** By the device's id. */
  readonly legs: Readonly<Record<string, Leg>>;
  readonly isMediaUp: boolean;
  /** Attempts made so far. */
  readonly attempts: number;
  /** The highest generation of any offer or `restartMedia` so far. */
  readonly generation: number;
  readonly flags: Readonly<Partial<Record<Side, MediaFlags>>>;
  readonly quality: Readonly<Partial<Record<Side, CallQuality>>>;
}

/** Why a negotiation failed. */
export type NegotiationFailure = 'bad-sdp' | 'media-failed';

/** What can happen to a call. `device` is the id of the connection it came from. */
export type CallEvent =
  | { readonly type: 'connected'; readonly device: Device }
  | { readonly type: 'answering'; readonly device: string }
  | { readonly type: 'prepare'; readonly device: string; readonly sdpOffer: string }
  | { readonly type: 'accept'; readonly device: string; readonly sdpOffer?: string | undefined }
  | { readonly type: 'reject'; readonly device: string; readonly code: 'declined' | 'busy' | 'no-device' }
  /** The callee calls the caller: glare. */
  | { readonly type: 'call-back'; readonly device: Device; readonly sdpOffer: string }
  | { readonly type: 'stop'; readonly device: string }
  /** Its socket has gone for good; `isClean`: the page closed it itself. */
  | { readonly type: 'left'; readonly device: string; readonly isClean: boolean }
  | {
      readonly type: 'candidate';
      readonly device: string;
      readonly generation: number;
      readonly candidate: Candidate;
    }
  | {
      readonly type: 'offer';
      readonly device: string;
      readonly generation: number;
      readonly sdpOffer: string;
    }
  | { readonly type: 'media-state'; readonly device: string; readonly flags: MediaFlags }
  | { readonly type: 'quality'; readonly device: string; readonly quality: CallQuality }
  | { readonly type: 'timeout'; readonly timer: CallTimer }
  | {
      readonly type: 'negotiated';
      readonly device: string;
      readonly attempt: number;
      readonly sdpAnswer: string;
    }
  | {
      readonly type: 'not-negotiated';
      readonly device: string;
      readonly attempt: number;
      readonly code: NegotiationFailure;
    }
  | { readonly type: 'media-unavailable' }
  | { readonly type: 'media-lost' }
  | { readonly type: 'media-back' }
  | { readonly type: 'shutdown' };

/** A call waits for one thing at a time: to be answered, or for the media of who answered. */
export type CallTimer = 'ring' | 'answer';

/** What the driver has to do, in this order. */
export type CallEffect =
  | { readonly type: 'send'; readonly device: string; readonly message: ServerMessageInput }
  | { readonly type: 'send-user'; readonly name: string; readonly message: ServerMessageInput }
  | { readonly type: 'open-media' }
  /** Waits for a media server, after the one that had the call was lost. */
  | { readonly type: 'reopen-media' }
  | { readonly type: 'release-media' }
  | {
      readonly type: 'negotiate';
      readonly device: string;
      readonly attempt: number;
      readonly generation: number;
      readonly sdpOffer: string;
    }
  | {
      readonly type: 'add-candidate';
      readonly device: string;
      readonly generation: number;
      readonly candidate: Candidate;
    }
  /** From now on this device may be sent its endpoint's candidates: it has the answer. */
  | { readonly type: 'forward-candidates'; readonly device: string }
  | { readonly type: 'drop-leg'; readonly device: string }
  /** Media flows between these two from now on. */
  | { readonly type: 'join'; readonly devices: readonly [string, string] }
  /** Replaces a running timer. */
  | { readonly type: 'start-timer'; readonly timer: CallTimer }
  | { readonly type: 'stop-timer' }
  | { readonly type: 'record'; readonly record: CallRecord };

/** A state and what its coming about makes necessary. */
export type Step = readonly [CallState, readonly CallEffect[]];

/** How a call ends. */
export interface Ending {
  readonly outcome: CallOutcome;
  readonly reason?: StopReason;
  /** The user whose doing it was. */
  readonly endedBy?: string;
}
