import type { CandidatePair, DtlsState, IceState } from '../endpoint/types.ts';

/** What one side tells the other to set up ICE and DTLS (RFC 8839, RFC 8842). */
export interface TransportParameters {
  readonly iceUfrag: string;
  readonly icePwd: string;
  /** Hash function and value as in `a=fingerprint`. */
  readonly fingerprint: string;
  readonly setup: DtlsSetup;
}

export type DtlsSetup = 'actpass' | 'active' | 'passive';

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
