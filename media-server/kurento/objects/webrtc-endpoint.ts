import { RpcError, type KurentoErrorType } from '../rpc/rpc-error.ts';
import type { JsonObject } from '../rpc/json.ts';
import {
  IceCandidateError,
  NoPortError,
  RtpEndpoint,
  SdpError,
  type IceCandidate,
  type MediaKind,
  type RtpEndpointOptions,
  type SdpErrorCode,
} from '../../endpoint/rtp-endpoint.ts';
import { Bandwidth } from './bandwidth-properties.ts';
import { EndpointState } from './endpoint-state.ts';
import { endpointStats, rtpStats, sessionStats } from './endpoint-stats.ts';
import { MediaElement, type ElementPipeline } from './media-element.ts';
import type { MediaType } from './media-graph.ts';
import type { TypeDescription } from './media-object.ts';

export const DEFAULT_STUN_PORT = 3478;

/** Settings of an endpoint. */
interface WebRtcEndpointOptions extends RtpEndpointOptions {
  /** Kept for Kurento's constructor; m-lines of data channels are always rejected. */
  readonly useDataChannels?: boolean;
}

/** Numbers the endpoints, as Kurento does in the names of its GStreamer elements. */
let endpointsMade = 0;

/** Kurento's `WebRtcEndpoint`, a browser's connection, on top of an {@link RtpEndpoint}. */
export class WebRtcEndpoint extends MediaElement {
  override readonly passesThrough = false;
  override readonly description: TypeDescription;
  readonly bandwidth = new Bandwidth();
  readonly state: EndpointState;
  /** As set by `setRembParams`. */
  rembParams: Readonly<Record<string, number | undefined>> | null = null;
  readonly #hasDataChannels: boolean;
  readonly #index = endpointsMade++;
  readonly #announcedBins = new Set<MediaType>();
  readonly #rtp: RtpEndpoint;

