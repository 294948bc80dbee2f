import type { ExtensionIds } from './header-extensions.ts';

export const RTP_HEADER_BYTES = 12;
const ONE_BYTE_EXTENSIONS = 0xbede;
const NOWHERE = 0;

/** The header fields of packets to one browser. */
export interface OutgoingHeader extends ExtensionIds {
  readonly payloadType: number;
  readonly ssrc: number;
  readonly midBytes: Uint8Array;
}

const NO_BUFFER = Buffer.alloc(0);

/**
 * An RTP packet (RFC 3550, section 5.1) that is parsed once and then rewritten in place for every receiver. Objects
 * are reused, so nothing is allocated per packet.
 */
export class RtpPacket {
  buffer: Buffer = NO_BUFFER;
  sequenceNumber = 0;
  /** Including the wraps; set by the stream that receives the packet. */
  extendedSequenceNumber = -1;
  /** The epoch of its stream that the packet belongs to; set by that stream. */
  epoch = 0;
  timestamp = 0;
  arrivalMs = 0;
  payloadOffset = 0;
  /** Without padding. */
  payloadBytes = 0;
  startsKeyFrame = false;
  /** Transport-wide sequence number; −1 when it has none. */
  transportSequenceNumber = -1;
  /** The browser's abs-send-time, 6.18 bit fixed-point seconds; −1 when it has none. */
  sendTime = -1;
  /** The abs-send-time to write, 6.18 bit fixed-point seconds. */
  absSendTime = 0;
  #marker = 0;
  #midAt = NOWHERE;
  #midBytes = 0;
  #audioLevelAt = NOWHERE;
  #audioLevel = 0;
  #absSendTimeAt = NOWHERE;

  /**
   * Parses a packet. Header extensions (RFC 8285) that are not forwarded are overwritten with padding.
   * @returns false when it is not a valid RTP packet
   */
  read(buffer: Buffer, ids: ExtensionIds): boolean {
    const { length } = buffer;
    if (length < RTP_HEADER_BYTES || byte(buffer, 0) >> 6 !== 2) return false;
    const flags = byte(buffer, 0);
    this.#midAt = this.#audioLevelAt = this.#absSendTimeAt = NOWHERE;
    this.transportSequenceNumber = this.sendTime = -1;
    let offset = RTP_HEADER_BYTES + (flags & 0x0f) * 4;
    if (flags & 0x10) {
      if (offset + 4 > length) return false;
      const end = offset + 4 + uint16(buffer, offset + 2) * 4;
      if (end > length) return false;
      this.#readExtensions(buffer, uint16(buffer, offset), offset + 4, end, ids);
      offset = end;
    }
    if (offset > length) return false;
    const padding = flags & 0x20 ? byte(buffer, length - 1) : 0;
    if (offset + padding > length || (flags & 0x20 && padding === 0)) return false;
    this.buffer = buffer;
    this.payloadOffset = offset;
    this.payloadBytes = length - offset - padding;
    this.#marker = byte(buffer, 1) & 0x80;
    this.sequenceNumber = uint16(buffer, 2);
    this.timestamp = uint32(buffer, 4);
    return true;
  }

  /** Rewrites header and extensions for one receiver. */
  address(to: OutgoingHeader, sequenceNumber: number, timestamp: number): void {
    const { buffer } = this;
    buffer[1] = this.#marker | to.payloadType;
    buffer[2] = sequenceNumber >> 8;
    buffer[3] = sequenceNumber;
    writeUint32(buffer, 4, timestamp);
    writeUint32(buffer, 8, to.ssrc);
    if (this.#absSendTimeAt !== NOWHERE) this.#writeAbsSendTime(to.absSendTime);
    if (this.#audioLevelAt !== NOWHERE) {
      buffer[this.#audioLevelAt] = to.audioLevel << 4;
      buffer[this.#audioLevelAt + 1] = to.audioLevel ? this.#audioLevel : 0;
    }
    if (this.#midAt !== NOWHERE) this.#writeMid(to);
  }

  /** Frees the bytes. */
  clear(): void {
    this.buffer = NO_BUFFER;
    this.extendedSequenceNumber = -1;
  }

  #readExtensions(buffer: Buffer, profile: number, start: number, end: number, ids: ExtensionIds): void {
    if (profile !== ONE_BYTE_EXTENSIONS) {
      buffer.fill(0, start, end);
      return;
    }
    for (let at = start; at < end;) {
      const head = byte(buffer, at);
      if (head === 0) {
        at++;
        continue;
      }
      const id = head >> 4;
      const size = (head & 0x0f) + 1;
      // Id 15 means: stop here (RFC 8285, section 4.2).
      if (id === 15 || at + 1 + size > end) {
        buffer.fill(0, at, end);
        return;
      }
      if (!this.#keepExtension(buffer, at, id, size, ids)) buffer.fill(0, at, at + 1 + size);
      at += 1 + size;
    }
  }

  #keepExtension(buffer: Buffer, at: number, id: number, size: number, ids: ExtensionIds): boolean {
    if (id === ids.transportCc && size === 2) {
      this.transportSequenceNumber = uint16(buffer, at + 1);
      return false;
    }
    if (id === ids.absSendTime && size === 3) {
      this.#absSendTimeAt = at;
      this.sendTime = (byte(buffer, at + 1) << 16) | uint16(buffer, at + 2);
    } else if (id === ids.audioLevel && size === 1) {
      this.#audioLevelAt = at;
      this.#audioLevel = byte(buffer, at + 1);
    } else if (id === ids.mid) {
      this.#midAt = at;
      this.#midBytes = size;
    } else return false;
    return true;
  }

  #writeAbsSendTime(id: number): void {
    const { buffer } = this;
    const at = this.#absSendTimeAt;
    const value = id ? this.absSendTime : 0;
    buffer[at] = id ? (id << 4) | 2 : 0;
    buffer[at + 1] = value >> 16;
    buffer[at + 2] = value >> 8;
    buffer[at + 3] = value;
  }

  /** A mid of another length does not fit; it is dropped, because receivers know the SSRC from the description. */
  #writeMid({ mid, midBytes }: OutgoingHeader): void {
    const { buffer } = this;
    const at = this.#midAt;
    const size = this.#midBytes;
    const fits = mid > 0 && midBytes.length === size;
    buffer[at] = fits ? (mid << 4) | (size - 1) : 0;
    for (let i = 0; i < size; i++) buffer[at + 1 + i] = fits ? (midBytes[i] ?? 0) : 0;
  }
}

function byte(buffer: Uint8Array, at: number): number {
  return buffer[at] as number;
}

function uint16(buffer: Uint8Array, at: number): number {
  return (byte(buffer, at) << 8) | byte(buffer, at + 1);
}

function uint32(buffer: Uint8Array, at: number): number {
  return ((uint16(buffer, at) << 16) | uint16(buffer, at + 2)) >>> 0;
}

function writeUint32(buffer: Uint8Array, at: number, value: number): void {
  buffer[at] = value >>> 24;
  buffer[at + 1] = value >>> 16;
  buffer[at + 2] = value >>> 8;
  buffer[at + 3] = value;
}
