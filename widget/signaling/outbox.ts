import type { ClientMessageInput } from '../../protocol/index.ts';

/** Most messages kept while there is no connection; older ones are dropped first. */
const OUTBOX_LIMIT = 200;

/** What may arrive twice without harm, and is therefore sent again when it may not have arrived. */
const REPEATABLE: ReadonlySet<ClientMessageInput['id']> = new Set([
  'onIceCandidate',
  'stop',
  'mediaState',
  'leaveRoom',
  'cancelVideoFrom',
] as const);

/**
 * Messages on their way: those that wait for a connection, and those that went out on one which may have
 * been dead by then.
 */
export class Outbox {
  #waiting: ClientMessageInput[] = [];
  #unconfirmed: ClientMessageInput[] = [];

  /** Keeps a message until there is a connection. */
  wait(message: ClientMessageInput): void {
    this.#waiting.push(message);
    if (this.#waiting.length > OUTBOX_LIMIT) this.#waiting.shift();
  }

  /** Remembers a message that was handed to the socket. */
  sent(message: ClientMessageInput): void {
    if (!REPEATABLE.has(message.id)) return;
    this.#unconfirmed.push(message);
    if (this.#unconfirmed.length > OUTBOX_LIMIT) this.#unconfirmed.shift();
  }

  /** The server answered a ping: what was sent before has arrived. */
  confirm(): void {
    this.#unconfirmed = [];
  }

  /** Takes out everything that a resumed connection has to send, in order. */
  takeAll(): ClientMessageInput[] {
    const all = [...this.#unconfirmed, ...this.#waiting];
    this.#unconfirmed = [];
    this.#waiting = [];
    return all;
  }

  /** The calls these messages were about are gone; what did not go out yet may still start a new one. */
  forget(): void {
    this.#unconfirmed = [];
    this.#waiting = this.#waiting.filter((message) => message.id === 'call');
  }
}
