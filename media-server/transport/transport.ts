import type { TransportParameters } from '../sdp/session-description.ts';
import type { RelayGate } from './relay-gate.ts';

export type IceState = 'gathering' | 'connecting' | 'connected' | 'ready' | 'failed' | 'disconnected';
export type DtlsState = 'new' | 'connecting' | 'connected' | 'closed' | 'failed';

/** The nominated pair, both sides as candidate lines. */
export interface CandidatePair {
  readonly local: string;
  readonly remote: string;
}

/** Settings of a transport; all optional. */
export interface TransportOptions {
  /** UDP ports to take; any free port when missing. */
  readonly portRange?: { readonly min: number; readonly max: number };
  /** The TURN workaround for browsers that are reachable only through a relay. */
  readonly relayGate?: RelayGate;
  /** Local address to bind to; all when missing. */
  readonly bindAddress?: string;
  /** `host:port` of a STUN server. */
  readonly stunServer?: string;
  /** `user:password@host:port(?transport=udp|tcp|tls)`, as Kurento writes it. */
  readonly turnUrl?: string;
}

/** No socket can be opened for media: the ports that may be used are taken, or the process has no descriptor left. */
export class NoPortError extends Error {
  readonly code = 'no-port';

  constructor() {
    super('No UDP port is free for media');
    this.name = 'NoPortError';
  }
}

/** Who is told what happens on a {@link Transport}. None of these may throw. */
export interface TransportHandler {
  /** A decrypted RTP or RTCP packet; the receiver may keep and change it. */
  onPacket(packet: Buffer): void;
  /** A local candidate, `candidate:…` without `a=`. */
  onCandidate(candidate: string): void;
  onGatheringDone(): void;
  onIceState(state: Exclude<IceState, 'gathering'>): void;
  onDtlsState(state: DtlsState): void;
}

/** ICE + DTLS + SRTP to one peer: packets in and out, nothing known of SDP or RTP. */
export interface Transport {
  /** Takes the offering peer's parameters and returns ours. */
  accept(remote: TransportParameters): TransportParameters;
  /** Returns our parameters to be offered. */
  offer(): TransportParameters;
  /** Takes the parameters of the peer that answered. */
  complete(remote: TransportParameters): void;
  /** Adds a candidate of the peer; before `accept` or `complete` it is an error. */
  addCandidate(candidate: string): void;
  /** Encrypts and sends; the buffer may be reused at once. Returns whether it was taken. */
  send(packet: Uint8Array): boolean;
  readonly connected: boolean;
  selectedPair(): CandidatePair | null;
  /** Idempotent; no callback comes after it. */
  close(): void;
}
