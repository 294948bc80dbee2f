import { NO_LIMITS, videoReceiveLimitBps, videoSendLimitBps } from '../bandwidth/bandwidth-limits.ts';
import type { BandwidthLimits } from '../bandwidth/bandwidth-limits.ts';
import { commonLimit } from '../bandwidth/subscriber-limit.ts';
import { TransportFeedback } from '../bandwidth/transport-feedback.ts';
import { IncomingStream } from '../forwarding/incoming-stream.ts';
import type { PublisherFeedback } from '../forwarding/incoming-stream.ts';
import { OutgoingStream } from '../forwarding/outgoing-stream.ts';
import { RTP_HEADER_BYTES } from '../forwarding/rtp-packet.ts';
import { readRtcp } from '../rtcp/rtcp-reader.ts';
import type { ReportBlock, RtcpHandler, SenderReport } from '../rtcp/rtcp-reader.ts';
import { RtcpWriter } from '../rtcp/rtcp-writer.ts';
import type { OutgoingSenderReport, ReceptionReport } from '../rtcp/rtcp-writer.ts';
import { MEDIA_KINDS, TRANSPORT_CC_URI } from '../sdp/codecs.ts';
import type { MediaKind } from '../sdp/codecs.ts';
import type { Media } from '../sdp/negotiation.ts';
import { ticker } from './ticker.ts';

const TICKS_PER_REPORT = 10;
/** Media that did not arrive for this long is reported as not flowing. */
const SILENCE_MS = 2000;
/** What a browser without transport-wide feedback may send when nobody sets a limit. */
const DEFAULT_REMB_BPS = 4_000_000;

/** What {@link EndpointMedia} needs from its endpoint. */
interface EndpointMediaHost {
  /** @returns whether the packet was sent */
  send(packet: Uint8Array): boolean;
  /** @param direction as Kurento names it: `out` is what the browser sends, `in` what it receives */
  onFlow(direction: 'in' | 'out', kind: MediaKind, flowing: boolean): void;
}

let endpointCount = 0;

/**
 * The negotiated media of one endpoint: dispatches its RTP packets to the streams, answers and writes RTCP
 * (RFC 3550, RFC 4585), and reports when media starts or stops flowing.
 */
export class EndpointMedia implements RtcpHandler, PublisherFeedback {
  readonly incoming: Readonly<Record<MediaKind, IncomingStream>>;
  readonly outgoing: Readonly<Record<MediaKind, OutgoingStream>>;
  readonly limits: BandwidthLimits = { ...NO_LIMITS };
  /** The endpoints that receive this one's video; kept up to date by the endpoint. */
  readonly videoReceivers = new Set<EndpointMedia>();
  readonly #host: EndpointMediaHost;
  readonly #cname: string;
  readonly #rtcpSsrc: number;
  readonly #writer = new RtcpWriter();
  readonly #transportFeedback = new TransportFeedback();
  readonly #byPayloadType: (IncomingStream | undefined)[] = [];
  readonly #flowing = { in: { audio: false, video: false }, out: { audio: false, video: false } };
  /** Spreads the reports of all endpoints over the second. */
  readonly #phase = endpointCount++ % TICKS_PER_REPORT;
  readonly #unsubscribe: () => void;
  #usesTransportFeedback = false;
  #usesRemb = false;
  #firCommand = 0;

  /**
   * @param ssrcs of the outgoing streams; the one of video also identifies the sender of RTCP
   * @param cname of the outgoing streams
   */
  constructor(ssrcs: Readonly<Record<MediaKind, number>>, cname: string, host: EndpointMediaHost) {
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

  /** Tells the outgoing streams that the connection was established or lost. */
  setOpen(open: boolean): void {
    const nowMs = performance.now();
    for (const kind of MEDIA_KINDS) this.outgoing[kind].setOpen(open, nowMs);
  }

  /** Stops the periodic work and frees the packets; nothing is sent afterwards. */
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

  /** How much video this endpoint's browser can be sent, in bit/s. */
  get #videoSendLimitBps(): number {
    return videoSendLimitBps(this.limits, this.outgoing.video.limit.limitBps);
  }

  #outgoingOf(ssrc: number): OutgoingStream | undefined {
    if (ssrc === this.outgoing.video.ssrc) return this.outgoing.video;
    return ssrc === this.outgoing.audio.ssrc ? this.outgoing.audio : undefined;
  }

  #onFirstPacket(stream: IncomingStream, nowMs: number): void {
    this.#setFlowing('out', stream.kind, true);
    // The browser starts at a low rate and raises it only after the first feedback.
    if (stream.kind === 'video') this.#writeRemb();
    this.#writeReports(nowMs);
    this.#flush();
  }

  #tick(nowMs: number, tick: number): void {
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
    if (tick % TICKS_PER_REPORT === this.#phase) {
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

  /**
   * Announces the limit to the browser. With transport-wide feedback the browser estimates the bandwidth itself;
   * then REMB is sent only to set a limit, or to lift the one that was set before.
   */
  #writeRemb(): void {
    const { video } = this.incoming;
    if (!this.#usesRemb || video.ssrc === 0) return;
    const receivers = [...this.videoReceivers].map((receiver) => receiver.#videoSendLimitBps);
    const limit = videoReceiveLimitBps(this.limits, commonLimit(receivers));
    const isUnlimited = limit === Infinity && this.#usesTransportFeedback;
    const wasLimited = video.rembBps > 0;
    if (isUnlimited && !wasLimited) return;
    const announced = Math.min(limit, DEFAULT_REMB_BPS);
    video.rembBps = isUnlimited ? 0 : announced;
    this.#writer.bandwidthEstimate(this.#rtcpSsrc, video.ssrc, announced);
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
