import type { Media, MediaFlags } from '../../protocol/index.ts';
import type { OwnView, ProblemView, SessionActions } from '../session/view.ts';
import type { Ended, Parties } from './state.ts';
import type { CallStatus } from '../session/terms.ts';

/** A call that is being set up or is running. */
export interface LiveView extends Parties, OwnView {
  /** `outgoing`: waiting for an answer; `active`: answered, until it ends. */
  readonly phase: 'outgoing' | 'active';
  readonly status: CallStatus;
  /** Milliseconds since 1970, set with the first remote picture or sound. */
  readonly startedAt?: number;
  readonly localStream?: MediaStream;
  readonly remoteStream?: MediaStream;
  readonly remote: MediaFlags;
}

/** What the interface shows of a one-to-one call. */
export type CallView =
  | { readonly phase: 'idle' }
  | ({ readonly phase: 'incoming' } & Parties)
  | LiveView
  | (Ended & { readonly canCallAgain: boolean })
  | (ProblemView & Partial<Parties>);

/** What the interface asks for in a one-to-one call. */
export interface CallActions extends SessionActions {
  accept(media: Media): void;
  hangUp(): void;
  /** Calls the same peer again after `ended`. */
  callAgain(): void;
  /** Calls without a camera after `permission-denied`. */
  continueWithoutDevices(): void;
}
