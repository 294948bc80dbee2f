import { TRANSPORT_CC_URI } from '../sdp/codecs.ts';
import { IncomingStream } from '../forwarding/incoming-stream.ts';
import type { PublisherFeedback } from '../forwarding/incoming-stream.ts';
import type { Media } from '../sdp/negotiation.ts';
import { OutgoingStream } from '../forwarding/outgoing-stream.ts';
import { readRtcp } from '../rtcp/rtcp-reader.ts';
import type { ReportBlock, RtcpHandler, SenderReport } from '../rtcp/rtcp-reader.ts';
import { RtcpWriter } from '../rtcp/rtcp-writer.ts';
import type { OutgoingSenderReport, ReceptionReport } from '../rtcp/rtcp-writer.ts';
import { RTP_HEADER_BYTES } from '../forwarding/rtp-packet.ts';
import { commonLimit } from '../bandwidth/subscriber-limit.ts';
import { ticker } from './ticker.ts';
import { TransportFeedback } from '../bandwidth/transport-feedback.ts';
import { MEDIA_KINDS } from './types.ts';
import type { BandwidthLimits, MediaKind } from './types.ts';

const TICKS_PER_REPORT = 10;
const SILENCE_MS = 2000;
/** Without a limit from anyone a browser that knows no transport-wide feedback is allowed this much. */
const DEFAULT_REMB_BPS = 4_000_000;
const MIN_REMB_BPS = 100_000;

/** What a {@link MediaSession} needs of its endpoint. */
export interface MediaSessionHost {
  send(packet: Uint8Array): boolean;
  /** @param direction seen from the browser: `out` is what it sends */
  onFlow(direction: 'in' | 'out', kind: MediaKind, flowing: boolean): void;
}

let sessionCount = 0;

/** RTP and RTCP of one connection: tells packets apart, answers and writes RTCP, watches the flow. */
export class MediaSession implements RtcpHandler, PublisherFeedback {
  readonly incoming: Readonly<Record<MediaKind, IncomingStream>>;
  readonly outgoing: Readonly<Record<MediaKind, OutgoingStream>>;
  readonly limits: BandwidthLimits = {
    minVideoSendKbps: 0,
    maxVideoSendKbps: 0,
    minVideoRecvKbps: 0,
    maxVideoRecvKbps: 0,
    maxAudioRecvKbps: 0,
  };
  readonly #host: MediaSessionHost;
  readonly #cname: string;
  readonly #rtcpSsrc: number;
  readonly #writer = new RtcpWriter();
  readonly #transportFeedback = new TransportFeedback();
  readonly #byPayloadType: (IncomingStream | undefined)[] = [];
  readonly #flowing = { in: { audio: false, video: false }, out: { audio: false, video: false } };
  /** Spreads the endpoints' reports over the second. */
  readonly #phase = sessionCount++ % TICKS_PER_REPORT;
  readonly #unsubscribe: () => void;
  #usesTransportFeedback = false;
  #usesRemb = false;
  #firCommand = 0;

  constructor(ssrcs: Readonly<Record<MediaKind, number>>, cname: string, host: MediaSessionHost) {
    this.#host = host;
    this.#cname = cname;
    this.#rtcpSsrc = ssrcs.video;
    const incoming = (kind: MediaKind): IncomingStream => new IncomingStream(kind, this);
    const outgoing = (kind: MediaKind): OutgoingStream =>
      new OutgoingStream(kind, ssrcs[kind], {
        send: (packet) => this.#host.send(packet),
        sendSenderReport: (report) => this.#writeSenderReport(report),
      });
    this.incoming = { audio: incoming('audio'), video: incoming('video') };
    this.outgoing = { audio: outgoing('audio'), video: outgoing('video') };
    this.#unsubscribe = ticker.subscribe((nowMs, tick) => this.#tick(nowMs, tick));
  }

  /** Sets what was negotiated. */
  configure(media: Media): void {
    for (const kind of MEDIA_KINDS) {
      const received = media.received[kind];
      if (received) {
        this.incoming[kind].configure(received);
        this.#byPayloadType[received.codec.payloadType] = this.incoming[kind];
        const { feedback } = received.codec;
        if (feedback.includes('transport-cc') && received.extensions.has(TRANSPORT_CC_URI))
          this.#usesTransportFeedback = true;
        if (feedback.includes('goog-remb')) this.#usesRemb = true;
      }
      const sent = media.sent[kind];
      if (sent) this.outgoing[kind].configure(sent);
    }
  }

