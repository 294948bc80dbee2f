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

/** No socket can be opened for media: all usable ports are taken, or the process has no file descriptor left. */
export class NoPortError extends Error {
  readonly code = 'no-port';

  constructor() {
    super('No UDP port is free for media');
    this.name = 'NoPortError';
  }
}

/** Receives the events of a {@link Transport}. None of these may throw. */
export interface TransportHandler {
  /** A decrypted RTP or RTCP packet; the receiver may keep and change it. */
  onPacket(packet: Buffer): void;
  /** A local candidate, `candidate:…` without `a=`. */
  onCandidate(candidate: string): void;
  onGatheringDone(): void;
  onIceState(state: Exclude<IceState, 'gathering'>): void;
  onDtlsState(state: DtlsState): void;
}

/** ICE, DTLS and SRTP to one peer. Knows nothing of media descriptions or RTP. */
export interface Transport {
  /**
   * Takes the parameters of the peer that offers, and returns ours.
   * @throws NoPortError, or the library's error for parameters that it refuses
   */
  accept(remote: TransportParameters): TransportParameters;
  /**
   * Returns our parameters for an offer.
   * @throws NoPortError
   */
  offer(): TransportParameters;
  /**
   * Takes the parameters of the peer that answered.
   * @throws the library's error for parameters that it refuses
   */
  complete(remote: TransportParameters): void;
  /**
   * Adds a candidate of the peer.
   * @throws the library's error before `accept` or `complete`, or for a candidate that it refuses
   */
  addCandidate(candidate: string): void;
  /** Encrypts and sends; the buffer may be reused at once. Returns whether it was taken. */
  send(packet: Uint8Array): boolean;
  readonly connected: boolean;
  selectedPair(): CandidatePair | null;
  /** Idempotent; there are no callbacks afterwards. */
  close(): void;
}
