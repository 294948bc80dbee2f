import type { TestBrowser } from './test-browser.ts';

/** One stream that a test browser sends. */
export class TestStream {
  readonly #browser: TestBrowser;
  readonly payloadType: number;
  ssrc: number;
  sequenceNumber: number;
  timestamp: number;
  transportSequenceNumber = 0;

  constructor(
    browser: TestBrowser,
    { payloadType = 96, ssrc = 1111, sequenceNumber = 1, timestamp = 1000 } = {},
  ) {
    this.#browser = browser;
    this.payloadType = payloadType;
    this.ssrc = ssrc;
    this.sequenceNumber = sequenceNumber;
    this.timestamp = timestamp;
  }

  /**
   * Creates the next packet.
   * @param text the payload after the VP8 descriptor
   */
  next(text: string, { key = false, marker = true } = {}): Buffer {
    const packet = rtpPacket({
      payloadType: this.payloadType,
      sequenceNumber: this.sequenceNumber,
      timestamp: this.timestamp,
      ssrc: this.ssrc,
      marker,
      transportSequenceNumber: this.transportSequenceNumber++,
      payload: Buffer.concat([Buffer.from([0x10, key ? 0 : 1]), Buffer.from(text)]),
    });
    this.sequenceNumber = (this.sequenceNumber + 1) & 0xffff;
    this.timestamp = (this.timestamp + 3000) >>> 0;
    return packet;
  }

  send(text: string, options: { key?: boolean; marker?: boolean } = {}): void {
    this.#browser.send(this.next(text, options));
  }
}

/** Writes an RTP packet with abs-send-time (2), transport-cc (3) and mid (4) extensions. */
export function rtpPacket(fields: {
  payloadType: number;
  sequenceNumber: number;
  timestamp: number;
  ssrc: number;
  marker?: boolean;
  transportSequenceNumber?: number;
  payload: Buffer;
}): Buffer {
  const header = Buffer.alloc(28);
  header[0] = 0x90;
  header[1] = (fields.marker ? 0x80 : 0) | fields.payloadType;
  header.writeUInt16BE(fields.sequenceNumber, 2);
  header.writeUInt32BE(fields.timestamp, 4);
  header.writeUInt32BE(fields.ssrc, 8);
  header.writeUInt32BE(0xbede0003, 12);
  header.set([0x22, 1, 2, 3, 0x31, 0, 0, 0x40, 0x31, 0, 0, 0], 16);
  header.writeUInt16BE((fields.transportSequenceNumber ?? 0) & 0xffff, 21);
  return Buffer.concat([header, fields.payload]);
}
