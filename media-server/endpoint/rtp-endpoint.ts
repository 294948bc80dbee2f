import { randomBytes, randomInt } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { BandwidthLimits } from '../bandwidth/bandwidth-limits.ts';
import { MEDIA_KINDS } from '../sdp/codecs.ts';
import type { MediaKind } from '../sdp/codecs.ts';
import { planAnswer, planFromAnswer, planOffer } from '../sdp/negotiation.ts';
import type { DirectionPolicy, Plan, PlannedSection } from '../sdp/negotiation.ts';
import { SdpError } from '../sdp/sdp-error.ts';
import { parseSessionDescription } from '../sdp/session-description.ts';
import type { TransportParameters } from '../sdp/session-description.ts';
import { writeSessionDescription } from '../sdp/session-description-writer.ts';
import type { SenderIdentity } from '../sdp/session-description-writer.ts';
import { announceCandidate, usableCandidate } from '../transport/ice-candidates.ts';
import { NodeDataChannelTransport } from '../transport/node-datachannel-transport.ts';
import { NoPortError } from '../transport/transport.ts';
import type { DtlsState, IceState, Transport, TransportHandler } from '../transport/transport.ts';
import { EndpointMedia } from './endpoint-media.ts';
import type {
  ConnectionState,
  IceCandidate,
  RtpEndpointEvents,
  RtpEndpointOptions,
  RtpEndpointStats,
} from './endpoint-types.ts';
import { LocalCandidates } from './local-candidates.ts';

export type { BandwidthLimits } from '../bandwidth/bandwidth-limits.ts';
export type { InboundStats, OutboundStats } from '../forwarding/stream-stats.ts';
export type { MediaKind } from '../sdp/codecs.ts';
export { SdpError } from '../sdp/sdp-error.ts';
export type { SdpErrorCode } from '../sdp/sdp-error.ts';
export { IceCandidateError } from '../transport/ice-candidates.ts';
export { NoPortError } from '../transport/transport.ts';
export type { CandidatePair, DtlsState, IceState } from '../transport/transport.ts';
export type {
  ConnectionState,
  IceCandidate,
  RtpEndpointOptions,
  RtpEndpointStats,
} from './endpoint-types.ts';

/** How many different candidates of a browser are used; it has far fewer. The library keeps all that it is given. */
const MAX_REMOTE_CANDIDATES = 200;

type NegotiationState = 'none' | 'offered' | 'done' | 'closed';

/**
 * The server's side of one browser's peer connection: receives its media, and sends it the media of another endpoint.
 * Negotiates once, like Kurento's WebRtcEndpoint.
 */
