const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const TRANSPORT_FEEDBACK = 205;
const PAYLOAD_FEEDBACK = 206;
const GENERIC_NACK = 1;
const PICTURE_LOSS = 1;
const FULL_INTRA_REQUEST = 4;
const APPLICATION_LAYER = 15;
const REPORT_BLOCK_BYTES = 24;
const REMB_NAME = 0x52454d42;

export interface SenderReport {
  readonly ssrc: number;
  readonly ntpSeconds: number;
  readonly ntpFraction: number;
  readonly rtpTimestamp: number;
}

export interface ReportBlock {
  /** Of the stream that the block reports on. */
  readonly ssrc: number;
  /** 0…1 since the previous report. */
  readonly fractionLost: number;
  readonly packetsLost: number;
  readonly jitter: number;
  readonly lastSenderReport: number;
  /** In 1/65536 s. */
  readonly delaySinceLastSenderReport: number;
}

/** Receives the contents of a compound RTCP packet. */
export interface RtcpHandler {
  onSenderReport(report: SenderReport): void;
  onReportBlock(block: ReportBlock): void;
  /** @param lost sequence numbers that the peer requests again */
  onNack(ssrc: number, lost: readonly number[]): void;
  onPictureLoss(ssrc: number): void;
  onFullIntraRequest(ssrc: number): void;
  /** @param bitsPerSecond the peer's estimate of what it can receive */
  onBandwidthEstimate(bitsPerSecond: number): void;
}

/**
 * Reads a compound RTCP packet (RFC 3550, 4585, 5104; REMB as in draft-alvestrand-rmcat-remb). Stops at the
 * first part that is not well-formed; unknown parts are skipped.
 */
export function readRtcp(buffer: Buffer, handler: RtcpHandler): void {
  for (let start = 0; start + 4 <= buffer.length;) {
    const flags = buffer[start] as number;
    const end = start + (buffer.readUInt16BE(start + 2) + 1) * 4;
    if (flags >> 6 !== 2 || end > buffer.length) return;
    // Padding is part of the packet; its last byte is its length (RFC 3550, section 6.4.1).
    const padding = flags & 0x20 ? (buffer[end - 1] as number) : 0;
    if (padding > end - start - 4) return;
    readPart(buffer.subarray(start, end - padding), flags & 0x1f, handler);
    start = end;
  }
}

function readPart(part: Buffer, count: number, handler: RtcpHandler): void {
  switch (part[1]) {
    case SENDER_REPORT:
      return readSenderReport(part, count, handler);
    case RECEIVER_REPORT:
      return readReportBlocks(part, 8, count, handler);
    case TRANSPORT_FEEDBACK:
      if (count === GENERIC_NACK) readNack(part, handler);
      return;
    case PAYLOAD_FEEDBACK:
      return readPayloadFeedback(part, count, handler);
  }
}

function readSenderReport(part: Buffer, count: number, handler: RtcpHandler): void {
  if (part.length < 28) return;
  handler.onSenderReport({
    ssrc: part.readUInt32BE(4),
    ntpSeconds: part.readUInt32BE(8),
    ntpFraction: part.readUInt32BE(12),
    rtpTimestamp: part.readUInt32BE(16),
  });
  readReportBlocks(part, 28, count, handler);
}

function readReportBlocks(part: Buffer, start: number, count: number, handler: RtcpHandler): void {
  for (let i = 0, at = start; i < count && at + REPORT_BLOCK_BYTES <= part.length; i++) {
    handler.onReportBlock({
      ssrc: part.readUInt32BE(at),
      fractionLost: (part[at + 4] as number) / 256,
      packetsLost: part.readIntBE(at + 5, 3),
      jitter: part.readUInt32BE(at + 12),
      lastSenderReport: part.readUInt32BE(at + 16),
      delaySinceLastSenderReport: part.readUInt32BE(at + 20),
    });
    at += REPORT_BLOCK_BYTES;
  }
}

function readNack(part: Buffer, handler: RtcpHandler): void {
  if (part.length < 16) return;
  const lost: number[] = [];
  for (let at = 12; at + 4 <= part.length; at += 4) {
    const first = part.readUInt16BE(at);
    const following = part.readUInt16BE(at + 2);
    lost.push(first);
    for (let bit = 0; bit < 16; bit++) if (following & (1 << bit)) lost.push((first + bit + 1) & 0xffff);
  }
  handler.onNack(part.readUInt32BE(8), lost);
}

function readPayloadFeedback(part: Buffer, format: number, handler: RtcpHandler): void {
  if (part.length < 12) return;
  if (format === PICTURE_LOSS) handler.onPictureLoss(part.readUInt32BE(8));
  else if (format === FULL_INTRA_REQUEST)
    for (let at = 12; at + 8 <= part.length; at += 8) handler.onFullIntraRequest(part.readUInt32BE(at));
  else if (format === APPLICATION_LAYER) readRemb(part, handler);
}

function readRemb(part: Buffer, handler: RtcpHandler): void {
  if (part.length < 20 || part.readUInt32BE(12) !== REMB_NAME) return;
  const exponent = (part[17] as number) >> 2;
  const mantissa = part.readUIntBE(17, 3) & 0x3ffff;
  handler.onBandwidthEstimate(mantissa * 2 ** exponent);
}