  /** @param description the type with the operations that clients can call */
  constructor(
    pipeline: ElementPipeline,
    id: string,
    description: TypeDescription,
    options: WebRtcEndpointOptions,
  ) {
    super(pipeline, id);
    this.description = description;
    this.#hasDataChannels = options.useDataChannels ?? false;
    this.#rtp = new RtpEndpoint(options);
    this.state = new EndpointState((type, fields) => this.emit(type, fields), this.#index);
    this.state.follow(this.#rtp);
    this.#rtp.on('flowOut', (kind, flowing) => this.#onFlowOut(kind, flowing));
  }

  /** Whether it was created for data channels; these are never opened. */
  get hasDataChannels(): boolean {
    return this.#hasDataChannels;
  }

  override setPublisher(type: MediaType, publisher: MediaElement | null): void {
    const kind = kindOf(type);
    if (!kind) return;
    const source = publisher instanceof WebRtcEndpoint ? publisher : null;
    if (source?.isFlowingOut(type)) source.#announceBin(type);
    this.#rtp.setSource(kind, source ? source.#rtp : null);
  }

  override isFlowingIn(type: MediaType): boolean {
    return this.state.isFlowing('in', type);
  }

  override isFlowingOut(type: MediaType): boolean {
    return this.state.isFlowing('out', type);
  }

  override stats(type: MediaType | undefined): JsonObject {
    const stats = this.#rtp.getStats();
    const { timestampMs } = stats;
    return {
      ...rtpStats(this.id, stats, type),
      ...(this.hasDataChannels && (type ?? 'DATA') === 'DATA' ? sessionStats(this.id, timestampMs) : {}),
      ...(this.pipeline.latencyStats ? endpointStats(this.id, timestampMs) : {}),
    };
  }

  /** @throws RpcError 402xx, 40009 */
  processOffer(offer: string): string {
    const answer = this.#negotiate((rtp) => rtp.processOffer(offer));
    this.emit('MediaSessionStarted');
    return answer;
  }

  /** @throws RpcError 40208, 40009 */
  generateOffer(wanted: { audio: boolean; video: boolean }): string {
    return this.#negotiate((rtp) => rtp.generateOffer(wanted));
  }

  /** @throws RpcError 402xx */
  processAnswer(answer: string): string {
    const description = this.#negotiate((rtp) => rtp.processAnswer(answer));
    this.emit('MediaSessionStarted');
    return description;
  }

  /** Starts announcing candidates; has no effect before the negotiation. */
  gatherCandidates(): void {
    if (this.#rtp.localDescription !== null) this.#rtp.gatherCandidates();
  }

  /**
   * Adds a candidate, also before the negotiation. As in Kurento a malformed one is ignored: browsers send empty ones
   * at the end.
   * @throws RpcError 40401 for a candidate of a medium that was not negotiated
   */
  addIceCandidate(candidate: IceCandidate): void {
    if (!this.#hasMedium(candidate)) {
      throw RpcError.kurento('ICE_ADD_CANDIDATE_ERROR', 'Error adding candidate');
    }
    try {
      this.#rtp.addIceCandidate(candidate);
    } catch (error) {
      if (!(error instanceof IceCandidateError)) throw error;
    }
  }

  requestKeyframe(): void {
    this.#rtp.requestKeyFrame();
  }

  /** @throws RpcError 40202 */
  get localDescription(): string {
    const description = this.#rtp.localDescription;
    if (!description) throw RpcError.kurento('SDP_END_POINT_NO_LOCAL_SDP_ERROR', 'No local SDP');
    return description;
  }

  /** @throws RpcError 40203 */
  get remoteDescription(): string {
    const description = this.#rtp.remoteDescription;
    if (!description) throw RpcError.kurento('SDP_END_POINT_NO_REMOTE_SDP_ERROR', 'No remote SDP');
    return description;
  }

  setBandwidth(...[name, value]: Parameters<Bandwidth['set']>): void {
    this.bandwidth.set(name, value);
    this.#rtp.setBandwidth(this.bandwidth.limits);
  }

  override dispose(): void {
    super.dispose();
    this.#rtp.close();
  }

  #negotiate(step: (rtp: RtpEndpoint) => string): string {
    this.#rtp.configure(this.#iceServers());
    try {
      return step(this.#rtp);
    } catch (error) {
      if (error instanceof NoPortError) throw RpcError.kurento('NOT_ENOUGH_RESOURCES', error.message);
      throw error instanceof SdpError ? sdpError(error) : error;
    }
  }

  /** As set before the negotiation; setting them later has no effect, as in Kurento. */
  #iceServers(): RtpEndpointOptions {
    const stunAddress = this.settings.get('stunServerAddress') ?? '';
    const stunPort = this.settings.get('stunServerPort') ?? DEFAULT_STUN_PORT;
    const turnUrl = this.settings.get('turnUrl') ?? '';
    return {
      ...(stunAddress === '' ? {} : { stunServer: `${stunAddress}:${stunPort}` }),
      ...(turnUrl === '' ? {} : { turnUrl: String(turnUrl) }),
    };
  }

  #hasMedium({ sdpMid, sdpMLineIndex }: IceCandidate): boolean {
    const sdp = this.#rtp.remoteDescription;
    if (!sdp) return true;
    const media = sdp.match(/^m=/gm)?.length ?? 0;
    return sdpMLineIndex < media || sdp.split(/\r?\n/).includes(`a=mid:${sdpMid}`);
  }

  #onFlowOut(kind: MediaKind, flowing: boolean): void {
    const type = kind === 'audio' ? 'AUDIO' : 'VIDEO';
    const feeds = this.pipeline.graph.sinksOf(this).some((connection) => connection.type === type);
    if (flowing && feeds) this.#announceBin(type);
  }

  /** Announces once per medium that it is not transcoded. */
  #announceBin(type: MediaType): void {
    if (this.#announcedBins.has(type)) return;
    this.#announcedBins.add(type);
    const binName = `kmswebrtcendpoint${this.#index}_kmsagnosticbin2-${this.#announcedBins.size - 1}`;
    this.emit('MediaTranscodingStateChanged', { binName, mediaType: type, state: 'NOT_TRANSCODING' });
  }
}

function kindOf(type: MediaType): MediaKind | null {
  switch (type) {
    case 'AUDIO':
      return 'audio';
    case 'VIDEO':
      return 'video';
    case 'DATA':
      return null;
    default:
      return type satisfies never;
  }
}

const SDP_ERROR_TYPES: Readonly<Record<SdpErrorCode, KurentoErrorType>> = {
  empty: 'SDP_PARSE_ERROR',
  invalid: 'SDP_PARSE_ERROR',
  'already-negotiated': 'SDP_END_POINT_ALREADY_NEGOTIATED',
  'offer-not-generated': 'SDP_END_POINT_NOT_OFFER_GENERATED',
  closed: 'MEDIA_OBJECT_NOT_FOUND',
};

function sdpError(error: SdpError): RpcError {
  return RpcError.kurento(SDP_ERROR_TYPES[error.code], error.message);
}
