import { once } from 'node:events';
import { vi } from 'vitest';
import { RtcpWriter } from '../../media-server/rtcp/rtcp-writer.ts';
import { readRtcp } from '../../media-server/rtcp/rtcp-reader.ts';
import type { ReportBlock, RtcpHandler, SenderReport } from '../../media-server/rtcp/rtcp-reader.ts';
import { NodeDataChannelTransport } from '../../media-server/transport/node-datachannel-transport.ts';
import { RtpEndpoint } from '../../media-server/endpoint/rtp-endpoint.ts';
import type { RtpEndpointOptions } from '../../media-server/endpoint/rtp-endpoint.ts';
import { parseSessionDescription } from '../../media-server/sdp/session-description.ts';
import { chromeLikeOffer } from './chrome-like-offer.ts';
import type { TestBrowserOptions } from './chrome-like-offer.ts';
import { LossyLink } from './lossy-link.ts';

const WAIT_MS = 4000;
const POLL_INTERVAL_MS = 5;

/** Waits until a condition holds; rejects after four seconds. */
export async function until(condition: () => boolean): Promise<void> {
  await vi.waitUntil(condition, { timeout: WAIT_MS, interval: POLL_INTERVAL_MS });
}

const LOOPBACK = '127.0.0.1';

/** An RTP packet as the test browser received it. */
interface ReceivedPacket {
  readonly payloadType: number;
  readonly marker: boolean;
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Buffer;
}

/** Stands for a browser: real ICE, DTLS and SRTP, with hand-made packets. */
export class TestBrowser implements RtcpHandler {
  readonly packets: ReceivedPacket[] = [];
  readonly nacks: { ssrc: number; lost: readonly number[]; atMs: number }[] = [];
  readonly keyFrameRequests: { ssrc: number; atMs: number }[] = [];
  readonly senderReports: SenderReport[] = [];
  readonly reportBlocks: ReportBlock[] = [];
  readonly estimates: number[] = [];
  readonly rtcp: Buffer[] = [];
  readonly endpoint: RtpEndpoint;
  readonly writer = new RtcpWriter();
  /** The network between browser and endpoint; by default it loses nothing. */
  readonly network = new LossyLink();
  answer = '';
  readonly #options: TestBrowserOptions;
  readonly #transport: NodeDataChannelTransport;
  #closed = false;
  #connected: () => void = () => undefined;
  readonly connected = new Promise<void>((resolve) => {
    this.#connected = resolve;
  });

  constructor(options: TestBrowserOptions = {}, endpointOptions: RtpEndpointOptions = {}) {
    this.#options = options;
    this.endpoint = new RtpEndpoint({ bindAddress: LOOPBACK, ...endpointOptions });
    this.#transport = new NodeDataChannelTransport(
      { bindAddress: LOOPBACK },
      {
        onPacket: (packet) => this.#onPacket(packet),
        onCandidate: () => undefined,
        onGatheringDone: () => undefined,
        onIceState: () => undefined,
        onDtlsState: (state) => {
          if (state === 'connected') this.#connected();
        },
      },
    );
  }

  /** Offers and waits until media can flow. */
  async connect(): Promise<this> {
    const endpointConnected = once(this.endpoint, 'connectionState');
    this.negotiate();
    await Promise.all([this.connected, endpointConnected]);
    return this;
  }

  /** Exchanges the descriptions and candidates. */
  negotiate(): void {
    this.answer = this.endpoint.processOffer(chromeLikeOffer(this.#transport.offer(), this.#options));
    const { transport } = parseSessionDescription(this.answer).media.find(({ port }) => port !== 0) ?? {};
    if (!transport) throw new Error('nothing was accepted');
    this.#transport.complete(transport);
    this.endpoint.on('candidate', ({ candidate }) => void this.#addCandidate(candidate));
    this.endpoint.gatherCandidates();
  }

  /** Answers the endpoint's own offer. */
  answerOffer(offer: string): string {
    const first = parseSessionDescription(offer).media[0]?.transport;
    if (!first) throw new Error('no transport in the offer');
    const local = this.#transport.accept(first);
    this.endpoint.on('candidate', ({ candidate }) => void this.#addCandidate(candidate));
    return chromeLikeOffer(local, { ...this.#options, videoPayloadType: 102, audioPayloadType: 96 });
  }

  sendRtcp(): void {
    this.#transport.send(this.writer.take());
  }

  /** Sends any bytes through SRTP. */
  send(packet: Uint8Array): boolean {
    return this.#transport.send(packet);
  }

  /** The packets of one SSRC or payload type so far. */
  of(payloadType: number): ReceivedPacket[] {
    return this.packets.filter((packet) => packet.payloadType === payloadType);
  }

  close(): void {
    this.#closed = true;
    this.endpoint.close();
    this.network.close();
    this.#transport.close();
  }

  onSenderReport(report: SenderReport): void {
    this.senderReports.push(report);
  }

  onReportBlock(block: ReportBlock): void {
    this.reportBlocks.push(block);
  }

  onNack(ssrc: number, lost: readonly number[]): void {
    this.nacks.push({ ssrc, lost, atMs: performance.now() });
  }

  onPictureLoss(ssrc: number): void {
    this.keyFrameRequests.push({ ssrc, atMs: performance.now() });
  }

  onFullIntraRequest(ssrc: number): void {
    this.keyFrameRequests.push({ ssrc, atMs: performance.now() });
  }

  onBandwidthEstimate(bitsPerSecond: number): void {
    this.estimates.push(bitsPerSecond);
  }

  async #addCandidate(candidate: string): Promise<void> {
    const throughNetwork = await this.network.through(candidate);
    if (!this.#closed) this.#transport.addCandidate(throughNetwork);
  }

  #onPacket(packet: Buffer): void {
    const second = packet[1] as number;
    if (second >= 192 && second <= 223) {
      this.rtcp.push(packet);
      readRtcp(packet, this);
      return;
    }
    const flags = packet[0] as number;
    const headerBytes = 12 + (flags & 0x10 ? 4 + packet.readUInt16BE(14) * 4 : 0);
    const received: ReceivedPacket = {
      payloadType: second & 0x7f,
      marker: second >= 128,
      sequenceNumber: packet.readUInt16BE(2),
      timestamp: packet.readUInt32BE(4),
      ssrc: packet.readUInt32BE(8),
      payload: packet.subarray(headerBytes),
    };
    this.packets.push(received);
  }
}
