import { randomInt } from 'node:crypto';
import { extensionIds, NO_EXTENSIONS, toAbsSendTime } from './header-extensions.ts';
import type { IncomingStream, Subscriber } from './incoming-stream.ts';
import type { Medium } from '../sdp/negotiation.ts';
import type { ReportBlock, SenderReport } from '../rtcp/rtcp-reader.ts';
import type { OutgoingSenderReport } from '../rtcp/rtcp-writer.ts';
import { RTP_HEADER_BYTES } from './rtp-packet.ts';
import type { OutgoingHeader, RtpPacket } from './rtp-packet.ts';
import { SubscriberLimit } from '../bandwidth/subscriber-limit.ts';
import type { MediaKind } from '../sdp/codecs.ts';
import type { OutboundStats } from './stream-stats.ts';

/** By how much timestamps advance at least when the source changes: one frame. */
const MIN_STEP_MS: Record<MediaKind, number> = { audio: 20, video: 33 };

/**
 * Between two ticks, however many NACKs arrive: a few bytes of NACK must not cause megabytes of media. A browser that
 * misses more needs a key frame, and requests it.
 */
const MAX_RETRANSMISSIONS_PER_TICK = 200;

/** Sends an {@link OutgoingStream}'s packets to its browser. */
interface PacketSink {
  send(packet: Uint8Array): boolean;
  sendSenderReport(report: OutgoingSenderReport): void;
}

/**
 * One medium that a browser receives. Whatever its source does (change, switch to another SSRC, pause), the browser
 * sees one SSRC with continuous sequence numbers and timestamps, and video that starts with a key frame.
 */
export class OutgoingStream implements Subscriber {
  readonly kind: MediaKind;
  readonly limit = new SubscriberLimit();
  readonly #sink: PacketSink;
  #header: OutgoingHeader;
  #medium: Medium | null = null;
  #source: IncomingStream | null = null;
  #open = false;
  /** The source's epoch that is being forwarded; −1 before its first packet. */
  #epoch = -1;
  #firstExtended = 0;
  #sequenceOffset = 0;
  #timestampOffset = 0;
  #lastSequence: number;
  #lastTimestamp: number;
  #reportDue = false;
  #reportMiddle = 0;
  #reportSentMs = 0;
  #packetsSent = 0;
  #payloadBytesSent = 0;
  #retransmitted = 0;
  #retransmissionsLeft = MAX_RETRANSMISSIONS_PER_TICK;
  #report: ReportBlock | null = null;
  #roundTripTimeMs = 0;
  #nackCount = 0;
  #pliCount = 0;
  #firCount = 0;
  lastSentMs = -Infinity;

  constructor(kind: MediaKind, ssrc: number, sink: PacketSink) {
    this.kind = kind;
    this.#sink = sink;
    this.#lastSequence = 0x10000 + randomInt(0x8000);
    this.#lastTimestamp = randomInt(0x80000000);
    this.#header = { ...NO_EXTENSIONS, payloadType: 0, ssrc, midBytes: new Uint8Array() };
  }

  get ssrc(): number {
    return this.#header.ssrc;
  }

  get medium(): Medium | null {
    return this.#medium;
  }

