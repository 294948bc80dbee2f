import { queuedSizeOf } from './limits.ts';

/** The frames of a client that wait to be handled, and the bytes that they take. */
export class Inbox {
  readonly #frames: string[] = [];
  #bytes = 0;

  /** Bytes of all that waits. */
  get bytes(): number {
    return this.#bytes;
  }

  push(frame: string): void {
    this.#frames.push(frame);
    this.#bytes += queuedSizeOf(frame);
  }

  /** Takes out the oldest. */
  shift(): string | undefined {
    const frame = this.#frames.shift();
    if (frame !== undefined) this.#bytes -= queuedSizeOf(frame);
    return frame;
  }

  clear(): void {
    this.#frames.length = 0;
    this.#bytes = 0;
  }
}
