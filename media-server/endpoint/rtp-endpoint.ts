import { randomBytes, randomInt } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { announceCandidate, usableCandidate } from '../transport/ice-candidates.ts';
import { NoPortError, SdpError } from '../sdp/sdp-error.ts';
import { MediaSession } from './endpoint-media.ts';
import { planAnswer, planFromAnswer, planOffer } from '../sdp/negotiation.ts';
import type { DirectionPolicy, Plan, PlannedSection } from '../sdp/negotiation.ts';
import { NodeDataChannelTransport } from '../transport/node-datachannel-transport.ts';
import { writeSessionDescription } from '../sdp/session-description-writer.ts';
import type { SenderIdentity } from '../sdp/session-description-writer.ts';
import { parseSessionDescription } from '../sdp/session-description.ts';
import type { Transport, TransportHandler, TransportParameters } from '../transport/transport.ts';
import { MEDIA_KINDS } from './types.ts';
import type {
  BandwidthLimits,
  DtlsState,
  IceCandidate,
  IceState,
  LinkState,
  MediaKind,
  RtpEndpointEvents,
  RtpEndpointOptions,
  RtpEndpointStats,
} from './types.ts';

export { IceCandidateError, NoPortError, SdpError } from '../sdp/sdp-error.ts';
export type { SdpErrorCode } from '../sdp/sdp-error.ts';
export type * from './types.ts';

/** A browser has far fewer; more than this before the offer is not a browser. */
const MAX_QUEUED_CANDIDATES = 200;

type Negotiation = 'none' | 'offered' | 'done' | 'closed';

/**
 * One browser's peer connection: receives its media and sends it another endpoint's. Negotiates once, like
 * Kurento's WebRtcEndpoint.
 */
export class RtpEndpoint extends EventEmitter<RtpEndpointEvents> {
  readonly #session: MediaSession;
  readonly #identity: SenderIdentity;
  readonly #sources: Record<MediaKind, RtpEndpoint | null> = { audio: null, video: null };
  readonly #receivers: Record<MediaKind, Set<RtpEndpoint>> = { audio: new Set(), video: new Set() };
  #options: RtpEndpointOptions;
  #negotiation: Negotiation = 'none';
  #transport: Transport | null = null;
  #sections: readonly PlannedSection[] = [];
  #local: string | null = null;
  #remote: string | null = null;
  #remoteCandidates: string[] = [];
  #localCandidates: string[] = [];
  readonly #seenCandidates = new Set<string>();
  #gathering = false;
  #gathered = false;
  #gatheringDoneTold = false;
  #link: LinkState = 'disconnected';
  #mediaState: LinkState = 'disconnected';

