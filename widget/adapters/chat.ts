import type { Media } from '../../protocol/index.ts';
import type { Identity } from '../signaling/credentials.ts';

/** Whom a call is for; `type` is LayIM's word (`kefu` is a customer service chat). */
export interface CallTarget {
  readonly type: 'friend' | 'group' | 'kefu';
  readonly id: string | number;
  readonly name?: string;
  readonly avatar?: string;
}

/** A line about a call for the chat with somebody: plain text. */
export interface ChatRecord {
  readonly type: 'friend' | 'group';
  readonly id: string;
  readonly name: string;
  readonly avatar: string;
  readonly text: string;
}

/** What a chat asks of the element. */
export interface ChatRequests {
  /** The user clicked a call button of the chat. */
  call(target: CallTarget, media: Media): void;
  /** The pointer or the focus is on a call button: a call may follow. */
  prefetch(): void;
}

/** The chat that the calls belong to. */
export interface ChatAdapter {
  /** Resolves with the chat's user as soon as the chat knows. */
  identity(): Promise<Identity>;
  /** Writes a line into the chat, if that chat is open. */
  record(record: ChatRecord): void;
  dispose(): void;
}