  /** Sets what was negotiated. */
  configure(medium: Medium): void {
    this.#medium = medium;
    this.#header = {
      ...extensionIds(medium),
      ssrc: this.ssrc,
      payloadType: medium.codec.payloadType,
      midBytes: Buffer.from(medium.mid),
    };
  }

  /** Replaces whose media is sent. */
  setSource(source: IncomingStream | null, nowMs: number): void {
    this.#source?.removeSubscriber(this);
    this.#source = source;
    this.#epoch = -1;
    source?.addSubscriber(this);
    if (this.#open) this.#start(nowMs);
  }

  /** The connection was established or lost. */
  setOpen(open: boolean, nowMs: number): void {
    this.#open = open && this.#medium !== null;
    this.#epoch = -1;
    if (this.#open) this.#start(nowMs);
  }

  forward(packet: RtpPacket, nowMs: number): void {
    if (!this.#open) return;
    if (packet.epoch !== this.#epoch && !this.#begin(packet, nowMs)) return;
    if (packet.extendedSequenceNumber < this.#firstExtended) return;
    this.#send(packet, nowMs);
  }

  /** Passes the source's sender report on, converted to this stream's timestamps. */
  sendSenderReport(report: SenderReport, nowMs: number): void {
    if (!this.#open || this.#epoch < 0 || this.#epoch !== this.#source?.epoch) return;
    this.#reportDue = false;
    this.#reportMiddle = ((report.ntpSeconds << 16) | (report.ntpFraction >>> 16)) >>> 0;
    this.#reportSentMs = nowMs;
    this.#sink.sendSenderReport({
      ssrc: this.ssrc,
      ntpSeconds: report.ntpSeconds,
      ntpFraction: report.ntpFraction,
      rtpTimestamp: (report.rtpTimestamp + this.#timestampOffset) >>> 0,
      packetsSent: this.#packetsSent,
      bytesSent: this.#payloadBytesSent,
    });
  }

  /** Retransmits what the browser requests, as far as the source still keeps it. */
  retransmit(lost: readonly number[], nowMs: number): void {
    this.#nackCount++;
    if (!this.#open || this.#epoch < 0 || this.#epoch !== this.#source?.epoch) return;
    for (const sequenceNumber of lost) {
      if (this.#retransmissionsLeft === 0) return;
      const age = (this.#lastSequence - sequenceNumber) & 0xffff;
      const extended = this.#lastSequence - age - this.#sequenceOffset;
      const packet = extended < this.#firstExtended ? null : this.#source.find(extended);
      if (!packet) continue;
      this.#retransmissionsLeft--;
      this.#retransmitted++;
      this.#send(packet, nowMs);
    }
  }

  /** The browser requests a key frame. */
  onKeyFrameRequest(how: 'pli' | 'fir', nowMs: number): void {
    if (how === 'pli') this.#pliCount++;
    else this.#firCount++;
    this.#source?.requestKeyFrame(nowMs);
  }

  onReportBlock(block: ReportBlock, nowMs: number): void {
    this.#report = block;
    if (block.lastSenderReport === 0 || block.lastSenderReport !== this.#reportMiddle) return;
    const sinceReportMs = nowMs - this.#reportSentMs;
    this.#roundTripTimeMs = Math.max(0, sinceReportMs - block.delaySinceLastSenderReport / 65.536);
  }

  /** Called ten times a second: sends the sender report that is due, and allows further retransmissions. */
  tick(nowMs: number): void {
    this.#retransmissionsLeft = MAX_RETRANSMISSIONS_PER_TICK;
    const report = this.#reportDue ? this.#source?.lastSenderReport : null;
    if (report) this.sendSenderReport(report, nowMs);
  }

  /** Called once a second: compares what is sent with what the browser says it can receive. */
  updateLimit(nowMs: number): void {
    this.limit.update(this.#payloadBytesSent, this.#report?.fractionLost ?? 0, nowMs);
  }

  stats(): OutboundStats {
    const clockRate = this.#medium?.codec.clockRate ?? 1;
    return {
      kind: this.kind,
      ssrc: this.ssrc,
      packetsSent: this.#packetsSent,
      bytesSent: this.#payloadBytesSent + this.#packetsSent * RTP_HEADER_BYTES,
      packetsRetransmitted: this.#retransmitted,
      packetsLost: this.#report?.packetsLost ?? 0,
      jitterSeconds: (this.#report?.jitter ?? 0) / clockRate,
      fractionLost: this.#report?.fractionLost ?? 0,
      roundTripTimeSeconds: this.#roundTripTimeMs / 1000,
      nackCount: this.#nackCount,
      pliCount: this.#pliCount,
      firCount: this.#firCount,
      rembBps: this.limit.estimateBps,
    };
  }

  close(nowMs: number): void {
    this.#open = false;
    this.setSource(null, nowMs);
  }

  #start(nowMs: number): void {
    const source = this.#source;
    source?.replay(this, nowMs);
    if (this.#epoch < 0) source?.requestKeyFrame(nowMs);
  }

  /** Continues the sent stream with the first packet of a source or of its new epoch. */
  #begin(packet: RtpPacket, nowMs: number): boolean {
    if (packet.epoch < this.#epoch || !this.#canForward()) return false;
    if (!packet.startsKeyFrame) {
      this.#source?.requestKeyFrame(nowMs);
      return false;
    }
    const clockRate = this.#medium?.codec.clockRate ?? 1;
    const elapsedMs = this.#packetsSent === 0 ? 0 : nowMs - this.lastSentMs;
    const step = Math.round((Math.max(MIN_STEP_MS[this.kind], elapsedMs) * clockRate) / 1000);
    this.#epoch = packet.epoch;
    this.#firstExtended = packet.extendedSequenceNumber;
    this.#sequenceOffset = this.#lastSequence + 1 - packet.extendedSequenceNumber;
    this.#timestampOffset = (this.#lastTimestamp + step - packet.timestamp) >>> 0;
    this.#reportDue = true;
    return true;
  }

  /** Nothing is transcoded: both sides must have negotiated the same codec. */
  #canForward(): boolean {
    return this.#source?.medium?.codec.name === this.#medium?.codec.name;
  }

  #send(packet: RtpPacket, nowMs: number): void {
    const sequence = packet.extendedSequenceNumber + this.#sequenceOffset;
    const timestamp = (packet.timestamp + this.#timestampOffset) >>> 0;
    if (packet.arrivalMs !== nowMs) packet.absSendTime = toAbsSendTime(nowMs);
    packet.address(this.#header, sequence & 0xffff, timestamp);
    if (sequence > this.#lastSequence) {
      this.#lastSequence = sequence;
      this.#lastTimestamp = timestamp;
    }
    if (!this.#sink.send(packet.buffer)) return;
    this.#packetsSent++;
    this.#payloadBytesSent += packet.payloadBytes;
    this.lastSentMs = nowMs;
  }
}
