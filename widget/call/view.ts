import type { Media, MediaFlags } from '../../protocol/index.ts';
import type { OwnView, ProblemView, SessionActions } from '../session/view.ts';
import type { Ended, Parties } from './state.ts';

/** The one line of state, always true; the words are in `i18n/`. */
export type CallStatus = 'connecting' | 'ringing' | 'accepted' | 'talking' | 'reconnecting';

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
