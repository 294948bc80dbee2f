import type { Media } from '../../protocol/index.ts';
import { messagesFor } from '../i18n/index.ts';
import type { EndedInfo, EndedRoomInfo } from './state.ts';
import type { EndReason, Outcome } from './terms.ts';

/** Outcomes of the caller's own calls; the others leave no line, or the missed call leaves it. */
const OUTCOMES: Partial<Record<EndReason, Exclude<Outcome['type'], 'talked'>>> = {
  declined: 'refused',
  busy: 'busy',
  'no-answer': 'unanswered',
  offline: 'offline',
  cancelled: 'cancelled',
  'no-device': 'failed',
  'media-failed': 'failed',
  'media-unavailable': 'failed',
  'not-allowed': 'failed',
  'peer-lost': 'failed',
  failed: 'failed',
};

/** What to remember of a one-to-one call that ended here, if anything. */
export function outcomeOf({ direction, duration, reason }: EndedInfo): Outcome | undefined {
  if (duration > 0) return { type: 'talked', durationMs: duration };
  const type = direction === 'out' ? OUTCOMES[reason] : undefined;
  return type && { type };
}

/** What a group's chat remembers; who joined in vain, or refused, leaves no line. */
export function roomOutcomeOf(call: EndedRoomInfo): Outcome | undefined {
  const { direction, met, duration, reason, answered } = call;
  if (met && duration > 0) return { type: 'talked', durationMs: duration };
  if (direction === 'in') return undefined;
  if (reason === 'media-failed' || reason === 'peer-lost') return { type: 'failed' };
  return { type: answered ? 'unanswered' : 'cancelled' };
}

/**
 * The line in the chat: 视频通话 03:21, 未接来电 …
 * @param locale BCP 47 tag
 */
export function recordText(media: Media, outcome: Outcome, locale: string): string {
  const { record } = messagesFor(locale);
  const kind = record.media[media];
  return outcome.type === 'talked'
    ? `${kind} ${clock(outcome.durationMs, 2)}`
    : `${kind}${record.separator}${record.outcome[outcome.type]}`;
}

/**
 * A duration as a clock shows it: `03:21`, from an hour on `1:03:21`.
 *
 * @param durationMs milliseconds; negative counts as none
 * @param hourDigits how many digits the hours have at least
 */
export function clock(durationMs: number, hourDigits = 1): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1_000));
  const hours = Math.floor(seconds / 3_600);
  const [minutes, rest] = [Math.floor(seconds / 60) % 60, seconds % 60].map((part) => padded(part, 2));
  return hours > 0 ? `${padded(hours, hourDigits)}:${minutes}:${rest}` : `${minutes}:${rest}`;
}

const padded = (value: number, digits: number): string => String(value).padStart(digits, '0');
