/** The demo's chat: who is here, and passing on what is said. */
import type { RawData, WebSocket } from 'ws';
import * as v from 'valibot';
import {
  type Chat,
  ClientMessage,
  type Refusal,
  type ServerMessage,
  type User,
} from '../protocol/messages.ts';
import { Conversations } from './conversations.ts';
import { DEMO_GROUP, DEMO_USERS } from './people.ts';

/** Frames one connection may send within `PACE_WINDOW_MS`. */
export const FRAMES_MAX = 40;
const PACE_WINDOW_MS = 10_000;
const PING_INTERVAL_MS = 20_000;
/** RFC 6455, 7.4.1. */
const POLICY_VIOLATION = 1008;

export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** The chats that a user has: with every other one, and the group. */
function chatsOf(user: number): Chat[] {
  const friends = DEMO_USERS.filter(({ id }) => id !== user).map(({ id }): Chat => ({ type: 'friend', id }));
  return DEMO_GROUP.members.includes(user) ? [...friends, { type: 'group', id: DEMO_GROUP.id }] : friends;
}

/** Who takes part in a chat besides `user`, and how each of them names it. */
function othersIn(user: number, chat: Chat): { id: number; chat: Chat }[] {
  if (chat.type === 'friend') return [{ id: chat.id, chat: { type: 'friend', id: user } }];
  return DEMO_GROUP.members.filter((id) => id !== user).map((id) => ({ id, chat }));
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return data instanceof ArrayBuffer ? Buffer.from(data).toString() : data.toString();
}

function parse(text: string): ClientMessage | undefined {
  try {
    const result = v.safeParse(ClientMessage, JSON.parse(text));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}

/** One page's connection. */
interface Guest {
  readonly socket: WebSocket;
  user: User | undefined;
  isAlive: boolean;
  frames: number;
  windowStartedAt: number;
}

/** The chat between the pages of the demo: who is online, and what they say to each other. */
export class DemoChat {
  readonly #conversations = new Conversations();
  readonly #guests = new Set<Guest>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Serves one connection until it closes. */
  connect(socket: WebSocket): void {
    const guest: Guest = { socket, user: undefined, isAlive: true, frames: 0, windowStartedAt: 0 };
    this.#guests.add(guest);
    const pinging = setInterval(() => {
      if (!guest.isAlive) return socket.terminate();
      guest.isAlive = false;
      socket.ping();
    }, PING_INTERVAL_MS);
    socket.on('pong', () => (guest.isAlive = true));
    socket.on('message', (data, isBinary) => this.#receive(guest, isBinary ? '' : textOf(data)));
    socket.on('error', (error) => this.#logger.warn({ err: error }, 'demo chat connection failed'));
    socket.once('close', () => {
      clearInterval(pinging);
      this.#guests.delete(guest);
      if (guest.user !== undefined && !this.#isOnline(guest.user.id)) this.#announce(guest.user.id, false);
    });
  }

  #receive(guest: Guest, text: string): void {
    if (this.#isTooFast(guest)) {
      this.#refuse(guest, 'too-fast', 'Too many messages at once.');
      guest.socket.close(POLICY_VIOLATION);
      return;
    }
    const message = parse(text);
    if (message === undefined) return this.#refuse(guest, 'bad-message', 'Not a message of the demo chat.');
    if (message.id === 'enter') return this.#enter(guest, message.user);
    if (guest.user === undefined) return this.#refuse(guest, 'not-entered', 'Send enter first.');
    switch (message.id) {
      case 'say':
        return this.#say(guest, guest.user.id, message);
      case 'read':
        return this.#read(guest, guest.user.id, message.chat, message.upTo);
      default:
        return message satisfies never;
    }
  }

  #isTooFast(guest: Guest): boolean {
    const now = Date.now();
    if (now - guest.windowStartedAt > PACE_WINDOW_MS) {
      guest.windowStartedAt = now;
      guest.frames = 0;
    }
    return ++guest.frames > FRAMES_MAX;
  }

  #enter(guest: Guest, wanted: number | undefined): void {
    if (guest.user !== undefined) return this.#refuse(guest, 'bad-message', 'Entered already.');
    const free = DEMO_USERS.find((user) => !this.#isOnline(user.id)) ?? DEMO_USERS[0];
    const user = wanted === undefined ? free : DEMO_USERS.find(({ id }) => id === wanted);
    if (user === undefined) return this.#refuse(guest, 'unknown-user', `There is no demo user ${wanted}.`);
    if (!this.#isOnline(user.id)) this.#announce(user.id, true);
    guest.user = user;
    const chats = chatsOf(user.id);
    this.#send(guest, {
      id: 'entered',
      mine: user,
      friends: DEMO_USERS.filter((other) => other !== user),
      groups: [DEMO_GROUP],
      online: DEMO_USERS.map(({ id }) => id).filter((id) => this.#isOnline(id)),
      history: this.#conversations.history(user.id, chats),
      read: this.#conversations.readMarks(user.id, chats),
    });
    this.#logger.info({ user: user.id }, 'demo user entered');
  }

  #say(guest: Guest, from: number, said: Extract<ClientMessage, { id: 'say' }>): void {
    const { to, content, token } = said;
    if (!this.#has(from, to)) return this.#refuse(guest, 'unknown-chat', 'There is no such chat.', token);
    const { message, isNew } = this.#conversations.add(from, to, content, token, Date.now());
    if (!isNew) return this.#send(guest, { id: 'said', message, token });
    this.#tell(from, { id: 'said', message, token });
    for (const other of othersIn(from, to)) this.#tell(other.id, { id: 'said', message });
  }

  #read(guest: Guest, by: number, chat: Chat, upTo: number): void {
    if (!this.#has(by, chat)) return this.#refuse(guest, 'unknown-chat', 'There is no such chat.');
    const mark = this.#conversations.markRead(by, chat, upTo);
    if (mark === undefined) return;
    this.#tell(by, { id: 'read', mark: { by, chat, upTo: mark } });
    for (const other of othersIn(by, chat)) {
      this.#tell(other.id, { id: 'read', mark: { by, chat: other.chat, upTo: mark } });
    }
  }

  #has(user: number, chat: Chat): boolean {
    return chatsOf(user).some(({ type, id }) => type === chat.type && id === chat.id);
  }

  #isOnline(user: number): boolean {
    return [...this.#guests].some((guest) => guest.user?.id === user);
  }

  #announce(user: number, online: boolean): void {
    for (const guest of this.#guests) {
      if (guest.user !== undefined) this.#send(guest, { id: 'presence', user, online });
    }
  }

  #tell(user: number, message: ServerMessage): void {
    for (const guest of this.#guests) if (guest.user?.id === user) this.#send(guest, message);
  }

  #refuse(guest: Guest, code: Refusal['code'], message: string, token?: string): void {
    this.#send(guest, { id: 'refused', code, message, ...(token === undefined ? {} : { token }) });
  }

  #send({ socket }: Guest, message: ServerMessage): void {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  }
}
