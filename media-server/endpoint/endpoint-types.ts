import type { InboundStats, OutboundStats } from '../forwarding/stream-stats.ts';
import type { MediaKind } from '../sdp/codecs.ts';
import type { CandidatePair, DtlsState, IceState, TransportOptions } from '../transport/transport.ts';

/** An ICE candidate as browsers and Kurento write it. */
export interface IceCandidate {
  readonly candidate: string;
  readonly sdpMid: string;
  readonly sdpMLineIndex: number;
}

export type ConnectionState = 'connected' | 'disconnected';

/** Settings of an endpoint; all optional. */
export interface RtpEndpointOptions extends TransportOptions {
  /** The address browsers reach this machine by; replaces the host's own in the candidates they are given. */
  readonly announcedAddress?: string;
  /** Never send to the browser. */
  readonly recvonly?: boolean;
  /** Never receive from the browser. */
  readonly sendonly?: boolean;
}

/** Numbers of both directions of every negotiated medium. */
export interface RtpEndpointStats {
  /** Unix time in ms. */
  readonly timestampMs: number;
  readonly inbound: readonly InboundStats[];
  readonly outbound: readonly OutboundStats[];
}

/** Events of an {@link RtpEndpoint}, with their arguments. */
export interface RtpEndpointEvents {
  candidate: [candidate: IceCandidate];
  gatheringDone: [];
  iceState: [state: IceState];
  selectedPair: [pair: CandidatePair];
  dtlsState: [state: DtlsState];
  /** Media from the browser started or stopped flowing (Kurento's MediaFlowOutStateChanged). */
  flowOut: [kind: MediaKind, flowing: boolean];
  /** Media to the browser started or stopped flowing (Kurento's MediaFlowInStateChanged). */
  flowIn: [kind: MediaKind, flowing: boolean];
  /** DTLS and ICE as a whole. */
  connectionState: [state: ConnectionState];
  /** Whether any media flows over the connection. */
  mediaState: [state: ConnectionState];
}
