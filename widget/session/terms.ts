/** The terms in which sessions speak with the interface, its texts and the page. They know nothing of either. */
import type { Person, Received, RefusalCode, StopReason } from '../../protocol/index.ts';

/** Why there is a problem screen instead of a call; each has its text and its one useful button. */
export type ProblemCode =
  | 'permission-denied'
  | 'insecure-page'
  | 'server-unreachable'
  | 'certificate'
  | 'not-registered'
  | 'token-expired'
  | 'media-unavailable'
  | 'media-failed'
  | 'unsupported-browser'
  | 'group-unavailable'
  | 'failed';

/** How one's own microphone or camera is: `missing` (no device), `denied`, `busy`, else on or off. */
export type DeviceState = 'opening' | 'on' | 'off' | 'missing' | 'denied' | 'busy';

/** Why a call is over: the server's refusal or stop reason. */
export type EndReason = Received<RefusalCode> | StopReason;

/** From 0 (bad) to 3 (good); undefined while unknown. */
export type QualityLevel = 0 | 1 | 2 | 3;

/** A group, as the page's chat knows it. */
export interface Group {
  readonly id: string;
  readonly name: string;
  readonly avatar: string;
}

/** A group in the place of a person: for its avatar, and for pages that ask whom a call is with. */
export const personOf = ({ id, name, avatar }: Group): Person => ({ name: id, displayName: name, avatar });

/** How a call is remembered in the chat. */
export type Outcome =
  | { readonly type: 'talked'; readonly durationMs: number }
  | { readonly type: 'missed' | 'cancelled' | 'refused' | 'busy' | 'unanswered' | 'offline' | 'failed' };

/** The one line of state, always true; the words are in `i18n/`. */
export type CallStatus = 'connecting' | 'ringing' | 'accepted' | 'talking' | 'reconnecting';

/** How it stands with somebody who was asked, or was there, and is not in the room. */
export type AbsentState = 'ringing' | 'declined' | 'busy' | 'no-answer' | 'offline' | 'left';