  constructor(options: RtpEndpointOptions = {}) {
    super();
    this.#options = options;
    this.#identity = {
      cname: randomBytes(8).toString('hex'),
      streamId: randomBytes(8).toString('hex'),
      ssrcs: { audio: randomInt(1, 0x80000000), video: randomInt(0x80000000, 0x100000000) },
    };
    this.#session = new MediaSession(this.#identity.ssrcs, this.#identity.cname, {
      send: (packet) => this.#transport?.send(packet) ?? false,
      onFlow: (direction, kind, flowing) => this.#onFlow(direction, kind, flowing),
    });
  }

  /** Our description after `generateOffer` or `processOffer`, else `null`. */
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

  /** Changes options until the negotiation begins; of no effect after. */
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
  generateOffer({
    audio = true,
    video = true,
  }: { audio?: boolean; video?: boolean; data?: boolean } = {}): string {
    this.#requireUnnegotiated();
    const wanted = { audio, video };
    const parameters = this.#openTransport((transport) => transport.offer());
    this.#sections = planOffer(
      MEDIA_KINDS.filter((kind) => wanted[kind]),
      this.#policy(),
    );
    this.#local = this.#describe(this.#sections, parameters);
    this.#negotiation = 'offered';
    return this.#local;
  }

  /**
   * Takes the browser's answer to `generateOffer`.
   * @returns our own description, as Kurento does
   * @throws SdpError `offer-not-generated`, `already-negotiated`, `empty`, `invalid`, `closed`
   */
  processAnswer(answer: string): string {
    if (this.#negotiation === 'closed') throw new SdpError('closed');
    if (this.#negotiation !== 'offered' || this.#local === null) throw new SdpError('offer-not-generated');
    const plan = planFromAnswer(this.#sections, parseSessionDescription(answer));
    try {
      if (plan.transport) this.#transport?.complete(plan.transport);
    } catch (error) {
      throw new SdpError('invalid', String(error));
    }
    this.#remote = answer;
    this.#complete(plan);
    return this.#local;
  }

  /** Lets candidates out as `candidate` events, then `gatheringDone`. Idempotent. */
  gatherCandidates(): void {
    if (this.#gathering || this.#negotiation === 'closed') return;
    this.#gathering = true;
    if (this.#transport) this.emit('iceState', 'gathering');
    this.#releaseCandidates();
  }

  /**
   * Takes a candidate of the browser; may come before the offer.
   * @throws IceCandidateError
   */
  addIceCandidate({ candidate }: IceCandidate): void {
    const usable = usableCandidate(candidate);
    if (!usable || this.#negotiation === 'closed') return;
    if (this.#negotiation === 'done') this.#addCandidate(usable);
    else if (this.#remoteCandidates.length < MAX_QUEUED_CANDIDATES) this.#remoteCandidates.push(usable);
  }

  /** Whose media of this kind the browser is sent; `null` for nobody's. Any time, any order. */
  setSource(kind: MediaKind, source: RtpEndpoint | null): void {
    const present = this.#sources[kind];
    if (present === source || this.#negotiation === 'closed') return;
    if (present) present.#removeReceiver(kind, this);
    this.#sources[kind] = source?.closed ? null : source;
    if (source && !source.closed) source.#addReceiver(kind, this);
    else this.#session.outgoing[kind].setSource(null, performance.now());
  }

  /** Asks the browser for a key frame. */
  requestKeyFrame(): void {
    this.#session.incoming.video.requestKeyFrame(performance.now());
  }

  /** Changes the limits that are given, leaves the others. */
  setBandwidth(limits: Partial<BandwidthLimits>): void {
    Object.assign(this.#session.limits, limits);
  }

  /** Numbers of both directions of every negotiated medium. */
  getStats(): RtpEndpointStats {
    const { incoming, outgoing } = this.#session;
    return {
      timestampMs: Date.now(),
      inbound: MEDIA_KINDS.filter((kind) => incoming[kind].medium).map((kind) => incoming[kind].stats()),
      outbound: MEDIA_KINDS.filter((kind) => outgoing[kind].medium).map((kind) => outgoing[kind].stats()),
    };
  }

  /** Ends everything; idempotent, and no event comes after it. */
  close(): void {
    if (this.#negotiation === 'closed') return;
    for (const kind of MEDIA_KINDS) {
      this.setSource(kind, null);
      for (const receiver of this.#receivers[kind]) receiver.setSource(kind, null);
    }
    this.#negotiation = 'closed';
    this.removeAllListeners();
    this.#session.close();
    this.#transport?.close();
    this.#transport = null;
  }

  #addReceiver(kind: MediaKind, receiver: RtpEndpoint): void {
    this.#receivers[kind].add(receiver);
    if (kind === 'video') this.#session.videoReceivers.add(receiver.#session);
    receiver.#session.outgoing[kind].setSource(this.#session.incoming[kind], performance.now());
  }

  #removeReceiver(kind: MediaKind, receiver: RtpEndpoint): void {
    this.#receivers[kind].delete(receiver);
    if (kind === 'video') this.#session.videoReceivers.delete(receiver.#session);
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
      maxAudioKbps: this.#session.limits.maxAudioRecvKbps,
      maxVideoKbps: this.#session.limits.maxVideoRecvKbps,
    });
  }

  #complete(plan: Plan): void {
    this.#negotiation = 'done';
    this.#sections = plan.sections;
    this.#session.configure(plan);
    for (const candidate of this.#remoteCandidates.splice(0)) this.#addCandidate(candidate);
    this.#releaseCandidates();
  }

  #addCandidate(candidate: string): void {
    try {
      this.#transport?.addCandidate(candidate);
    } catch {
      // It has the right form and libdatachannel still does not like it: the browser has others.
    }
  }

  /** What cannot be opened leaves nothing behind, and may be tried again. */
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
      onPacket: (packet) => this.#session.receive(packet),
      onCandidate: (candidate) => {
        const announced = announceCandidate(candidate, this.#options.announcedAddress);
        // With an announced address the candidates of several interfaces become the same.
        if (this.#seenCandidates.has(addressOf(announced))) return;
        this.#seenCandidates.add(addressOf(announced));
        this.#localCandidates.push(announced);
        this.#releaseCandidates();
      },
      onGatheringDone: () => {
        this.#gathered = true;
        this.#releaseCandidates();
      },
      onIceState: (state) => this.#onIceState(state),
      onDtlsState: (state) => this.#onDtlsState(state),
    };
    this.#transport = new NodeDataChannelTransport(this.#options, handler);
    return this.#transport;
  }

  /** After our own offer they wait for the answer: a check that comes before it makes DTLS fail. */
  #releaseCandidates(): void {
    if (!this.#gathering || this.#negotiation !== 'done') return;
    const accepted = this.#sections.flatMap(({ codecs, mid }, index) =>
      codecs.length > 0 ? [{ mid, index }] : [],
    );
    for (const candidate of this.#localCandidates.splice(0))
      for (const { mid, index } of accepted)
        this.emit('candidate', { candidate, sdpMid: mid, sdpMLineIndex: index });
    if ((!this.#gathered && this.#transport) || this.#gatheringDoneTold) return;
    this.#gatheringDoneTold = true;
    this.emit('gatheringDone');
  }

  #onIceState(state: Exclude<IceState, 'gathering'>): void {
    this.emit('iceState', state);
    if (state !== 'connected' && state !== 'ready') return;
    const pair = this.#transport?.selectedPair();
    if (pair && state === 'connected') this.emit('selectedPair', pair);
  }

  #onDtlsState(state: DtlsState): void {
    this.emit('dtlsState', state);
    this.#setLink(state === 'connected' ? 'connected' : 'disconnected');
  }

  #setLink(link: LinkState): void {
    if (this.#link === link) return;
    this.#link = link;
    this.emit('connectionState', link);
    this.#session.setOpen(link === 'connected');
    if (link === 'disconnected') this.#setMediaState(link);
  }

  #onFlow(direction: 'in' | 'out', kind: MediaKind, flowing: boolean): void {
    this.emit(direction === 'in' ? 'flowIn' : 'flowOut', kind, flowing);
    if (flowing && this.#link === 'connected') this.#setMediaState('connected');
  }

  #setMediaState(state: LinkState): void {
    if (this.#mediaState === state) return;
    this.#mediaState = state;
    this.emit('mediaState', state);
  }
}

/** Transport, address, port and type, without foundation and priority. */
function addressOf(candidate: string): string {
  const parts = candidate.split(' ');
  return [parts[2], ...parts.slice(4)].join(' ');
}
