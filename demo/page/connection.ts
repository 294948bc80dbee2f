/** The chat's socket: typed, and opened again when it is lost. */
import * as v from 'valibot';
import { type ClientMessage, ServerMessage } from '../protocol/messages.ts';

const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 8_000;

export type LinkState = 'connecting' | 'open' | 'lost';

export interface ConnectOptions {
  /** The backend's address, with the page's own scheme. */
  readonly url: URL;
  /** Who to be; undefined lets the backend choose. Later connections keep what it chose. */
  readonly user: number | undefined;
  readonly onMessage: (message: ServerMessage) => void;
  readonly onState: (state: LinkState) => void;
}

export interface Connection {
  /** @returns false if there is no connection at the moment; nothing is queued */
  send(message: ClientMessage): boolean;
}

/** Connects and stays connected for as long as the page lives. */
export function connect({ url, user, onMessage, onState }: ConnectOptions): Connection {
  let socket: WebSocket;
  let me = user;
  let failures = 0;

  const receive = (data: unknown): void => {
    const message = v.parse(ServerMessage, JSON.parse(String(data)));
    if (message.id === 'entered') {
      me = message.mine.id;
      failures = 0;
      onState('open');
    }
    if (message.id === 'refused' && message.code === 'unknown-user') {
      me = undefined;
      socket.send(JSON.stringify({ id: 'enter' } satisfies ClientMessage));
      return;
    }
    onMessage(message);
  };

  const open = (): void => {
    const address = new URL(url);
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
    socket = new WebSocket(address);
    const enter: ClientMessage = me === undefined ? { id: 'enter' } : { id: 'enter', user: me };
    socket.onopen = () => socket.send(JSON.stringify(enter));
    socket.onmessage = ({ data }) => receive(data);
    socket.onclose = () => {
      onState('lost');
      setTimeout(open, Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** failures++));
    };
  };

  open();
  return {
    send(message) {
      if (socket.readyState !== WebSocket.OPEN) return false;
      socket.send(JSON.stringify(message));
      return true;
    },
  };
}
