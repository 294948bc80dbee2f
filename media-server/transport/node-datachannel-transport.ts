import { isIPv6 } from 'node:net';
import datachannel from 'node-datachannel';
import type { PeerConnection, RtcConfig, Track } from 'node-datachannel';
import type { RelayGate } from './relay-gate.ts';
import type { TransportParameters } from '../sdp/session-description.ts';
import { NoPortError } from './transport.ts';
import type { CandidatePair, DtlsState, Transport, TransportHandler, TransportOptions } from './transport.ts';

const MID = '0';
/** Ethernet's. libdatachannel subtracts the headers and refuses to send larger packets. */
const MTU_BYTES = 1500;
/** An m-line needs a payload type; packets of all payload types are passed on. */
const PAYLOAD_TYPE = 96;

const STUN_SERVER = /^(\[[\da-f:.]+\]|[\w.-]+):(\d{1,5})$/i;
const TURN_URL = /^[^\s:@]+:[^\s@]+@(\[[\da-f:.]+\]|[\w.-]+):(\d{1,5})(?:\?transport=(?:udp|tcp|tls))?$/i;
const MAX_PORT = 65_535;

let nextPeerNumber = 1;

/**
 * A transport on libdatachannel, which does ICE, DTLS and SRTP. Its peer connection has one synthetic `sendrecv`
 * m-line: with a single track all RTP and RTCP of the bundle reaches that track, whatever its SSRC or payload type.
 */
export class NodeDataChannelTransport implements Transport {
  readonly #peer: PeerConnection;
  readonly #track: Track;
  readonly #gate: RelayGate | undefined;
  readonly #candidates: string[] = [];
  #handler: TransportHandler | null;
  #local: TransportParameters | null = null;
  /** Whether the browser has a candidate of a TURN server. */
  #isRelayed = false;
  #connected = false;
  #dtlsState: DtlsState = 'new';

