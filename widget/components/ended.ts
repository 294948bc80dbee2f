import { useTimeoutFn } from '@vueuse/core';
import type { CallView } from '../call/view.ts';
import type { Messages } from '../i18n/index.ts';
import type { EndReason } from '../session/terms.ts';

/** How long the end of a call stays to be read. */
const CLOSES_AFTER_MS = 3000;

export type EndedView = Extract<CallView, { phase: 'ended' }>;

/** Why a call is over, in the words for one's own side of it. */
export function endedText({ direction, reason }: EndedView, messages: Messages): string {
  const own = direction === 'in' ? messages.endedIncoming[reason] : undefined;
  return own ?? messages.ended[reason] ?? messages.ended.failed;
}

/** Why one's part in a group's call is over. */
export function endedRoomText(reason: EndReason, messages: Messages): string {
  return messages.room.ended[reason] ?? messages.ended[reason] ?? messages.ended.ended;
}

/**
 * Closes by itself what nobody touches.
 *
 * @returns to be called on a touch: it stays open then
 */
export function useClosing(close: () => void): () => void {
  return useTimeoutFn(close, CLOSES_AFTER_MS).stop;
}
