/** What the page knows: people, chats, what was said. Messages come in, actions go out, the rest is derived. */
import { inject, type InjectionKey, reactive } from 'vue';
import type { Chat, Content, Group, Message, ReadMark, ServerMessage, User } from '../protocol/messages.ts';
import { type ChatKey, chatOf, type Entry, previewOf, sameChat } from './chats.ts';
import type { Connection, LinkState } from './connection.ts';

/** Lines that only this page knows, kept over a reload. */
const LOCAL_MAX = 50;

/** A line that was put in locally: a call record, a remark. */
export interface LocalLine {
  readonly chat: Chat;
  readonly mine: boolean;
  readonly system: boolean;
  readonly text: string;
  readonly at: number;
}

interface Pending {
  readonly to: Chat;
  readonly content: Content;
  readonly token: string;
  readonly at: number;
}

/** A row of the contact list. */
export interface ChatInfo {
  readonly chat: Chat;
  readonly name: string;
  readonly avatar: string;
  readonly sign: string;
  readonly online: boolean;
}

export type ChatRoom = ReturnType<typeof createChatRoom>;
export const CHAT_ROOM: InjectionKey<ChatRoom> = Symbol('chat room');

/** @throws used outside of the page's app */
export function useChatRoom(): ChatRoom {
  const room = inject(CHAT_ROOM);
  if (room === undefined) throw new Error('The app provides no chat room.');
  return room;
}

/** Paths of avatars are relative to the page; the widget and other pages need whole addresses. */
function withAddress<T extends { avatar: string }>(item: T): T {
  return { ...item, avatar: new URL(item.avatar, document.baseURI).href };
}

function loadLocal(user: number): LocalLine[] {
  try {
    return JSON.parse(sessionStorage.getItem(`demo-lines-${user}`) ?? '[]') as LocalLine[];
  } catch {
    return [];
  }
}