  /** Takes a decrypted packet; never throws. */
  receive(packet: Buffer): void {
    if (packet.length < 8) return;
    const second = packet[1] as number;
    // RFC 5761, section 4: these values are RTCP.
    if (second >= 192 && second <= 223) {
      readRtcp(packet, this);
      return;
    }
    const stream = packet.length < RTP_HEADER_BYTES ? undefined : this.#byPayloadType[second & 0x7f];
    if (!stream) return;
    const nowMs = performance.now();
    stream.receive(packet, nowMs, ticker.overloaded);
    if (!this.#flowing.out[stream.kind]) this.#onFirstPacket(stream, nowMs);
  }

  /** The connection is up, or down again. */
  setOpen(open: boolean): void {
    const nowMs = performance.now();
    for (const kind of MEDIA_KINDS) this.outgoing[kind].setOpen(open, nowMs);
  }

  close(): void {
    this.#unsubscribe();
    for (const kind of MEDIA_KINDS) {
      this.incoming[kind].close();
      this.outgoing[kind].close(performance.now());
    }
  }

  arrived(transportSequenceNumber: number, sendTime: number, nowMs: number): void {
    if (this.#usesTransportFeedback) this.#transportFeedback.record(transportSequenceNumber, nowMs, sendTime);
  }

  nack(ssrc: number, lost: readonly number[]): void {
    this.#writer.nack(this.#rtcpSsrc, ssrc, lost);
    this.#flush();
  }

  requestKeyFrame(ssrc: number, how: 'pli' | 'fir'): void {
    if (how === 'pli') this.#writer.pictureLoss(this.#rtcpSsrc, ssrc);
    else this.#writer.fullIntraRequest(this.#rtcpSsrc, ssrc, this.#firCommand++);
    this.#flush();
  }

  onSenderReport(report: SenderReport): void {
    for (const kind of MEDIA_KINDS)
      if (this.incoming[kind].ssrc === report.ssrc)
        this.incoming[kind].takeSenderReport(report, performance.now());
  }

  onReportBlock(block: ReportBlock): void {
    this.#outgoingOf(block.ssrc)?.onReportBlock(block, performance.now());
  }

  onNack(ssrc: number, lost: readonly number[]): void {
    this.#outgoingOf(ssrc)?.retransmit(lost, performance.now());
  }

  onPictureLoss(ssrc: number): void {
    this.#outgoingOf(ssrc)?.onKeyFrameRequest('pli', performance.now());
  }

  onFullIntraRequest(ssrc: number): void {
    this.#outgoingOf(ssrc)?.onKeyFrameRequest('fir', performance.now());
  }

  onBandwidthEstimate(bitsPerSecond: number): void {
    this.outgoing.video.limit.estimate(bitsPerSecond);
  }

  /** Bit/s the source of this connection's video may use for its sake. */
  get videoSendLimitBps(): number {
    const configured = this.limits.maxVideoSendKbps > 0 ? this.limits.maxVideoSendKbps * 1000 : Infinity;
    const minimum = this.limits.minVideoSendKbps * 1000;
    return Math.min(configured, Math.max(minimum, this.outgoing.video.limit.limitBps));
  }

  /** Told by the endpoint: the connections that receive this one's video. */
  readonly videoReceivers = new Set<MediaSession>();

  #outgoingOf(ssrc: number): OutgoingStream | undefined {
    if (ssrc === this.outgoing.video.ssrc) return this.outgoing.video;
    return ssrc === this.outgoing.audio.ssrc ? this.outgoing.audio : undefined;
  }

  #onFirstPacket(stream: IncomingStream, nowMs: number): void {
    this.#setFlowing('out', stream.kind, true);
    // The browser's estimate begins low and waits for the first word.
    if (stream.kind === 'video') this.#writeRemb();
    this.#writeReports(nowMs);
    this.#flush();
  }

  #tick(nowMs: number, tick: number): void {
    const isReportTick = tick % TICKS_PER_REPORT === this.#phase;
    for (const kind of MEDIA_KINDS) {
      const incoming = this.incoming[kind];
      const outgoing = this.outgoing[kind];
      incoming.tick(nowMs);
      outgoing.tick(nowMs);
      this.#setFlowing('out', kind, nowMs - incoming.lastPacketMs < SILENCE_MS);
      this.#setFlowing('in', kind, nowMs - outgoing.lastSentMs < SILENCE_MS);
    }
    const feedback = this.#transportFeedback.take();
    if (feedback) this.#writer.transportFeedback(this.#rtcpSsrc, this.#feedbackSsrc(), feedback);
    if (isReportTick) {
      this.#writeReports(nowMs);
      this.#writeRemb();
      this.outgoing.video.updateLimit(nowMs);
    }
    this.#flush();
  }

  #feedbackSsrc(): number {
    return this.incoming.video.ssrc || this.incoming.audio.ssrc;
  }

  #writeReports(nowMs: number): void {
    const reports = MEDIA_KINDS.map((kind) => this.incoming[kind].report(nowMs)).filter(
      (report): report is ReceptionReport => report !== null,
    );
    if (reports.length > 0) this.#writer.receiverReport(this.#rtcpSsrc, reports);
  }

  /** With transport-wide feedback the browser estimates by itself; then only a real limit is worth a word. */
  #writeRemb(): void {
    const { ssrc } = this.incoming.video;
    if (!this.#usesRemb || ssrc === 0) return;
    const { minVideoRecvKbps, maxVideoRecvKbps } = this.limits;
    const configured = maxVideoRecvKbps > 0 ? maxVideoRecvKbps * 1000 : Infinity;
    const receivers = commonLimit([...this.videoReceivers].map(({ videoSendLimitBps }) => videoSendLimitBps));
    const wanted = Math.max(MIN_REMB_BPS, minVideoRecvKbps * 1000, receivers);
    const limit = Math.min(configured, wanted);
    const wasLimited = this.incoming.video.rembBps > 0;
    if (limit === Infinity && this.#usesTransportFeedback && !wasLimited) return;
    const announced = Math.min(limit, DEFAULT_REMB_BPS);
    this.incoming.video.rembBps = limit === Infinity && this.#usesTransportFeedback ? 0 : announced;
    this.#writer.bandwidthEstimate(this.#rtcpSsrc, ssrc, announced);
  }

  #writeSenderReport(report: OutgoingSenderReport): void {
    this.#writer.senderReport(report);
    this.#writer.sourceDescription(report.ssrc, this.#cname);
    this.#flush();
  }

  #setFlowing(direction: 'in' | 'out', kind: MediaKind, flowing: boolean): void {
    if (this.#flowing[direction][kind] === flowing) return;
    this.#flowing[direction][kind] = flowing;
    this.#host.onFlow(direction, kind, flowing);
  }

  #flush(): void {
    if (!this.#writer.empty) this.#host.send(this.#writer.take());
  }
}
