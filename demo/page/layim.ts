/**
 * LayIM's surface, as far as a video call widget needs it, on top of this page's own chat: the instance at
 * `layui.layim`, its events, its methods, and what its toolbar passes to `tool(alias)`. What the methods are
 * called and take is LayIM's public interface (its documentation for 3.x); the code is this project's.
 */
import { watch } from 'vue';
import type { Chat, Group, User } from '../protocol/messages.ts';
import type { ChatRoom } from './chat-room.ts';
import { keyOf } from './chats.ts';

/** The little that pages use of LayIM's jQuery-wrapped elements. */
export interface Wrapped<E extends HTMLElement> {
  readonly 0: E | undefined;
  readonly length: number;
  val(): string;
  val(text: string): void;
  attr(name: string): string | undefined;
}

type ChatData = Record<string, unknown> & { name: string; type: Chat['type']; id: number; avatar: string };

export interface ThisChat {
  readonly elem: Wrapped<HTMLElement>;
  readonly data: ChatData;
  readonly textarea: Wrapped<HTMLTextAreaElement>;
}

interface IncomingLine {
  readonly id: number | string;
  readonly type: string;
  readonly content: string;
  readonly mine?: boolean;
  readonly system?: boolean;
  readonly timestamp?: number;
}

type Listener = (this: unknown, ...args: never[]) => void;

export type Layim = ReturnType<typeof createLayim>;

function wrap<E extends HTMLElement>(element: E | undefined): Wrapped<E> {
  function val(): string;
  function val(text: string): void;
  function val(text?: string): string | void {
    if (!(element instanceof HTMLTextAreaElement)) return '';
    if (text === undefined) return element.value;
    element.value = text;
    element.dispatchEvent(new Event('input', { bubbles: true }));
  }
  return {
    0: element,
    length: element === undefined ? 0 : 1,
    val,
    attr: (name) => element?.getAttribute(name) ?? undefined,
  };
}

/** What LayIM takes as HTML is shown here as text, so that nothing has to be trusted. */
function textOf(html: string): string {
  return new DOMParser().parseFromString(html, 'text/html').body.textContent ?? '';
}

/** The data of a chat, as LayIM writes it into the toolbar's `data-json` and passes it to callbacks. */
export function dataOf(chat: Chat, { state }: ChatRoom): ChatData | undefined {
  if (chat.type === 'group') {
    const group = state.groups.find(({ id }) => id === chat.id);
    if (group === undefined) return undefined;
    const { id, groupname, avatar } = group;
    return { groupname, id, avatar, name: groupname, type: 'group' };
  }
  const friend = state.friends.find(({ id }) => id === chat.id);
  if (friend === undefined) return undefined;
  const status = state.online.has(friend.id) ? 'online' : 'offline';
  return { ...friend, status, name: friend.username, type: 'friend' };
}

/** LayIM's surface over the demo's chat, as far as the widget needs it. */
export function createLayim(room: ChatRoom) {
  const { state } = room;
  const listeners = new Map<string, Listener[]>();

  function emit(name: string, self: unknown, ...args: unknown[]): void {
    for (const listener of listeners.get(name) ?? []) listener.apply(self, args as never[]);
  }

  /** Finds the page's chat; the widget may know its id as a string. */
  function find({ id, type }: { readonly id: number | string; readonly type: string }): Chat | undefined {
    if (type !== 'friend' && type !== 'group') return undefined;
    const all: readonly (User | Group)[] = type === 'group' ? state.groups : state.friends;
    const known = all.find((item) => String(item.id) === String(id));
    return known && { type, id: known.id };
  }

  function elementOf(chat: Chat): HTMLElement | undefined {
    return document.querySelector<HTMLElement>(`.layim-chat[data-chat="${keyOf(chat)}"]`) ?? undefined;
  }

  const layim = {
    /** Adds a listener; as in LayIM there is no way to take it off again. */
    on(name: string, listener: Listener) {
      listeners.set(name, [...(listeners.get(name) ?? []), listener]);
      return layim;
    },

    /** Who is who; without `mine` until the backend has answered. */
    cache() {
      const status = (id: number) => (state.online.has(id) ? 'online' : 'offline');
      const list = state.friends.map((friend) => ({ ...friend, status: status(friend.id) }));
      return {
        mine: state.mine && { ...state.mine, status: 'online' },
        friend: [{ groupname: '我的好友', id: 1, list }],
        group: state.groups.map(({ id, groupname, avatar }) => ({ id, groupname, avatar })),
        base: {},
      };
    },

    /** The chat on the screen, or undefined. */
    thisChat(): ThisChat | undefined {
      const data = state.current && dataOf(state.current, room);
      if (state.current === undefined || data === undefined) return undefined;
      const element = elementOf(state.current);
      return { elem: wrap(element), data, textarea: wrap(element?.querySelector('textarea') ?? undefined) };
    },

    chat(wanted: { readonly id: number | string; readonly type: string }) {
      const chat = find(wanted);
      if (chat !== undefined) room.openChat(chat);
      return layim;
    },

    /** Shows a line in this page only; nobody else is told. */
    getMessage(line: IncomingLine) {
      const chat = find(line);
      if (chat === undefined) return;
      const { content, mine = false, system = false, timestamp = Date.now() } = line;
      room.addLocal({ chat, mine, system, text: system ? textOf(content) : content, at: timestamp });
    },

    setChatStatus(html: string) {
      if (state.current !== undefined) state.statuses.set(keyOf(state.current), textOf(html));
      return layim;
    },

    setFriendStatus(id: number | string, status: string) {
      const friend = find({ id, type: 'friend' });
      if (friend !== undefined) room.setOnline(friend.id, status === 'online');
    },

    /** Does what a click on a tool of a chat's toolbar does: calls the listeners of `tool(alias)`. */
    clickTool(alias: string, button: HTMLElement): void {
      const clicked = layim.thisChat();
      if (clicked === undefined) return;
      const insert = (text: string) => clicked.textarea.val(clicked.textarea.val() + text);
      const send = () => {
        const current = layim.thisChat();
        current?.elem[0]?.querySelector<HTMLElement>('[layim-event=send]')?.click();
      };
      emit(`tool(${alias})`, wrap(button), insert, send, clicked);
    },

    /** Tells listeners what the user sent, in LayIM's form. */
    didSend(chat: Chat, content: string): void {
      const to = dataOf(chat, room);
      if (to !== undefined) emit('sendMessage', layim, { mine: { ...state.mine, mine: true, content }, to });
    },
  };

  watch(
    () => state.mine?.id,
    (id) => id !== undefined && emit('ready', layim, layim.cache()),
    { flush: 'post' },
  );
  watch(
    () => state.current && keyOf(state.current),
    () => state.current !== undefined && emit('chatChange', layim, layim.thisChat()),
    { flush: 'post' },
  );
  return layim;
}
