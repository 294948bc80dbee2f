const INITIAL_BYTES = 1200;
const REMB_NAME = 0x52454d42;
/** A NACK item holds one sequence number and a bit mask of the sixteen after it. */
const NACK_SPAN = 16;

export interface ReceptionReport {
  readonly ssrc: number;
  /** 0…1 */
  readonly fractionLost: number;
  readonly packetsLost: number;
  readonly highestSequenceNumber: number;
  readonly jitter: number;
  readonly lastSenderReport: number;
  readonly delaySinceLastSenderReport: number;
}

export interface OutgoingSenderReport {
  readonly ssrc: number;
  readonly ntpSeconds: number;
  readonly ntpFraction: number;
  readonly rtpTimestamp: number;
  readonly packetsSent: number;
  readonly bytesSent: number;
}

/** Writes the parts of a compound RTCP packet (RFC 3550, section 6.1) into a buffer that is reused. */
export class RtcpWriter {
  #buffer = Buffer.alloc(INITIAL_BYTES);
  #length = 0;

  get empty(): boolean {
    return this.#length === 0;
  }

  /** The packet as written so far, valid until the next call. A new one starts afterwards. */
  take(): Uint8Array {
    const packet = this.#buffer.subarray(0, this.#length);
    this.#length = 0;
    return packet;
  }

  /** SR without report blocks (RFC 3550, section 6.4.1). */
  senderReport(report: OutgoingSenderReport): void {
    const at = this.#begin(0, 200, 28);
    this.#buffer.writeUInt32BE(report.ssrc, at + 4);
    this.#buffer.writeUInt32BE(report.ntpSeconds, at + 8);
    this.#buffer.writeUInt32BE(report.ntpFraction, at + 12);
    this.#buffer.writeUInt32BE(report.rtpTimestamp, at + 16);
    this.#buffer.writeUInt32BE(report.packetsSent >>> 0, at + 20);
    this.#buffer.writeUInt32BE(report.bytesSent >>> 0, at + 24);
  }

  /** RR (RFC 3550, section 6.4.2). */
  receiverReport(senderSsrc: number, reports: readonly ReceptionReport[]): void {
    let at = this.#begin(reports.length, 201, 8 + reports.length * 24);
    this.#buffer.writeUInt32BE(senderSsrc, at + 4);
    at += 8;
    for (const report of reports) {
      const lost = Math.max(-0x800000, Math.min(0x7fffff, report.packetsLost));
      this.#buffer.writeUInt32BE(report.ssrc, at);
      this.#buffer[at + 4] = Math.min(255, Math.floor(report.fractionLost * 256));
      this.#buffer.writeIntBE(lost, at + 5, 3);
      this.#buffer.writeUInt32BE(report.highestSequenceNumber >>> 0, at + 8);
      this.#buffer.writeUInt32BE(report.jitter >>> 0, at + 12);
      this.#buffer.writeUInt32BE(report.lastSenderReport, at + 16);
      this.#buffer.writeUInt32BE(report.delaySinceLastSenderReport >>> 0, at + 20);
      at += 24;
    }
  }

  /** SDES with the CNAME (RFC 3550, section 6.5), by which browsers synchronise streams. */
  sourceDescription(ssrc: number, cname: string): void {
    const name = Buffer.from(cname.slice(0, 255), 'latin1');
    // Item type, length and at least one zero byte at the end, in whole words.
    const size = 8 + Math.ceil((name.length + 3) / 4) * 4;
    const at = this.#begin(1, 202, size);
    this.#buffer.fill(0, at + 4, at + size);
    this.#buffer.writeUInt32BE(ssrc, at + 4);
    this.#buffer[at + 8] = 1;
    this.#buffer[at + 9] = name.length;
    name.copy(this.#buffer, at + 10);
  }

  /** Generic NACK (RFC 4585, section 6.2.1). */
  nack(senderSsrc: number, mediaSsrc: number, lost: readonly number[]): void {
    const items: { first: number; following: number }[] = [];
    for (const sequenceNumber of lost) {
      const item = items.at(-1);
      const distance = item ? (sequenceNumber - item.first) & 0xffff : 0;
      if (item && distance > 0 && distance <= NACK_SPAN) item.following |= 1 << (distance - 1);
      else items.push({ first: sequenceNumber, following: 0 });
    }
    const at = this.#feedback(1, 205, 12 + items.length * 4, senderSsrc, mediaSsrc);
    for (const [index, item] of items.entries()) {
      this.#buffer.writeUInt16BE(item.first, at + 12 + index * 4);
      this.#buffer.writeUInt16BE(item.following, at + 14 + index * 4);
    }
  }

  /** PLI (RFC 4585, section 6.3.1). */
  pictureLoss(senderSsrc: number, mediaSsrc: number): void {
    this.#feedback(1, 206, 12, senderSsrc, mediaSsrc);
  }

  /** FIR (RFC 5104, section 4.3.1). */
  fullIntraRequest(senderSsrc: number, mediaSsrc: number, commandNumber: number): void {
    const at = this.#feedback(4, 206, 20, senderSsrc, 0);
    this.#buffer.writeUInt32BE(mediaSsrc, at + 12);
    this.#buffer.writeUInt32BE((commandNumber & 0xff) * 0x1000000, at + 16);
  }

  /** REMB (draft-alvestrand-rmcat-remb, section 2.2). */
  bandwidthEstimate(senderSsrc: number, mediaSsrc: number, bitsPerSecond: number): void {
    let exponent = 0;
    let mantissa = Math.max(0, Math.floor(bitsPerSecond));
    while (mantissa > 0x3ffff && exponent < 63) {
      mantissa = Math.floor(mantissa / 2);
      exponent++;
    }
    const at = this.#feedback(15, 206, 24, senderSsrc, 0);
    this.#buffer.writeUInt32BE(REMB_NAME, at + 12);
    this.#buffer.writeUInt32BE(((1 << 24) | (exponent << 18) | mantissa) >>> 0, at + 16);
    this.#buffer.writeUInt32BE(mediaSsrc, at + 20);
  }

  /**
   * Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01).
   * @param content what follows the two SSRCs, in whole 32-bit words
   */
  transportFeedback(senderSsrc: number, mediaSsrc: number, content: Uint8Array): void {
    const at = this.#feedback(15, 205, 12 + content.length, senderSsrc, mediaSsrc);
    this.#buffer.set(content, at + 12);
  }

  #feedback(format: number, type: number, size: number, senderSsrc: number, mediaSsrc: number): number {
    const at = this.#begin(format, type, size);
    this.#buffer.writeUInt32BE(senderSsrc, at + 4);
    this.#buffer.writeUInt32BE(mediaSsrc, at + 8);
    return at;
  }

  #begin(count: number, type: number, size: number): number {
    const at = this.#length;
    if (at + size > this.#buffer.length)
      this.#buffer = Buffer.concat([this.#buffer], Math.max(this.#buffer.length * 2, at + size));
    this.#buffer[at] = 0x80 | count;
    this.#buffer[at + 1] = type;
    this.#buffer.writeUInt16BE(size / 4 - 1, at + 2);
    this.#length += size;
    return at;
  }
}
