import type { Media, MediaFlags, Person } from '../../protocol/index.ts';
import type { Negotiation } from '../session/negotiation.ts';
import type { CallInfo, EndedInfo, Problem, SessionEffect, SessionEvent } from '../session/state.ts';

/** Who is called by whom, for what. */
export interface Parties extends CallInfo {
  readonly peer: Person;
}

/** A call from the first ring or click until it is over. */
export interface Ongoing extends Parties {
  readonly phase: 'incoming' | 'outgoing' | 'active';
  /** How far the two sides have come. */
  readonly progress: 'connecting' | 'ringing' | 'accepted';
  /** Of the one peer connection that carries both sides' media. */
  readonly negotiation: Negotiation;
  /** Devices are open, or permitted and opening, or done without: the call may be made or answered. */
  readonly ready: boolean;
  /** `call` or the accepting `incomingCallResponse` is sent. */
  readonly callSent: boolean;
  /** Something is seen or heard of the other side. */
  readonly hasRemoteMedia: boolean;
  /** When it was answered and the first media came, in milliseconds since 1970. */
  readonly startedAt?: number;
  readonly remote: MediaFlags;
  /** A new peer connection replaces one that failed. */
  readonly restarting: boolean;
  /** The socket is lost; the session may still be resumed. */
  readonly offline: boolean;
}

export interface Ended extends EndedInfo, Parties {
  readonly phase: 'ended';
}

/** Where a call stands. `orphans` counts calls given up before the server had named them. */
export interface CallState {
  readonly current: { readonly phase: 'idle' } | Ongoing | Ended | Problem<Parties>;
  readonly orphans: number;
}

export const IDLE: CallState = { current: { phase: 'idle' }, orphans: 0 };

/** What happens to a call. */
export type CallEvent =
  | SessionEvent
  | { readonly type: 'online' }
  | { readonly type: 'dial'; readonly peer: Person; readonly media: Media }
  | { readonly type: 'accept'; readonly media: Media }
  | { readonly type: 'reject' }
  | { readonly type: 'hang-up' }
  | { readonly type: 'call-again' }
  | { readonly type: 'continue-without-devices' };

/** What must be done about it. */
export type CallEffect =
  | SessionEffect
  /** Make the connection and its offer while it rings; may be left undone. */
  | { readonly type: 'prepare-offer'; readonly name: string }
  /** Answer with `media-arrived` in a moment, if the connection is up by then. */
  | { readonly type: 'expect-media' };

export type Transition = readonly [CallState, readonly CallEffect[]];

/** Whether a call is under way. */
export function isOngoing(current: CallState['current']): current is Ongoing {
  return current.phase === 'incoming' || current.phase === 'outgoing' || current.phase === 'active';
}