export class RtpEndpoint extends EventEmitter<RtpEndpointEvents> {
  readonly #media: EndpointMedia;
  readonly #identity: SenderIdentity;
  readonly #sources: Record<MediaKind, RtpEndpoint | null> = { audio: null, video: null };
  readonly #receivers: Record<MediaKind, Set<RtpEndpoint>> = { audio: new Set(), video: new Set() };
  #options: RtpEndpointOptions;
  #negotiation: NegotiationState = 'none';
  #transport: Transport | null = null;
  #offered: readonly PlannedSection[] = [];
  #local: string | null = null;
  #remote: string | null = null;
  readonly #remoteCandidates = new Set<string>();
  readonly #localCandidates = new LocalCandidates({
    onCandidate: (candidate) => this.emit('candidate', candidate),
    onGatheringDone: () => this.emit('gatheringDone'),
  });
  #gatheringRequested = false;
  #connectionState: ConnectionState = 'disconnected';
  #mediaState: ConnectionState = 'disconnected';

  constructor(options: RtpEndpointOptions = {}) {
    super();
    this.#options = options;
    this.#identity = {
      cname: randomBytes(8).toString('hex'),
      streamId: randomBytes(8).toString('hex'),
      ssrcs: { audio: randomInt(1, 0x80000000), video: randomInt(0x80000000, 0x100000000) },
    };
    this.#media = new EndpointMedia(this.#identity.ssrcs, this.#identity.cname, {
      send: (packet) => this.#transport?.send(packet) ?? false,
      onFlow: (direction, kind, flowing) => this.#onFlow(direction, kind, flowing),
    });
  }

  /** The server's description after `generateOffer` or `processOffer`, else `null`. */
  get localDescription(): string | null {
    return this.#local;
  }

  /** The browser's description after `processOffer` or `processAnswer`, else `null`. */
  get remoteDescription(): string | null {
    return this.#remote;
  }

  get closed(): boolean {
    return this.#negotiation === 'closed';
  }

  /** Changes options until the negotiation begins; has no effect afterwards. */
  configure(options: RtpEndpointOptions): void {
    this.#options = { ...this.#options, ...options };
  }

  /**
   * Answers a browser's offer.
   * @throws SdpError `empty`, `invalid`, `already-negotiated`, `closed`; NoPortError
   */
  processOffer(offer: string): string {
    this.#requireUnnegotiated();
    const plan = planAnswer(parseSessionDescription(offer), this.#policy());
    let parameters: TransportParameters | null = null;
    if (plan.transport) {
      const { transport: remote } = plan;
      parameters = this.#openTransport((transport) => transport.accept(remote));
    }
    this.#local = this.#describe(plan.sections, parameters);
    this.#remote = offer;
    this.#complete(plan);
    return this.#local;
  }

  /**
   * Makes an offer; the default is audio and video.
   * @throws SdpError `already-negotiated`, `closed`; NoPortError
   */
  generateOffer({ audio = true, video = true }: { audio?: boolean; video?: boolean } = {}): string {
    this.#requireUnnegotiated();
    const wanted = { audio, video };
    const parameters = this.#openTransport((transport) => transport.offer());
    this.#offered = planOffer(
      MEDIA_KINDS.filter((kind) => wanted[kind]),
      this.#policy(),
    );
    this.#local = this.#describe(this.#offered, parameters);
    this.#negotiation = 'offered';
    return this.#local;
  }

  /**
   * Takes the browser's answer to `generateOffer`.
   * @returns the server's own description, as Kurento does
   * @throws SdpError `offer-not-generated`, `already-negotiated`, `empty`, `invalid`, `closed`
   */
  processAnswer(answer: string): string {
    if (this.#negotiation === 'closed') throw new SdpError('closed');
    if (this.#negotiation !== 'offered' || this.#local === null) throw new SdpError('offer-not-generated');
    const plan = planFromAnswer(this.#offered, parseSessionDescription(answer));
    try {
      if (plan.transport) this.#transport?.complete(plan.transport);
    } catch (error) {
      throw new SdpError('invalid', String(error));
    }
    this.#remote = answer;
    this.#complete(plan);
    return this.#local;
  }

  /** Announces the server's candidates as `candidate` events, then `gatheringDone`. Idempotent. */
  gatherCandidates(): void {
    if (this.#gatheringRequested || this.#negotiation === 'closed') return;
    this.#gatheringRequested = true;
    if (this.#transport) this.emit('iceState', 'gathering');
    this.#localCandidates.request();
  }

  /**
   * Adds a candidate of the browser, also before the offer. Repeated and surplus ones are ignored.
   * @throws IceCandidateError
   */
  addIceCandidate({ candidate }: IceCandidate): void {
    const usable = usableCandidate(candidate);
    if (!usable || this.#negotiation === 'closed') return;
    if (this.#remoteCandidates.has(usable) || this.#remoteCandidates.size >= MAX_REMOTE_CANDIDATES) return;
    this.#remoteCandidates.add(usable);
    if (this.#negotiation === 'done') this.#addCandidate(usable);
  }

  /** Sets the endpoint whose media of this kind the browser is sent; `null` for none. Possible in any state. */
  setSource(kind: MediaKind, source: RtpEndpoint | null): void {
    const present = this.#sources[kind];
    if (present === source || this.#negotiation === 'closed') return;
    if (present) present.#removeReceiver(kind, this);
    this.#sources[kind] = source?.closed ? null : source;
    if (source && !source.closed) source.#addReceiver(kind, this);
    else this.#media.outgoing[kind].setSource(null, performance.now());
  }

  /** Requests a key frame from the browser. */
  requestKeyFrame(): void {
    this.#media.incoming.video.requestKeyFrame(performance.now());
  }

  /** Changes the limits that are given, leaves the others. */
  setBandwidth(limits: Partial<BandwidthLimits>): void {
    Object.assign(this.#media.limits, limits);
  }

  /** Numbers of both directions of every negotiated medium. */
  getStats(): RtpEndpointStats {
    const { incoming, outgoing } = this.#media;
    return {
      timestampMs: Date.now(),
      inbound: MEDIA_KINDS.filter((kind) => incoming[kind].medium).map((kind) => incoming[kind].stats()),
      outbound: MEDIA_KINDS.filter((kind) => outgoing[kind].medium).map((kind) => outgoing[kind].stats()),
    };
  }

  /** Closes the connection and disconnects sources and receivers. Idempotent; there are no events afterwards. */
  close(): void {
    if (this.#negotiation === 'closed') return;
    for (const kind of MEDIA_KINDS) {
      this.setSource(kind, null);
      for (const receiver of this.#receivers[kind]) receiver.setSource(kind, null);
    }
    this.#negotiation = 'closed';
    this.removeAllListeners();
    this.#media.close();
    this.#transport?.close();
    this.#transport = null;
  }

  #addReceiver(kind: MediaKind, receiver: RtpEndpoint): void {
    this.#receivers[kind].add(receiver);
    if (kind === 'video') this.#media.videoReceivers.add(receiver.#media);
    receiver.#media.outgoing[kind].setSource(this.#media.incoming[kind], performance.now());
  }

  #removeReceiver(kind: MediaKind, receiver: RtpEndpoint): void {
    this.#receivers[kind].delete(receiver);
    if (kind === 'video') this.#media.videoReceivers.delete(receiver.#media);
  }

  #requireUnnegotiated(): void {
    if (this.#negotiation === 'closed') throw new SdpError('closed');
    if (this.#negotiation !== 'none') throw new SdpError('already-negotiated');
  }

  #policy(): DirectionPolicy {
    return { mayReceive: !this.#options.sendonly, maySend: !this.#options.recvonly };
  }

  #describe(sections: readonly PlannedSection[], transport: TransportParameters | null): string {
    return writeSessionDescription({
      sessionId: Math.floor(Date.now() / 1000),
      sections,
      transport,
      identity: this.#identity,
      maxAudioKbps: this.#media.limits.maxAudioRecvKbps,
      maxVideoKbps: this.#media.limits.maxVideoRecvKbps,
    });
  }

  #complete(plan: Plan): void {
    this.#negotiation = 'done';
    this.#media.configure(plan);
    for (const candidate of this.#remoteCandidates) this.#addCandidate(candidate);
    if (!this.#transport) this.#localCandidates.finish();
    this.#localCandidates.announceTo(
      plan.sections.flatMap(({ codecs, mid }, index) => (codecs.length > 0 ? [{ mid, index }] : [])),
    );
  }

  #addCandidate(candidate: string): void {
    try {
      this.#transport?.addCandidate(candidate);
    } catch {
      // Well-formed, but refused by libdatachannel: the browser has other candidates.
    }
  }

  /** A transport that cannot be opened is closed, so that the negotiation can be tried again. */
  #openTransport(open: (transport: Transport) => TransportParameters): TransportParameters {
    const transport = this.#createTransport();
    try {
      return open(transport);
    } catch (error) {
      this.#transport = null;
      transport.close();
      throw error instanceof NoPortError ? error : new SdpError('invalid', String(error));
    }
  }

  #createTransport(): Transport {
    const handler: TransportHandler = {
      onPacket: (packet) => this.#media.receive(packet),
      onCandidate: (candidate) =>
        this.#localCandidates.add(announceCandidate(candidate, this.#options.announcedAddress)),
      onGatheringDone: () => this.#localCandidates.finish(),
      onIceState: (state) => this.#onIceState(state),
      onDtlsState: (state) => this.#onDtlsState(state),
    };
    this.#transport = new NodeDataChannelTransport(this.#options, handler);
    return this.#transport;
  }

  #onIceState(state: Exclude<IceState, 'gathering'>): void {
    this.emit('iceState', state);
    if (state !== 'connected' && state !== 'ready') return;
    const pair = this.#transport?.selectedPair();
    if (pair && state === 'connected') this.emit('selectedPair', pair);
  }

  #onDtlsState(state: DtlsState): void {
    this.emit('dtlsState', state);
    this.#setConnectionState(state === 'connected' ? 'connected' : 'disconnected');
  }

  #setConnectionState(state: ConnectionState): void {
    if (this.#connectionState === state) return;
    this.#connectionState = state;
    this.emit('connectionState', state);
    this.#media.setOpen(state === 'connected');
    if (state === 'disconnected') this.#setMediaState(state);
  }

  #onFlow(direction: 'in' | 'out', kind: MediaKind, flowing: boolean): void {
    this.emit(direction === 'in' ? 'flowIn' : 'flowOut', kind, flowing);
    if (flowing && this.#connectionState === 'connected') this.#setMediaState('connected');
  }

  #setMediaState(state: ConnectionState): void {
    if (this.#mediaState === state) return;
    this.#mediaState = state;
    this.emit('mediaState', state);
  }
}
