/** What was said, in memory, bounded. */
import type { Chat, Content, Message, ReadMark } from '../protocol/messages.ts';

/** Messages kept of one conversation. */
export const MESSAGES_MAX = 200;
/** Text and images kept of one conversation, in characters. */
export const CHARACTERS_MAX = 600_000;

interface Conversation {
  readonly said: { readonly message: Message; readonly token: string }[];
  /** User id → the last `seq` that user has read. */
  readonly readBy: Map<number, number>;
  characters: number;
}

function lengthOf(content: Content): number {
  switch (content.kind) {
    case 'text':
      return content.text.length;
    case 'image':
      return content.url.length;
    default:
      return content satisfies never;
  }
}

/** Both sides of a one-to-one chat name it by the other, so its key holds both, in order. */
function keyOf(user: number, { type, id }: Chat): string {
  return type === 'group' ? `group ${id}` : `friend ${Math.min(user, id)} ${Math.max(user, id)}`;
}

/** What was said in each chat, as long as the process runs. */
export class Conversations {
  readonly #conversations = new Map<string, Conversation>();
  #seq = 0;

  /**
   * Adds what a user said; the same token a second time adds nothing.
   *
   * @param at milliseconds since 1970
   * @returns the message, and whether it is new
   */
  add(
    from: number,
    to: Chat,
    content: Content,
    token: string,
    at: number,
  ): { message: Message; isNew: boolean } {
    const conversation = this.#open(from, to);
    const before = conversation.said.find((entry) => entry.token === token && entry.message.from === from);
    if (before !== undefined) return { message: before.message, isNew: false };
    const message: Message = { seq: ++this.#seq, from, to, content, at };
    conversation.said.push({ message, token });
    conversation.characters += lengthOf(content);
    while (conversation.said.length > MESSAGES_MAX || conversation.characters > CHARACTERS_MAX) {
      const oldest = conversation.said.shift();
      if (oldest !== undefined) conversation.characters -= lengthOf(oldest.message.content);
    }
    return { message, isNew: true };
  }

  /** @returns the new mark, or undefined if this user had read as far before */
  markRead(user: number, chat: Chat, upTo: number): number | undefined {
    const { readBy } = this.#open(user, chat);
    const seq = Math.min(upTo, this.#seq);
    if (seq <= (readBy.get(user) ?? 0)) return undefined;
    readBy.set(user, seq);
    return seq;
  }

  /** @returns what is kept of the chats, oldest first */
  history(user: number, chats: readonly Chat[]): Message[] {
    return chats
      .flatMap((chat) => this.#open(user, chat).said.map((entry) => entry.message))
      .sort((a, b) => a.seq - b.seq);
  }

  /** @returns how far each party has read each of the chats, as `user` would be told it */
  readMarks(user: number, chats: readonly Chat[]): ReadMark[] {
    return chats.flatMap((chat) =>
      [...this.#open(user, chat).readBy].map(([by, upTo]) => ({ by, chat, upTo })),
    );
  }

  #open(user: number, chat: Chat): Conversation {
    const key = keyOf(user, chat);
    let conversation = this.#conversations.get(key);
    if (conversation === undefined) {
      conversation = { said: [], readBy: new Map(), characters: 0 };
      this.#conversations.set(key, conversation);
    }
    return conversation;
  }
}
