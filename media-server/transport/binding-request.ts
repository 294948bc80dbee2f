import { createHmac, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

const HEADER_BYTES = 20;
const BINDING_REQUEST = 0x0001;
const MAGIC_COOKIE = 0x2112_a442;
const FINGERPRINT_MASK = 0x5354_554e;
const TIE_BREAKER_BYTES = 8;
const INTEGRITY_BYTES = 20;

const ATTRIBUTE = {
  username: 0x0006,
  integrity: 0x0008,
  fingerprint: 0x8028,
  controlled: 0x8029,
  controlling: 0x802a,
} as const;

/** Any value but zero; it only matters when both sides claim the same role. */
const TIE_BREAKER = 1n;

/** The position of an attribute's value in its message. */
interface Span {
  readonly offset: number;
  readonly length: number;
}

/**
 * An ICE connectivity check: a STUN Binding request with short-term credentials (RFC 8445, section 7.1; RFC 8489,
 * section 9.1).
 */
export class BindingRequest {
  readonly #bytes: Buffer;
  readonly #attributes: ReadonlyMap<number, Span>;

  private constructor(bytes: Buffer, attributes: ReadonlyMap<number, Span>) {
    this.#bytes = bytes;
    this.#attributes = attributes;
  }

  /** @returns null for anything else, and for malformed requests */
  static parse(datagram: Buffer): BindingRequest | null {
    if (datagram.length < HEADER_BYTES || datagram.length % 4 !== 0) return null;
    if (datagram.readUInt16BE(0) !== BINDING_REQUEST || datagram.readUInt32BE(4) !== MAGIC_COOKIE)
      return null;
    if (datagram.readUInt16BE(2) !== datagram.length - HEADER_BYTES) return null;
    const attributes = attributesOf(datagram);
    return attributes && new BindingRequest(datagram, attributes);
  }

  /** The receiver's username fragment; empty when there is none. */
  get ufrag(): string {
    return this.#value(ATTRIBUTE.username)?.toString('utf8').split(':', 1)[0] ?? '';
  }

  /** Whether it states its role with a tie-breaker of zero. */
  get hasZeroTieBreaker(): boolean {
    return this.#tieBreaker?.readBigUInt64BE() === 0n;
  }

  /** Whether its message integrity was computed with the receiver's password. */
  isSignedWith(password: string): boolean {
    const integrity = this.#value(ATTRIBUTE.integrity);
    if (integrity?.length !== INTEGRITY_BYTES) return false;
    return timingSafeEqual(integrity, this.#integrityOf(this.#bytes, password));
  }

  /**
   * The same request with a tie-breaker that is not zero.
   * @param password the receiver's, to sign it again
   */
  withTieBreaker(password: string): Buffer {
    const bytes = Buffer.from(this.#bytes);
    const tieBreaker =
      this.#attributes.get(ATTRIBUTE.controlling) ?? this.#attributes.get(ATTRIBUTE.controlled);
    if (tieBreaker) bytes.writeBigUInt64BE(TIE_BREAKER, tieBreaker.offset);
    const integrity = this.#attributes.get(ATTRIBUTE.integrity);
    if (integrity) this.#integrityOf(bytes, password).copy(bytes, integrity.offset);
    const fingerprint = this.#attributes.get(ATTRIBUTE.fingerprint);
    if (fingerprint) bytes.writeUInt32BE(fingerprintOf(bytes, fingerprint), fingerprint.offset);
    return bytes;
  }

  get #tieBreaker(): Buffer | undefined {
    const value = this.#value(ATTRIBUTE.controlling) ?? this.#value(ATTRIBUTE.controlled);
    return value?.length === TIE_BREAKER_BYTES ? value : undefined;
  }

  #value(type: number): Buffer | undefined {
    const span = this.#attributes.get(type);
    return span && this.#bytes.subarray(span.offset, span.offset + span.length);
  }

  /** The HMAC over everything before the attribute, with a length that ends with it (RFC 8489, section 14.5). */
  #integrityOf(bytes: Buffer, password: string): Buffer {
    const end = (this.#attributes.get(ATTRIBUTE.integrity)?.offset ?? 4) - 4;
    const signed = Buffer.from(bytes.subarray(0, end));
    signed.writeUInt16BE(end - HEADER_BYTES + 4 + INTEGRITY_BYTES, 2);
    return createHmac('sha1', password).update(signed).digest();
  }
}

/** Type, length and value, padded to four bytes (RFC 8489, section 14); the first of equal types counts. */
function attributesOf(datagram: Buffer): Map<number, Span> | null {
  const attributes = new Map<number, Span>();
  for (let at = HEADER_BYTES; at < datagram.length;) {
    const type = datagram.readUInt16BE(at);
    const length = datagram.readUInt16BE(at + 2);
    const offset = at + 4;
    if (offset + length > datagram.length) return null;
    if (!attributes.has(type)) attributes.set(type, { offset, length });
    at = offset + Math.ceil(length / 4) * 4;
  }
  return attributes;
}

/** The CRC over everything before the attribute, which is the last one (RFC 8489, section 14.7). */
function fingerprintOf(bytes: Buffer, { offset }: Span): number {
  return (crc32(bytes.subarray(0, offset - 4)) ^ FINGERPRINT_MASK) >>> 0;
}