/** The page's side of the demo's chat: who is there, what was said, and the socket that brings both. */
export function createChatRoom() {
  const state = reactive({
    link: 'connecting' as LinkState,
    mine: undefined as User | undefined,
    friends: [] as User[],
    groups: [] as Group[],
    online: new Set<number>(),
    said: new Map<number, Message>(),
    pending: [] as Pending[],
    local: [] as LocalLine[],
    marks: [] as ReadMark[],
    /** Chats with a tab, in the order of the tabs. */
    tabs: [] as Chat[],
    current: undefined as Chat | undefined,
    drafts: new Map<ChatKey, string>(),
    statuses: new Map<ChatKey, string>(),
    isVisible: document.visibilityState === 'visible',
  });
  let connection: Connection | undefined;
  document.addEventListener('visibilitychange', () => {
    state.isVisible = document.visibilityState === 'visible';
    readCurrent();
  });

  function start(opened: Connection): void {
    connection = opened;
  }

  function setLink(link: LinkState): void {
    state.link = link;
  }

  function receive(message: ServerMessage): void {
    switch (message.id) {
      case 'entered':
        if (state.mine === undefined) state.local = loadLocal(message.mine.id);
        state.mine = withAddress(message.mine);
        state.friends = message.friends.map(withAddress);
        state.groups = message.groups.map(withAddress);
        state.online = new Set(message.online);
        state.said = new Map(message.history.map((said) => [said.seq, said]));
        state.marks = message.read;
        for (const { to, content, token } of state.pending)
          connection?.send({ id: 'say', to, content, token });
        break;
      case 'said':
        state.said.set(message.message.seq, message.message);
        state.pending = state.pending.filter(({ token }) => token !== message.token);
        break;
      case 'read':
        state.marks = [
          ...state.marks.filter(
            ({ by, chat }) => by !== message.mark.by || !sameChat(chat, message.mark.chat),
          ),
          message.mark,
        ];
        break;
      case 'presence':
        setOnline(message.user, message.online);
        break;
      case 'refused':
        state.pending = state.pending.filter(({ token }) => token !== message.token);
        break;
      default:
        message satisfies never;
    }
    readCurrent();
  }

  function setOnline(user: number, online: boolean): void {
    if (online) state.online.add(user);
    else state.online.delete(user);
  }

  function infoOf(chat: Chat): ChatInfo | undefined {
    if (chat.type === 'group') {
      const group = state.groups.find(({ id }) => id === chat.id);
      if (group === undefined) return undefined;
      const count = group.members.filter((id) => state.online.has(id)).length;
      const sign = `${group.members.length} 位成员，${count} 人在线`;
      return { chat, name: group.groupname, avatar: group.avatar, sign, online: true };
    }
    const friend = state.friends.find(({ id }) => id === chat.id);
    if (friend === undefined) return undefined;
    const { username: name, avatar, sign } = friend;
    return { chat, name, avatar, sign, online: state.online.has(chat.id) };
  }

  function userOf(id: number | undefined): User | undefined {
    return id === undefined || id === state.mine?.id
      ? state.mine
      : state.friends.find((user) => user.id === id);
  }

  /** How far the other has read; a group has no such mark. */
  function readByOther(chat: Chat): number {
    if (chat.type === 'group') return 0;
    return state.marks.find((mark) => mark.by === chat.id && sameChat(mark.chat, chat))?.upTo ?? 0;
  }

  function saidIn(chat: Chat): Message[] {
    const me = state.mine?.id ?? 0;
    return [...state.said.values()].filter((message) => sameChat(chatOf(message, me), chat));
  }

  function entriesOf(chat: Chat): Entry[] {
    const read = readByOther(chat);
    const said = saidIn(chat).map(({ seq, from, content, at }): Entry => {
      const mine = from === state.mine?.id;
      const key = `said ${seq}`;
      return { kind: 'message', key, from, mine, content, at, state: seq <= read ? 'read' : 'sent' };
    });
    const pending = state.pending
      .filter(({ to }) => sameChat(to, chat))
      .map(({ content, at, token }): Entry => {
        return {
          kind: 'message',
          key: token,
          from: state.mine?.id,
          mine: true,
          content,
          at,
          state: 'sending',
        };
      });
    const local = state.local
      .filter((line) => sameChat(line.chat, chat))
      .map(({ mine, system, text, at }, index): Entry => {
        const key = `local ${index} ${at}`;
        if (system) return { kind: 'system', key, text, at };
        const from = mine ? state.mine?.id : chat.type === 'friend' ? chat.id : undefined;
        return { kind: 'message', key, from, mine, content: { kind: 'text', text }, at, state: 'local' };
      });
    return [...said, ...local].sort((a, b) => a.at - b.at).concat(pending);
  }

  function unreadIn(chat: Chat): number {
    const me = state.mine?.id;
    const upTo = state.marks.find((mark) => mark.by === me && sameChat(mark.chat, chat))?.upTo ?? 0;
    return saidIn(chat).filter((message) => message.from !== me && message.seq > upTo).length;
  }

  function previewIn(chat: Chat): { text: string; at: number } | undefined {
    const last = entriesOf(chat).at(-1);
    if (last === undefined) return undefined;
    return { text: last.kind === 'system' ? last.text : previewOf(last.content), at: last.at };
  }

  /** What is on the screen counts as read. */
  function readCurrent(): void {
    if (state.current === undefined || !state.isVisible || unreadIn(state.current) === 0) return;
    const upTo = Math.max(...saidIn(state.current).map(({ seq }) => seq));
    connection?.send({ id: 'read', chat: state.current, upTo });
  }

  function openChat(chat: Chat): void {
    if (!state.tabs.some((tab) => sameChat(tab, chat))) state.tabs.push(chat);
    state.current = chat;
    readCurrent();
  }

  /** Takes a chat off the screen but keeps its tab, as a phone does on the way back to the list. */
  function leaveChat(): void {
    state.current = undefined;
  }

  function closeChat(chat: Chat): void {
    const index = state.tabs.findIndex((tab) => sameChat(tab, chat));
    state.tabs = state.tabs.filter((tab) => !sameChat(tab, chat));
    if (sameChat(state.current, chat)) state.current = state.tabs[Math.min(index, state.tabs.length - 1)];
    readCurrent();
  }

  function closeAll(): void {
    state.tabs = [];
    state.current = undefined;
  }

  function say(to: Chat, content: Content): void {
    const pending: Pending = { to, content, token: crypto.randomUUID(), at: Date.now() };
    state.pending.push(pending);
    connection?.send({ id: 'say', to, content, token: pending.token });
  }

  function addLocal(line: LocalLine): void {
    state.local = [...state.local, line].slice(-LOCAL_MAX);
    if (state.mine === undefined) return;
    sessionStorage.setItem(`demo-lines-${state.mine.id}`, JSON.stringify(state.local));
  }

  return {
    state,
    start,
    setLink,
    receive,
    setOnline,
    infoOf,
    userOf,
    entriesOf,
    unreadIn,
    previewIn,
    openChat,
    leaveChat,
    closeChat,
    closeAll,
    say,
    addLocal,
  };
}
