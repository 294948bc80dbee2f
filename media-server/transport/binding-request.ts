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

/** Any but zero will do: it counts only where both sides claim the same role. */
const TIE_BREAKER = 1n;

/** Where an attribute's value is in its message. */
interface Span {
  readonly offset: number;
  readonly length: number;
}

/**
 * A connectivity check as it comes from the network: a STUN Binding request with a short-term credential
 * (RFC 8445, 7.1; RFC 8489, 9.1).
 */
export class BindingRequest {
  readonly #bytes: Buffer;
  readonly #attributes: ReadonlyMap<number, Span>;

  private constructor(bytes: Buffer, attributes: ReadonlyMap<number, Span>) {
    this.#bytes = bytes;
    this.#attributes = attributes;
  }

  /** @returns null for anything else, malformed ones too */
  static parse(datagram: Buffer): BindingRequest | null {
    if (datagram.length < HEADER_BYTES || datagram.length % 4 !== 0) return null;
    if (datagram.readUInt16BE(0) !== BINDING_REQUEST || datagram.readUInt32BE(4) !== MAGIC_COOKIE)
      return null;
    if (datagram.readUInt16BE(2) !== datagram.length - HEADER_BYTES) return null;
    const attributes = attributesOf(datagram);
    return attributes && new BindingRequest(datagram, attributes);
  }

  /** The user name fragment of who is asked; empty where there is none. */
  get ufrag(): string {
    return this.#value(ATTRIBUTE.username)?.toString('utf8').split(':', 1)[0] ?? '';
  }

  /** Whether it claims a role with a tie-breaker of zero. */
  get hasZeroTieBreaker(): boolean {
    return this.#tieBreaker?.readBigUInt64BE() === 0n;
  }

  /** Whether it was written by somebody who knows the password of who is asked. */
  isFrom(password: string): boolean {
    const integrity = this.#value(ATTRIBUTE.integrity);
    if (integrity?.length !== INTEGRITY_BYTES) return false;
    return timingSafeEqual(integrity, this.#integrityOf(this.#bytes, password));
  }

  /**
   * The same request with a tie-breaker that is not zero.
   * @param password what it is signed with
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

  /** The HMAC over what stands before the attribute, in a message that ends with it (RFC 8489, 14.5). */
  #integrityOf(bytes: Buffer, password: string): Buffer {
    const end = (this.#attributes.get(ATTRIBUTE.integrity)?.offset ?? 4) - 4;
    const signed = Buffer.from(bytes.subarray(0, end));
    signed.writeUInt16BE(end - HEADER_BYTES + 4 + INTEGRITY_BYTES, 2);
    return createHmac('sha1', password).update(signed).digest();
  }
}

/** Type, length and value, padded to four bytes (RFC 8489, 14); of equal ones the first counts. */
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

/** The checksum over what stands before the attribute, which is the last (RFC 8489, 14.7). */
function fingerprintOf(bytes: Buffer, { offset }: Span): number {
  return (crc32(bytes.subarray(0, offset - 4)) ^ FINGERPRINT_MASK) >>> 0;
}
