/**
 * What the demo page and its chat backend say to each other over `/demo/chat`: text frames, each one JSON
 * object whose `id` names the message. It has nothing to do with calls; those have their own socket.
 */
import * as v from 'valibot';

/** Longest text of one message, in characters. */
export const TEXT_MAX_LENGTH = 2000;
/** Longest image (a data URL) of one message, in characters; fits a 64 KiB frame. */
export const IMAGE_MAX_LENGTH = 60_000;
/** Longest token by which a page recognises its own message, in characters. */
const TOKEN_MAX_LENGTH = 64;
const IMAGE_URL = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+=*$/;

const Id = v.pipe(v.number(), v.integer(), v.minValue(1));

/** LayIM's word for the two kinds of chat; a group's id may equal a user's. */
export const Chat = v.object({ type: v.picklist(['friend', 'group']), id: Id });
export type Chat = v.InferOutput<typeof Chat>;

/** What a message says. */
export const Content = v.variant('kind', [
  v.object({
    kind: v.literal('text'),
    text: v.pipe(
      v.string(),
      v.maxLength(TEXT_MAX_LENGTH),
      v.check((text) => text.trim() !== '', 'It is empty.'),
    ),
  }),
  v.object({
    kind: v.literal('image'),
    url: v.pipe(v.string(), v.maxLength(IMAGE_MAX_LENGTH), v.regex(IMAGE_URL)),
  }),
]);
export type Content = v.InferOutput<typeof Content>;

/** One message as everybody sees it. */
export const Message = v.object({
  /** Grows by one with each message of the backend. */
  seq: v.pipe(v.number(), v.integer()),
  from: Id,
  /** Where it was sent: the receiver or the group. */
  to: Chat,
  content: Content,
  /** Milliseconds since 1970. */
  at: v.number(),
});
export type Message = v.InferOutput<typeof Message>;

/** In LayIM's words, as in the answer to its `init` request. */
export const User = v.object({ id: Id, username: v.string(), avatar: v.string(), sign: v.string() });
export type User = v.InferOutput<typeof User>;

export const Group = v.object({
  id: Id,
  groupname: v.string(),
  avatar: v.string(),
  members: v.array(Id),
});
export type Group = v.InferOutput<typeof Group>;

const Token = v.pipe(v.string(), v.minLength(1), v.maxLength(TOKEN_MAX_LENGTH));

/** How far `by` has read the chat that it has with the receiver of this, or the group. */
const ReadMark = v.object({ by: Id, chat: Chat, upTo: v.number() });
export type ReadMark = v.InferOutput<typeof ReadMark>;

/** From the page. `enter` must be the first. */
export const ClientMessage = v.variant('id', [
  /** Without `user` the backend picks the first who is not online. */
  v.object({ id: v.literal('enter'), user: v.optional(Id) }),
  /** Sent again with the same token after a lost connection, it counts once. */
  v.object({ id: v.literal('say'), to: Chat, content: Content, token: Token }),
  v.object({ id: v.literal('read'), chat: Chat, upTo: v.pipe(v.number(), v.integer(), v.minValue(0)) }),
]);
export type ClientMessage = v.InferOutput<typeof ClientMessage>;

/** From the backend. */
export const ServerMessage = v.variant('id', [
  v.object({
    id: v.literal('entered'),
    mine: User,
    friends: v.array(User),
    groups: v.array(Group),
    online: v.array(Id),
    history: v.array(Message),
    read: v.array(ReadMark),
  }),
  v.object({ id: v.literal('said'), message: Message, token: v.optional(Token) }),
  v.object({ id: v.literal('read'), mark: ReadMark }),
  v.object({ id: v.literal('presence'), user: Id, online: v.boolean() }),
  v.object({
    id: v.literal('refused'),
    code: v.picklist(['bad-message', 'not-entered', 'unknown-user', 'unknown-chat', 'too-fast']),
    message: v.string(),
    token: v.optional(Token),
  }),
]);
export type ServerMessage = v.InferOutput<typeof ServerMessage>;
export type Refusal = Extract<ServerMessage, { id: 'refused' }>;
