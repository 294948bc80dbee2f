import { keyFrameTest } from './key-frames.ts';
import type { KeyFrameTest } from './key-frames.ts';
import { NackQueue } from '../rtcp/nack-queue.ts';
import type { Medium } from '../sdp/negotiation.ts';
import { PacketRing } from './packet-ring.ts';
import { ReceptionStatistics } from '../rtcp/reception-statistics.ts';
import type { SenderReport } from '../rtcp/rtcp-reader.ts';
import type { ReceptionReport } from '../rtcp/rtcp-writer.ts';
import { RtpPacket } from './rtp-packet.ts';
import { extensionIds, NO_EXTENSIONS, toAbsSendTime } from './header-extensions.ts';
import type { ExtensionIds } from './header-extensions.ts';
import type { MediaKind } from '../sdp/codecs.ts';
import type { InboundStats } from './stream-stats.ts';

/** How long video packets are kept for retransmission and for new subscribers. */
const KEEP_MS = 500;
const KEY_FRAME_INTERVAL_MS = 300;
/** A retired SSRC is accepted again when the current one has been silent for this long. */
const SSRC_SILENCE_MS = 1000;
/** Browsers send one a second; more often they are not passed on, because each costs a packet per subscriber. */
const SENDER_REPORT_INTERVAL_MS = 100;
const MAX_RETIRED_SSRCS = 8;

/** Receives the packets of an {@link IncomingStream}. */
export interface Subscriber {
  forward(packet: RtpPacket, nowMs: number): void;
  sendSenderReport(report: SenderReport, nowMs: number): void;
}

/** Sends an {@link IncomingStream}'s feedback to the publishing browser. */
export interface PublisherFeedback {
  /**
   * Records the arrival of a packet for transport-wide feedback.
   * @param sendTime its abs-send-time, 6.18 bit fixed-point seconds; −1 when unknown
   */
  arrived(transportSequenceNumber: number, sendTime: number, nowMs: number): void;
  nack(ssrc: number, lost: readonly number[]): void;
  requestKeyFrame(ssrc: number, how: 'pli' | 'fir'): void;
}

/**
 * One medium that a browser sends: counts its packets, requests the lost ones, keeps recent ones for retransmission
 * and forwards all to the subscribers.
 */
export class IncomingStream {
  readonly kind: MediaKind;
  readonly #feedback: PublisherFeedback;
  readonly #subscribers: Subscriber[] = [];
  readonly #nackQueue = new NackQueue();
  readonly #ring: PacketRing;
  #medium: Medium | null = null;
  #ids: ExtensionIds = NO_EXTENSIONS;
  #isKeyFrame: KeyFrameTest = () => true;
  #nackable = false;
  #spare = new RtpPacket();
  #statistics = new ReceptionStatistics(1);
  #retiredSsrcs: number[] = [];
  #unexpectedSequenceNumber = -1;
  #lastKeyFrame = -1;
  #lastKeyFrameTimestamp = 0;
  #keyFrameRequestMs = -Infinity;
  #keyFrameWanted = false;
  #shedding = false;
  #lostBefore = 0;
  #nackCount = 0;
  #pliCount = 0;
  #firCount = 0;
  #lastReport: SenderReport | null = null;
  #lastReportMs = 0;
  ssrc = 0;
  /** Incremented whenever subscribers must resynchronise: a new SSRC, or packets dropped under overload. */
  epoch = 0;
  lastPacketMs = -Infinity;
  packetsReceived = 0;
  bytesReceived = 0;
  rembBps = 0;

  constructor(kind: MediaKind, feedback: PublisherFeedback) {
    this.kind = kind;
    this.#feedback = feedback;
    this.#ring = new PacketRing(kind === 'video' ? KEEP_MS : 0);
  }

  get medium(): Medium | null {
    return this.#medium;
  }

  /** The browser's last sender report for the current SSRC. */
  get lastSenderReport(): SenderReport | null {
    return this.#lastReport;
  }

  /** Sets what was negotiated. */
  configure(medium: Medium): void {
    this.#medium = medium;
    this.#ids = extensionIds(medium);
    this.#isKeyFrame = keyFrameTest(medium.codec.name);
    this.#nackable = medium.codec.feedback.includes('nack');
    this.#statistics = new ReceptionStatistics(medium.codec.clockRate);
  }

  addSubscriber(subscriber: Subscriber): void {
    this.#subscribers.push(subscriber);
  }

