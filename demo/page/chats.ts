/** Pure answers about chats and what was said in them. */
import type { Chat, Content, Message } from '../protocol/messages.ts';

/** Silence after which the time is shown again above a message, in milliseconds. */
const TIME_GAP_MS = 5 * 60_000;

/** A chat as a word, to be used as a key. */
export type ChatKey = `${Chat['type']}${number}`;

/** A line of a chat as it is shown. */
export type Entry =
  | {
      readonly kind: 'message';
      readonly key: string;
      /** The sender's id, or undefined for one that only this page knows. */
      readonly from: number | undefined;
      readonly mine: boolean;
      readonly content: Content;
      readonly at: number;
      readonly state: 'sending' | 'sent' | 'read' | 'local';
    }
  | { readonly kind: 'system'; readonly key: string; readonly text: string; readonly at: number };

/** Tells chats apart: a group may have the id of a user. */
export function keyOf({ type, id }: Chat): ChatKey {
  return `${type}${id}`;
}

/** Whether two name the same chat; no chat is the same as none. */
export function sameChat(a: Chat | undefined, b: Chat | undefined): boolean {
  return a?.type === b?.type && a?.id === b?.id;
}

/** @returns the chat that shows a message to `me`: one to one it is the other's, not the receiver's */
export function chatOf(message: Message, me: number): Chat {
  if (message.to.type === 'group' || message.from === me) return message.to;
  return { type: 'friend', id: message.from };
}

/** @returns the one-line preview of a message in a list */
export function previewOf(content: Content): string {
  return content.kind === 'image' ? '[图片]' : content.text.replace(/\s+/g, ' ');
}

/** @returns whether the time belongs above `entry` */
export function needsTime(entry: Entry, before: Entry | undefined): boolean {
  return before === undefined || entry.at - before.at > TIME_GAP_MS;
}

/** @returns today's time, else date and time */
export function timeText(at: number, now = Date.now()): string {
  const date = new Date(at);
  const time = date.toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit', hour12: false });
  if (date.toDateString() === new Date(now).toDateString()) return time;
  return `${date.getMonth() + 1}月${date.getDate()}日 ${time}`;
}
