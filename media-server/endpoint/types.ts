import type { RelayGate } from '../transport/relay-gate.ts';

export type MediaKind = 'audio' | 'video';
export const MEDIA_KINDS: readonly MediaKind[] = ['audio', 'video'];

/** An ICE candidate as browsers and Kurento write it. */
export interface IceCandidate {
  readonly candidate: string;
  readonly sdpMid: string;
  readonly sdpMLineIndex: number;
}

export type IceState = 'gathering' | 'connecting' | 'connected' | 'ready' | 'failed' | 'disconnected';
export type DtlsState = 'new' | 'connecting' | 'connected' | 'closed' | 'failed';
export type LinkState = 'connected' | 'disconnected';

/** The nominated pair, both sides as candidate lines. */
export interface CandidatePair {
  readonly local: string;
  readonly remote: string;
}

/** Settings of an endpoint; all optional. */
export interface RtpEndpointOptions {
  /** UDP ports to take; any free port when missing. */
  readonly portRange?: { readonly min: number; readonly max: number };
  /** The address browsers reach this machine by; replaces the host's own in the candidates they are given. */
  readonly announcedAddress?: string;
  /** A second way in for browsers behind a relay; those of Chromium have none without. */
  readonly relayGate?: RelayGate;
  /** Local address to bind to; all when missing. */
  readonly bindAddress?: string;
  /** Never send to the browser. */
  readonly recvonly?: boolean;
  /** Never receive from the browser. */
  readonly sendonly?: boolean;
  /** Kept for Kurento's constructor; data m-lines are always rejected. */
  readonly useDataChannels?: boolean;
  /** `host:port` of a STUN server. */
  readonly stunServer?: string;
  /** `user:password@host:port(?transport=udp|tcp|tls)`, as Kurento writes it. */
  readonly turnUrl?: string;
}

/** Bit rates in kbit/s; 0 means no limit. */
export interface BandwidthLimits {
  minVideoSendKbps: number;
  maxVideoSendKbps: number;
  minVideoRecvKbps: number;
  maxVideoRecvKbps: number;
  maxAudioRecvKbps: number;
}

/** What has come from the browser in one medium. */
export interface InboundStats {
  readonly kind: MediaKind;
  /** 0 before the first packet. */
  readonly ssrc: number;
  readonly packetsReceived: number;
  readonly bytesReceived: number;
  readonly packetsLost: number;
  readonly jitterSeconds: number;
  /** 0…1 of the last report interval. */
  readonly fractionLost: number;
  /** NACKs, PLIs and FIRs sent to the browser. */
  readonly nackCount: number;
  readonly pliCount: number;
  readonly firCount: number;
  /** Bandwidth last announced to the browser, bit/s; 0 when none was. */
  readonly rembBps: number;
}

/** What was sent to the browser in one medium, with what its receiver reports say. */
export interface OutboundStats {
  readonly kind: MediaKind;
  readonly ssrc: number;
  readonly packetsSent: number;
  readonly bytesSent: number;
  readonly packetsRetransmitted: number;
  readonly packetsLost: number;
  readonly jitterSeconds: number;
  /** 0…1 as last reported. */
  readonly fractionLost: number;
  readonly roundTripTimeSeconds: number;
  /** NACKs, PLIs and FIRs received from the browser. */
  readonly nackCount: number;
  readonly pliCount: number;
  readonly firCount: number;
  /** The browser's last estimate, bit/s; 0 when none came. */
  readonly rembBps: number;
}

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
  /** Media from the browser began or ceased to flow (Kurento's MediaFlowOut). */
  flowOut: [kind: MediaKind, flowing: boolean];
  /** Media to the browser began or ceased to flow (Kurento's MediaFlowIn). */
  flowIn: [kind: MediaKind, flowing: boolean];
  /** DTLS and ICE as a whole. */
  connectionState: [state: LinkState];
  /** Whether any media flows over the connection. */
  mediaState: [state: LinkState];
}
