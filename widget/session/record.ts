import type { Media } from '../../protocol/index.ts';
import type { Ended } from '../call/state.ts';
import type { EndReason } from '../call/view.ts';

/** How a call is remembered in the chat. */
export type Outcome =
  | { readonly type: 'talked'; readonly durationMs: number }
  | { readonly type: 'missed' | 'cancelled' | 'refused' | 'busy' | 'unanswered' | 'offline' | 'failed' };

interface Words {
  readonly separator: string;
  readonly media: Readonly<Record<Media, string>>;
  readonly outcome: Readonly<Record<Exclude<Outcome['type'], 'talked'>, string>>;
}

const CHINESE: Words = {
  separator: ' ',
  media: { video: '视频通话', audio: '语音通话' },
  outcome: {
    missed: '未接来电',
    cancelled: '已取消',
    refused: '对方已拒绝',
    busy: '对方忙线中',
    unanswered: '无人接听',
    offline: '对方不在线',
    failed: '通话未接通',
  },
};

const ENGLISH: Words = {
  separator: ', ',
  media: { video: 'Video call', audio: 'Voice call' },
  outcome: {
    missed: 'missed',
    cancelled: 'cancelled',
    refused: 'declined',
    busy: 'busy',
    unanswered: 'no answer',
    offline: 'not online',
    failed: 'not connected',
  },
};

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

/** What to remember of a call that ended here, if anything. */
export function outcomeOf({ direction, duration, reason }: Ended): Outcome | undefined {
  if (duration > 0) return { type: 'talked', durationMs: duration };
  const type = direction === 'out' ? OUTCOMES[reason] : undefined;
  return type && { type };
}

/**
 * The line in the chat: 视频通话 03:21, 未接来电 …
 * @param locale BCP 47 tag
 */
export function recordText(media: Media, outcome: Outcome, locale: string): string {
  const words = locale.toLowerCase().startsWith('zh') ? CHINESE : ENGLISH;
  const kind = words.media[media];
  return outcome.type === 'talked'
    ? `${kind} ${clock(outcome.durationMs)}`
    : `${kind}${words.separator}${words.outcome[outcome.type]}`;
}

/** Minutes and seconds, with hours once there are any. */
export function clock(durationMs: number): string {
  const seconds = Math.floor(durationMs / 1_000);
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60];
  if (seconds >= 3_600) parts.unshift(Math.floor(seconds / 3_600));
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}
