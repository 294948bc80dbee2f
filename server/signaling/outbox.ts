import { queuedSizeOf } from './limits.ts';

/** A frame, counted from 1. */
export interface Numbered {
  readonly number: number;
  readonly frame: string;
}

export interface OutboxOptions {
  /** Frames kept that were written and may not have arrived, or that wait for a socket. */
  readonly framesMax: number;
  /** Bytes of all that is kept. */
  readonly bytesMax: number;
}

/**
 * The frames for a page that it may not have got yet: those that wait to be written, and those that were. What
 * was written to a socket is not received: a phone that changes its network leaves behind a socket that looks
 * open for a long time. So frames stay here until the page's pong to a later ping tells that they arrived
 * (WebSockets keep the order; RFC 6455, 5.5.3). Beyond its limits the oldest are dropped.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  #kept: Numbered[] = [];
  #bytes = 0;
  /** How many of those kept, from the first on, were written to the present socket. */
  #writtenCount = 0;
  #isOpen = false;
  #lastNumber = 0;
  #droppedNumber = 0;
  #receivedNumber = 0;
  #hasGap = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Bytes of all that is kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether everything that has not been received is still here. */
  get isComplete(): boolean {
    return !this.#hasGap && this.#droppedNumber <= this.#receivedNumber;
  }

  /** Whether a frame was dropped that the present socket should have got: nothing more is written to it. */
  get hasGap(): boolean {
    return this.#hasGap;
  }

  /** There is a socket, to which all that is kept has to be written. */
  open(): void {
    this.#isOpen = true;
    this.#writtenCount = 0;
  }

  /** There is no socket; nobody knows which of the written frames have arrived. */
  close(): void {
    this.#isOpen = false;
    this.#writtenCount = 0;
    this.#trim();
  }

  push(frame: string): void {
    this.#lastNumber += 1;
    this.#kept.push({ number: this.#lastNumber, frame });
    this.#bytes += queuedSizeOf(frame);
    this.#trim();
  }

  /** The next frame to write; it counts as written. */
  next(): Numbered | undefined {
    const next = this.#isOpen && !this.#hasGap ? this.#kept[this.#writtenCount] : undefined;
    if (!next) return undefined;
    this.#writtenCount += 1;
    this.#trim();
    return next;
  }

  /** The page has received the frame of this number, and so all before it. */
  confirm(number: number): void {
    if (!(number > this.#receivedNumber)) return;
    this.#receivedNumber = number;
    while (this.#kept[0] && this.#kept[0].number <= number) this.#shift();
  }

  #trim(): void {
    while (this.#isOverfull()) {
      const isUnwritten = this.#isOpen && this.#writtenCount === 0;
      this.#droppedNumber = this.#shift();
      if (isUnwritten) this.#hasGap = true;
    }
  }

  /** What waits for a slow socket is bounded by its bytes alone. */
  #isOverfull(): boolean {
    const { framesMax, bytesMax } = this.#options;
    const isWaiting = this.#isOpen && this.#writtenCount === 0;
    return this.#bytes > bytesMax || (this.#kept.length > framesMax && !isWaiting);
  }

  #shift(): number {
    const first = this.#kept.shift();
    if (!first) return this.#lastNumber;
    this.#bytes -= queuedSizeOf(first.frame);
    this.#writtenCount = Math.max(0, this.#writtenCount - 1);
    return first.number;
  }
}