  constructor(options: TransportOptions, handler: TransportHandler) {
    this.#handler = handler;
    this.#peer = new datachannel.PeerConnection(`rtp-${nextPeerNumber++}`, rtcConfig(options));
    this.#gate = options.relayGate;
    this.#peer.onLocalCandidate((candidate) => this.#onCandidate(stripPrefix(candidate)));
    this.#peer.onGatheringStateChange((state) => {
      if (state === 'complete') this.#handler?.onGatheringDone();
    });
    this.#peer.onIceStateChange((state) => this.#onIceState(state));
    this.#peer.onStateChange((state) => this.#onState(state));
    const video = new datachannel.Video(MID, 'SendRecv');
    video.addVP8Codec(PAYLOAD_TYPE);
    this.#track = this.#peer.addTrack(video);
    // The state is `connected` a little before packets can be sent.
    this.#track.onOpen(() => {
      this.#connected = this.#handler !== null;
      this.#setDtlsState('connected');
    });
    this.#track.onMessage((packet) => this.#handler?.onPacket(packet));
  }

  get connected(): boolean {
    return this.#connected;
  }

  accept(remote: TransportParameters): TransportParameters {
    openingSocket(() => this.#peer.setRemoteDescription(syntheticSdp(remote), 'offer'));
    return this.#localParameters();
  }

  offer(): TransportParameters {
    // Makes an offer as setLocalDescription does; but that aborts the process when no port is free, and this throws.
    // The channel is never opened, because no answer accepts it.
    openingSocket(() => this.#peer.createDataChannel(''));
    return this.#localParameters();
  }

  complete(remote: TransportParameters): void {
    this.#peer.setRemoteDescription(syntheticSdp(remote), 'answer');
  }

  addCandidate(candidate: string): void {
    if (!this.#handler) return;
    this.#peer.addRemoteCandidate(candidate, MID);
    if (!candidate.includes(' typ relay')) return;
    this.#isRelayed = true;
    for (const local of this.#candidates) this.#offerGate(local);
  }

  send(packet: Uint8Array): boolean {
    if (!this.#connected) return false;
    try {
      return this.#track.sendMessageBinary(packet as Buffer);
    } catch {
      // The peer can be gone before its state change gets here.
      return false;
    }
  }

  selectedPair(): CandidatePair | null {
    if (!this.#handler) return null;
    const pair = this.#peer.getSelectedCandidatePair();
    if (!pair) return null;
    return { local: stripPrefix(pair.local.candidate), remote: stripPrefix(pair.remote.candidate) };
  }

  close(): void {
    if (!this.#handler) return;
    this.#handler = null;
    this.#connected = false;
    if (this.#local) this.#gate?.unregister(this.#local.iceUfrag);
    this.#track.close();
    this.#peer.close();
  }

  #localParameters(): TransportParameters {
    const sdp = this.#peer.localDescription()?.sdp ?? '';
    const attribute = (name: string): string => new RegExp(`^a=${name}:(.+?)\\r?$`, 'm').exec(sdp)?.[1] ?? '';
    const setup = attribute('setup');
    this.#local = {
      iceUfrag: attribute('ice-ufrag'),
      icePwd: attribute('ice-pwd'),
      fingerprint: attribute('fingerprint'),
      setup: setup === 'active' || setup === 'passive' ? setup : 'actpass',
    };
    return this.#local;
  }

  #onCandidate(candidate: string): void {
    this.#candidates.push(candidate);
    this.#handler?.onCandidate(candidate);
    if (this.#isRelayed) this.#offerGate(candidate);
  }

  /** Only to browsers with a relay: for others the gate's candidate would cost checks that are never answered. */
  #offerGate(candidate: string): void {
    const gateCandidate = this.#gate?.candidateFor(candidate);
    if (!gateCandidate || !this.#local) return;
    const { iceUfrag: ufrag, icePwd: password } = this.#local;
    this.#gate?.register({ ufrag, password, port: Number(candidate.split(' ')[5]) });
    this.#handler?.onCandidate(gateCandidate);
  }

  #onIceState(state: string): void {
    switch (state) {
      case 'checking':
        return this.#handler?.onIceState('connecting');
      case 'connected':
        this.#handler?.onIceState('connected');
        return this.#setDtlsState('connecting');
      case 'completed':
        return this.#handler?.onIceState('ready');
      case 'failed':
        return this.#handler?.onIceState('failed');
      case 'disconnected':
        return this.#handler?.onIceState('disconnected');
    }
  }

  #onState(state: string): void {
    const over =
      state === 'closed' || state === 'disconnected' ? 'closed' : state === 'failed' ? state : null;
    if (!over) return;
    this.#connected = false;
    this.#setDtlsState(over);
  }

  #setDtlsState(state: DtlsState): void {
    const connectingTwice = state === 'connecting' && this.#dtlsState !== 'new';
    if (state === this.#dtlsState || connectingTwice) return;
    this.#dtlsState = state;
    this.#handler?.onDtlsState(state);
  }
}

/** @throws NoPortError when libdatachannel finds no free port; other errors unchanged */
function openingSocket(step: () => unknown): void {
  try {
    step();
  } catch (error) {
    throw String(error).includes('Failed to gather') ? new NoPortError() : error;
  }
}

function stripPrefix(candidate: string): string {
  return candidate.replace(/^a=/, '');
}

/** The minimal description of a peer that libdatachannel accepts, with one medium. */
function syntheticSdp(peer: TransportParameters): string {
  return [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    `a=group:BUNDLE ${MID}`,
    `m=video 9 UDP/TLS/RTP/SAVPF ${PAYLOAD_TYPE}`,
    'c=IN IP4 0.0.0.0',
    `a=mid:${MID}`,
    'a=sendrecv',
    'a=rtcp-mux',
    `a=rtpmap:${PAYLOAD_TYPE} VP8/90000`,
    `a=ice-ufrag:${peer.iceUfrag}`,
    `a=ice-pwd:${peer.icePwd}`,
    'a=ice-options:trickle',
    `a=fingerprint:${peer.fingerprint}`,
    `a=setup:${peer.setup}`,
    '',
  ].join('\r\n');
}

function rtcConfig(options: TransportOptions): RtcConfig {
  const iceServers: RtcConfig['iceServers'] = [];
  // An invalid STUN or TURN server must not make the call fail; libdatachannel would throw.
  if (isServer(STUN_SERVER, options.stunServer)) iceServers.push(`stun:${options.stunServer}`);
  if (isServer(TURN_URL, options.turnUrl)) iceServers.push(`turn:${options.turnUrl}`);
  return {
    iceServers,
    mtu: MTU_BYTES,
    ...(options.portRange && {
      portRangeBegin: options.portRange.min,
      portRangeEnd: options.portRange.max,
    }),
    ...(options.bindAddress && { bindAddress: options.bindAddress }),
  };
}

function isServer(pattern: RegExp, text = ''): boolean {
  const [, host = '', port] = pattern.exec(text) ?? [];
  const isHost = host.startsWith('[') ? isIPv6(host.slice(1, -1)) : host !== '';
  return isHost && Number(port) >= 1 && Number(port) <= MAX_PORT;
}