  removeSubscriber(subscriber: Subscriber): void {
    const index = this.#subscribers.indexOf(subscriber);
    if (index >= 0) this.#subscribers.splice(index, 1);
  }

  /**
   * Takes a packet of this stream's payload type.
   * @param overloaded whether video is to be dropped because the process is late
   */
  receive(buffer: Buffer, nowMs: number, overloaded: boolean): void {
    const packet = this.#spare;
    if (!packet.read(buffer, this.#ids)) return;
    if (packet.transportSequenceNumber >= 0)
      this.#feedback.arrived(packet.transportSequenceNumber, packet.sendTime, nowMs);
    const ssrc = buffer.readUInt32BE(8);
    if (ssrc !== this.ssrc && !this.#changeSsrc(ssrc, nowMs)) return;
    const extended = this.#extend(packet.sequenceNumber);
    if (extended < 0 || this.#ring.find(extended)) return;
    this.#count(packet, extended, nowMs);
    if (packet.startsKeyFrame) this.#noteKeyFrame(packet);
    this.#spare = this.#ring.put(packet);
    if (overloaded && this.kind === 'video') this.#shedding = true;
    else this.#forward(packet, nowMs);
  }

  /** A packet for retransmission; `null` when it is no longer kept, or of an earlier epoch. */
  find(extended: number): RtpPacket | null {
    const packet = this.#ring.find(extended);
    return packet?.epoch === this.epoch ? packet : null;
  }

  /** Forwards everything since the latest key frame to a new subscriber, if that key frame is recent enough. */
  replay(subscriber: Subscriber, nowMs: number): void {
    const first = this.find(this.#lastKeyFrame);
    if (this.kind !== 'video' || !first || nowMs - first.arrivalMs > KEEP_MS) return;
    for (let extended = this.#lastKeyFrame; extended <= this.#statistics.highest; extended++) {
      const packet = this.find(extended);
      if (packet) subscriber.forward(packet, nowMs);
    }
  }

  /** Requests a key frame from the browser, at most every 300 ms; a request in between is sent later. */
  requestKeyFrame(nowMs: number): void {
    if (this.kind !== 'video' || !this.#medium) return;
    if (this.ssrc === 0 || nowMs - this.#keyFrameRequestMs < KEY_FRAME_INTERVAL_MS) {
      this.#keyFrameWanted = true;
      return;
    }
    this.#keyFrameRequestMs = nowMs;
    this.#keyFrameWanted = false;
    const { feedback } = this.#medium.codec;
    if (feedback.includes('nack pli')) {
      this.#pliCount++;
      this.#feedback.requestKeyFrame(this.ssrc, 'pli');
    } else if (feedback.includes('ccm fir')) {
      this.#firCount++;
      this.#feedback.requestKeyFrame(this.ssrc, 'fir');
    }
  }

  /** Takes the browser's sender report and passes it on to the subscribers, at most every 100 ms. */
  takeSenderReport(report: SenderReport, nowMs: number): void {
    if (this.#lastReport && nowMs - this.#lastReportMs < SENDER_REPORT_INTERVAL_MS) return;
    this.#lastReport = report;
    this.#lastReportMs = nowMs;
    for (const subscriber of this.#subscribers) subscriber.sendSenderReport(report, nowMs);
  }

  /** Called ten times a second: repeats the requests for lost packets and for a key frame. */
  tick(nowMs: number): void {
    this.#requestLost(nowMs);
    if (this.#keyFrameWanted && this.ssrc !== 0) this.requestKeyFrame(nowMs);
  }

  /** The reception report for the browser (RFC 3550, section 6.4.1); `null` before the first packet. */
  report(nowMs: number): ReceptionReport | null {
    this.#ring.expire(nowMs);
    if (this.ssrc === 0) return null;
    const report = this.#lastReport;
    const middle = report ? ((report.ntpSeconds << 16) | (report.ntpFraction >>> 16)) >>> 0 : 0;
    const delay = report ? Math.round((nowMs - this.#lastReportMs) * 65.536) : 0;
    return this.#statistics.report(this.ssrc, middle, delay);
  }

  stats(): InboundStats {
    return {
      kind: this.kind,
      ssrc: this.ssrc,
      packetsReceived: this.packetsReceived,
      bytesReceived: this.bytesReceived,
      packetsLost: this.#lostBefore + this.#statistics.packetsLost,
      jitterSeconds: this.#statistics.jitterSeconds,
      fractionLost: this.#statistics.fractionLost,
      nackCount: this.#nackCount,
      pliCount: this.#pliCount,
      firCount: this.#firCount,
      rembBps: this.rembBps,
    };
  }

  close(): void {
    this.#medium = null;
    this.#ring.clear();
    this.#nackQueue.clear();
  }

  #forward(packet: RtpPacket, nowMs: number): void {
    if (this.#shedding) {
      this.#shedding = false;
      packet.epoch = ++this.epoch;
    }
    packet.absSendTime = toAbsSendTime(nowMs);
    for (const subscriber of this.#subscribers) subscriber.forward(packet, nowMs);
  }

  /** In H.264 the parameter sets and every slice look like the start of a key frame; only the first one counts. */
  #noteKeyFrame(packet: RtpPacket): void {
    const { extendedSequenceNumber: extended, timestamp } = packet;
    this.#keyFrameWanted = false;
    const sameFrame = this.#lastKeyFrame >= 0 && timestamp === this.#lastKeyFrameTimestamp;
    if (sameFrame) {
      packet.startsKeyFrame = extended < this.#lastKeyFrame;
      this.#lastKeyFrame = Math.min(this.#lastKeyFrame, extended);
    } else if (extended > this.#lastKeyFrame) {
      this.#lastKeyFrame = extended;
      this.#lastKeyFrameTimestamp = timestamp;
    }
  }

  #count(packet: RtpPacket, extended: number, nowMs: number): void {
    const { highest } = this.#statistics;
    packet.extendedSequenceNumber = extended;
    packet.epoch = this.epoch;
    packet.arrivalMs = nowMs;
    const end = packet.payloadOffset + packet.payloadBytes;
    packet.startsKeyFrame = this.#isKeyFrame(packet.buffer, packet.payloadOffset, end);
    this.#statistics.count(extended, packet.timestamp, nowMs);
    this.packetsReceived++;
    this.bytesReceived += packet.buffer.length;
    this.lastPacketMs = nowMs;
    if (!this.#nackable || highest < 0) return;
    if (extended < highest) this.#nackQueue.remove(extended);
    else if (extended > highest + 1) {
      if (this.#nackQueue.add(highest + 1, extended, nowMs)) this.#requestLost(nowMs);
      else this.requestKeyFrame(nowMs);
    }
  }

  /** Two unexpected but consecutive numbers: the browser restarted the sequence with the same SSRC. */
  #extend(sequenceNumber: number): number {
    const extended = this.#statistics.extend(sequenceNumber);
    if (extended >= 0) {
      this.#unexpectedSequenceNumber = -1;
      return extended;
    }
    const restarted =
      this.#unexpectedSequenceNumber >= 0 &&
      sequenceNumber === ((this.#unexpectedSequenceNumber + 1) & 0xffff);
    this.#unexpectedSequenceNumber = sequenceNumber;
    if (!restarted) return -1;
    this.#begin(this.ssrc);
    return this.#statistics.extend(sequenceNumber);
  }

  /** @returns whether the SSRC is accepted as the stream's current one */
  #changeSsrc(ssrc: number, nowMs: number): boolean {
    const silent = nowMs - this.lastPacketMs > SSRC_SILENCE_MS;
    if (this.#retiredSsrcs.includes(ssrc) && !silent) return false;
    if (this.ssrc !== 0) {
      this.#retiredSsrcs = [...this.#retiredSsrcs.filter((retired) => retired !== ssrc), this.ssrc].slice(
        -MAX_RETIRED_SSRCS,
      );
    }
    this.#begin(ssrc);
    return true;
  }

  #begin(ssrc: number): void {
    this.ssrc = ssrc;
    this.epoch++;
    this.#unexpectedSequenceNumber = -1;
    this.#lostBefore += this.#statistics.packetsLost;
    this.#statistics = new ReceptionStatistics(this.#medium?.codec.clockRate ?? 1);
    this.#nackQueue.clear();
    this.#ring.clear();
    this.#lastKeyFrame = -1;
    this.#lastReport = null;
  }

  #requestLost(nowMs: number): void {
    const lost = this.#nackQueue.takeDue(nowMs);
    if (lost.length === 0) return;
    this.#nackCount++;
    this.#feedback.nack(this.ssrc, lost);
  }
}
