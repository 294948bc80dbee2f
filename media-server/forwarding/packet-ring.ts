import { RtpPacket } from './rtp-packet.ts';

const INITIAL_SLOTS = 64;
const MAX_SLOTS = 2048;

/**
 * The latest packets of a stream by extended sequence number, for retransmission. Grows until it holds `keepMs` of
 * the stream, 2,048 packets at most. Packet objects are reused; the bytes of old packets are freed.
 */
export class PacketRing {
  readonly #keepMs: number;
  #slots: RtpPacket[] = [];
  #size = INITIAL_SLOTS;
  #oldest = -1;
  #newest = -1;

  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  /** Adds a packet. Returns the object that it displaces, to be filled with the next packet. */
  put(packet: RtpPacket): RtpPacket {
    const { extendedSequenceNumber: extended } = packet;
    if (extended <= this.#newest - this.#size) return packet;
    let displaced = this.#slots[extended & (this.#size - 1)];
    const wasYoung =
      displaced !== undefined &&
      displaced.extendedSequenceNumber >= 0 &&
      packet.arrivalMs - displaced.arrivalMs < this.#keepMs;
    if (wasYoung && this.#size < MAX_SLOTS) {
      this.#grow();
      displaced = this.#slots[extended & (this.#size - 1)];
    }
    this.#slots[extended & (this.#size - 1)] = packet;
    if (extended > this.#newest) this.#newest = extended;
    if (this.#oldest < 0 || extended < this.#oldest) this.#oldest = extended;
    return displaced ?? new RtpPacket();
  }

  /** The packet with this extended sequence number; `null` when it is not kept. */
  find(extended: number): RtpPacket | null {
    // A freed slot has the number −1.
    if (extended < 0) return null;
    const packet = this.#slots[extended & (this.#size - 1)];
    return packet?.extendedSequenceNumber === extended ? packet : null;
  }

  /** Frees the bytes of packets that are older than `keepMs`. */
  expire(nowMs: number): void {
    this.#oldest = Math.max(this.#oldest, this.#newest - this.#size + 1);
    for (; this.#oldest <= this.#newest && this.#oldest >= 0; this.#oldest++) {
      const packet = this.find(this.#oldest);
      if (packet && nowMs - packet.arrivalMs <= this.#keepMs) return;
      packet?.clear();
    }
  }

  clear(): void {
    for (const packet of this.#slots) packet?.clear();
    this.#oldest = this.#newest = -1;
  }

  #grow(): void {
    const packets = this.#slots.filter((packet) => packet && packet.extendedSequenceNumber >= 0);
    this.#size *= 2;
    this.#slots = [];
    for (const packet of packets) this.#slots[packet.extendedSequenceNumber & (this.#size - 1)] = packet;
  }
}
