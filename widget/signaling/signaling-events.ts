import type { ServerMessage, ServerMessageOf } from '../../protocol/index.ts';
import type { Credentials } from './credentials.ts';
import type { RejectionCode } from './rejections.ts';

/** What the server says when it lets the page in. */
export type Registration = Extract<ServerMessageOf<'registerResponse'>, { response: 'accepted' }>;

/** `lost`: there was a session and it may still be resumed; `refused`: the server does not want this user. */
export type SignalingState = 'stopped' | 'connecting' | 'ready' | 'lost' | 'refused';

/** What a signaling connection tells. */
export type SignalingEvents = {
  state: SignalingState;
  /** Registered or resumed. */
  ready: Registration;
  /** The old session, and every call in it, is gone; a new registration is under way. */
  expired: undefined;
  refused: { readonly code: RejectionCode | 'token-unavailable'; readonly message: string };
  /** Again no connection came about; with what the server said, if it answers and asks to come again. */
  unreachable: string | undefined;
  /** Any message but those about the connection itself. */
  message: ServerMessage;
};

/** What a signaling connection needs from outside. */
export interface SignalingOptions {
  /** The address of `/signal`. */
  readonly address: string;
  /** Who registers; asked before each registration, so a token may be fresh each time. */
  readonly credentials: () => Promise<Credentials>;
  /** @default the browser's */
  readonly WebSocket?: new (address: string) => WebSocket;
  /** Where `online` is heard. @default globalThis */
  readonly network?: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>;
  /** @default Math.random */
  readonly random?: () => number;
}
