import { restoreLogger } from './quiet-logger.ts';
import { WebRtcPeer } from 'kurento-utils';
import type { Candidate, IceServer } from '../../protocol/index.ts';

restoreLogger();

/** How long a connection may be `disconnected` before it counts as lost; it may heal by itself, in milliseconds. */
const DISCONNECTED_GRACE_MS = 4_000;
/**
 * How long a connection may be `failed` before it counts as lost, in milliseconds. A candidate still on its way
 * revives it: where only a relay gets through, browsers give up as soon as it cannot reach the first address.
 */
const FAILED_GRACE_MS = 4_000;
/** How long a connection may take to come up after the answer, in milliseconds. */
const CONNECT_TIMEOUT_MS = 20_000;

type KurentoPeer = InstanceType<typeof WebRtcPeer.WebRtcPeerRecvonly>;

/** What a peer reports. */
export interface PeerConnectionEvents {
  candidate(candidate: Candidate): void;
  /** The first picture or sound came, or a further kind of them. */
  arrived(): void;
  connected(): void;
  /** The connection failed; it will not come back. */
  lost(): void;
}

/** The devices' tracks, as they go out. */
export interface OutgoingTracks {
  readonly audio: MediaStreamTrack | null;
  readonly video: MediaStreamTrack | null;
}

/** Bits a second, and by how much the picture is made smaller (W3C `RTCRtpEncodingParameters`). */
export interface VideoLimit {
  readonly maxBitrate: number;
  readonly scaleResolutionDownBy: number;
}

/** Which way a connection carries media; a call's own both ways, a room's one way. */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly';

/**
 * One media connection to the server: kurento-utils on a connection of our own, with one transceiver for sound and
 * one for pictures. They exist from the start, so devices can come, go and change without a new offer.
 */
export class PeerConnection {
  readonly #connection: RTCPeerConnection;
  readonly #peer: KurentoPeer;
  readonly #senders: Readonly<Record<'audio' | 'video', RTCRtpSender>>;
  readonly #ready: Promise<void>;
  readonly #events: PeerConnectionEvents;
  readonly remoteStream = new MediaStream();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @throws DOMException the browser cannot make a connection with these servers */
  constructor(
    iceServers: readonly IceServer[],
    tracks: OutgoingTracks,
    events: PeerConnectionEvents,
    direction: Direction = 'sendrecv',
  ) {
    this.#events = events;
    const connection = new RTCPeerConnection({
      iceServers: iceServers as RTCIceServer[],
      bundlePolicy: 'max-bundle',
    });
    this.#connection = connection;
    this.#senders = {
      audio: connection.addTransceiver(tracks.audio ?? 'audio', { direction }).sender,
      video: connection.addTransceiver(tracks.video ?? 'video', { direction }).sender,
    };
    connection.addEventListener('track', ({ track }) => this.#addRemote(track));
    connection.addEventListener('connectionstatechange', () => this.#stateChanged());
    let peer!: KurentoPeer;
    this.#ready = new Promise((resolve, reject) => {
      // `Recvonly` with no media of its own: the other modes would open the camera by themselves.
      peer = new WebRtcPeer.WebRtcPeerRecvonly(
        {
          peerConnection: connection,
          mediaConstraints: { audio: false, video: false },
          onicecandidate: (candidate) => events.candidate(candidate.toJSON() as Candidate),
        },
        (error) => (error ? reject(error) : resolve()),
      );
    });
    this.#peer = peer;
  }

  /** Writes the offer; candidates follow. */
  async createOffer(): Promise<string> {
    await this.#ready;
    return new Promise((resolve, reject) => {
      this.#peer.generateOffer((error, sdpOffer) => (error ? reject(error) : resolve(sdpOffer)));
    });
  }

  async applyAnswer(sdpAnswer: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#peer.processAnswer(sdpAnswer, (error) => (error ? reject(error) : resolve()));
    });
    if (this.#connection.connectionState !== 'connected') this.#loseAfter(CONNECT_TIMEOUT_MS);
  }

  /** Adds a candidate of the server; kurento-utils keeps those that come before the answer. */
  addCandidate(candidate: Candidate): void {
    // A candidate that the browser cannot use (an address family it lacks) is not a failure.
    this.#peer.addIceCandidate(candidate as RTCIceCandidateInit, () => undefined);
  }

  /** Changes what goes out, without a new offer. */
  async send(tracks: OutgoingTracks): Promise<void> {
    for (const kind of ['audio', 'video'] as const) {
      const sender = this.#senders[kind];
      if (sender.track !== tracks[kind]) await sender.replaceTrack(tracks[kind]);
    }
  }

  /** Limits what one's own picture costs those who receive it; it may be left undone. */
  async limitVideo({ maxBitrate, scaleResolutionDownBy }: VideoLimit): Promise<void> {
    const sender = this.#senders.video;
    const parameters = sender.getParameters();
    const [encoding] = parameters.encodings;
    if (!encoding) return;
    if (encoding.maxBitrate === maxBitrate && encoding.scaleResolutionDownBy === scaleResolutionDownBy)
      return;
    encoding.maxBitrate = maxBitrate;
    encoding.scaleResolutionDownBy = scaleResolutionDownBy;
    await sender.setParameters(parameters);
  }

  get connected(): boolean {
    return this.#connection.connectionState === 'connected';
  }

  statistics(): Promise<RTCStatsReport> {
    return this.#connection.getStats();
  }

  /** Takes in the sound of the other side, once there is one. */
  get soundReceiver(): RTCRtpReceiver | undefined {
    return this.#connection.getReceivers().find(({ track }) => track.kind === 'audio');
  }

  /** Sends one's own sound. */
  get soundSender(): RTCRtpSender {
    return this.#senders.audio;
  }

  /** Closes the connection only: `dispose()` of kurento-utils would stop the camera as well. */
  close(): void {
    clearTimeout(this.#timer);
    this.#peer.removeAllListeners();
    for (const track of this.remoteStream.getTracks()) track.onunmute = null;
    this.#connection.close();
  }

  #addRemote(track: MediaStreamTrack): void {
    this.remoteStream.addTrack(track);
    if (!track.muted) this.#events.arrived();
    track.onunmute = () => this.#events.arrived();
  }

  #stateChanged(): void {
    switch (this.#connection.connectionState) {
      case 'connecting':
        return this.#loseAfter(CONNECT_TIMEOUT_MS);
      case 'connected':
        clearTimeout(this.#timer);
        return this.#events.connected();
      case 'disconnected':
        return this.#loseAfter(DISCONNECTED_GRACE_MS);
      case 'failed':
        return this.#loseAfter(FAILED_GRACE_MS);
    }
  }

  #loseAfter(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#events.lost(), delayMs);
  }
}
