interface Numbered {
  readonly number: number;
  readonly frame: string;
}

/**
 * The frames for a page that it may not have got yet. What was written to a socket is not received: a phone
 * that changes its network leaves behind a socket that looks open for a long time. So frames stay here until
 * the page's pong to a later ping tells that they arrived (WebSockets keep the order; RFC 6455, 5.5.3).
 */
export class Outbox {
  readonly #framesMax: number;
  #waiting: Numbered[] = [];
  #lastNumber = 0;
  #droppedNumber = 0;
  #receivedNumber = 0;

  /** @param framesMax beyond that, the oldest frames are dropped */
  constructor(framesMax: number) {
    this.#framesMax = framesMax;
  }

  /** Whether everything that has not been received is still here. */
  get isComplete(): boolean {
    return this.#droppedNumber <= this.#receivedNumber;
  }

  /** What has not been received, in order. */
  get frames(): readonly string[] {
    return this.#waiting.map(({ frame }) => frame);
  }

  /** @returns the frame's number, counted from 1 */
  push(frame: string): number {
    this.#lastNumber += 1;
    this.#waiting.push({ number: this.#lastNumber, frame });
    if (this.#waiting.length > this.#framesMax) this.#droppedNumber = this.#waiting.shift()?.number ?? 0;
    return this.#lastNumber;
  }

  /** The page has received the frame of this number, and so all before it. */
  confirm(number: number): void {
    if (!(number > this.#receivedNumber)) return;
    this.#receivedNumber = number;
    const next = this.#waiting.findIndex((waiting) => waiting.number > number);
    this.#waiting.splice(0, next < 0 ? this.#waiting.length : next);
  }
}
