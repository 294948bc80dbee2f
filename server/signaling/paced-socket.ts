import type { WebSocket } from 'ws';

/**
 * Writes to one WebSocket without letting anything pile up in it: frames as long as it takes them, and of each
 * kind of control frame one at a time.
 */
export class PacedSocket {
  readonly #socket: WebSocket;
  readonly #unsentBytesMax: number;
  readonly #onDrain: () => void;
  #isPonging = false;
  #nextPong: Buffer | undefined;

  /**
   * @param unsentBytesMax bytes that the network has not taken, with which the socket is full
   * @param onDrain called when it has taken some, and the socket is not full
   */
  constructor(socket: WebSocket, unsentBytesMax: number, onDrain: () => void) {
    this.#socket = socket;
    this.#unsentBytesMax = unsentBytesMax;
    this.#onDrain = onDrain;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** Bytes that were written and that the network has not taken. */
  get unsentBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /** Whether frames have to wait: until the socket drains, or for another one. */
  get isFull(): boolean {
    return !this.isOpen || this.unsentBytes >= this.#unsentBytesMax;
  }

  /** Writes a frame; the caller has seen that the socket is not full. */
  send(frame: string): void {
    if (this.isOpen) this.#socket.send(frame, this.#written);
  }

  ping(payload: string): void {
    if (this.isOpen) this.#socket.ping(payload);
  }

  /** Answers a ping. Of those that come while an answer is being written only the last gets one (RFC 6455, 5.5.3). */
  pong(payload: Buffer): void {
    if (!this.isOpen) return;
    if (this.#isPonging) {
      this.#nextPong = payload;
      return;
    }
    this.#isPonging = true;
    this.#socket.pong(payload, false, () => {
      this.#isPonging = false;
      const next = this.#nextPong;
      this.#nextPong = undefined;
      if (next) this.pong(next);
    });
  }

  /** Says goodbye; what still comes is read and thrown away. */
  close(code: number, reason: string): void {
    this.#socket.resume();
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  /** Lets the client's frames wait in its own socket. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  readonly #written = (): void => {
    if (!this.isFull) this.#onDrain();
  };
}
