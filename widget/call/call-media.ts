import type { Candidate, IceServer, Media } from '../../protocol/index.ts';
import { isPermitted, DevicesRefused, type DeviceAccess } from '../media/devices.ts';
import { LocalMedia, type OpenScreen } from '../media/local-media.ts';
import { Peer } from '../media/peer-connection.ts';
import { isSoundBlocked } from '../media/sound.ts';
import { countersOf, levelOf, metricsBetween, type Counters, type Metrics } from '../media/statistics.ts';
import type { OngoingEvent } from './state.ts';
import type { QualityLevel } from './view.ts';

/** How often the connection is measured, in milliseconds. */
const MEASURE_INTERVAL_MS = 2_000;
/** How often the server is told, in measurements. */
const MEASUREMENTS_PER_REPORT = 5;
/** A connection on which nothing is sent (neither side has a device) has started after this, in milliseconds. */
const SILENT_START_MS = 3_000;

/** What the media of a call need, and whom they tell. */
export interface CallMediaOptions {
  readonly access: DeviceAccess;
  readonly openScreen: OpenScreen;
  readonly iceServers: () => Promise<readonly IceServer[]>;
  readonly dispatch: (event: OngoingEvent) => void;
  /** Something that is shown has changed. */
  readonly changed: () => void;
  /** What the other side gets has changed. */
  readonly flagsChanged: () => void;
  readonly report: (metrics: Metrics) => void;
}

/** The devices and the media connection of one call, from its first ring to its end. */
export class CallMedia {
  readonly #options: CallMediaOptions;
  readonly local: LocalMedia;
  readonly #permitted = new Map<Media, Promise<boolean>>();
  #peer: Peer | undefined;
  #generation: number | undefined;
  #remoteStream: MediaStream | undefined;
  #counters: Counters | undefined;
  #measurements = 0;
  #timers: ReturnType<typeof setTimeout>[] = [];
  #closed = false;
  quality: QualityLevel | undefined;
  soundBlocked = false;

  constructor(options: CallMediaOptions) {
    this.#options = options;
    this.local = new LocalMedia(options.access, options.openScreen, () => {
      // Fails only on a connection that was closed meanwhile; the next one begins with these tracks.
      this.#peer?.send(this.local.tracks).catch(() => undefined);
      options.changed();
      options.flagsChanged();
    });
    const measuring = setInterval(() => void this.#measure(), MEASURE_INTERVAL_MS);
    this.#timers.push(measuring);
  }

  get remoteStream(): MediaStream | undefined {
    return this.#remoteStream;
  }

  /**
   * Whether nobody will be asked anything when the devices are opened. Asked while it rings, so that the click on
   * "accept" goes out before anything is drawn.
   */
  isPermitted(media: Media): Promise<boolean> {
    const known = this.#permitted.get(media);
    if (known) return known;
    const asked = isPermitted(this.#options.access, media);
    this.#permitted.set(media, asked);
    return asked;
  }

  /**
   * Gets the devices. Where nobody will be asked anything the call need not wait for them: they come while it rings.
   */
  async openDevices(media: Media, anyway: boolean): Promise<void> {
    const permitted = await this.isPermitted(media);
    if (this.#closed) return;
    if (permitted) this.#dispatch({ type: 'media-ready' });
    try {
      await this.local.open(media);
      if (!permitted) this.#dispatch({ type: 'media-ready' });
    } catch (error) {
      const problem = error instanceof DevicesRefused ? error.code : 'failed';
      if (permitted || anyway) this.local.refuse();
      if (!permitted) this.#dispatch(anyway ? { type: 'media-ready' } : { type: 'devices-refused', problem });
    }
  }

  /** Makes the media connection of a generation and its offer, unless there is one. */
  async makeOffer(generation: number, delayMs: number): Promise<void> {
    if (this.#generation === generation) return;
    this.dropPeer();
    this.#generation = generation;
    if (delayMs > 0) await new Promise((resolve) => this.#timers.push(setTimeout(resolve, delayMs)));
    const iceServers = await this.#options.iceServers();
    if (this.#closed || this.#generation !== generation) return;
    let peer: Peer | undefined;
    try {
      peer = this.#makePeer(iceServers, generation);
      const sdpOffer = await peer.createOffer();
      if (this.#peer === peer) this.#dispatch({ type: 'offer-made', generation, sdpOffer });
    } catch {
      if (this.#peer !== peer) return;
      this.dropPeer();
      const problem = typeof RTCPeerConnection === 'undefined' ? 'unsupported-browser' : 'media-failed';
      this.#dispatch({ type: 'media-impossible', problem });
    }
  }

  /** @returns nothing; an answer that cannot be applied counts as a lost connection */
  async applyAnswer(generation: number, sdpAnswer: string): Promise<void> {
    const peer = this.#peer;
    if (!peer || this.#generation !== generation) return;
    try {
      await peer.applyAnswer(sdpAnswer);
    } catch {
      if (this.#peer === peer) this.#dispatch({ type: 'media-lost', generation });
    }
  }

  addCandidate(generation: number, candidate: Candidate): void {
    if (this.#generation === generation) this.#peer?.addCandidate(candidate);
  }

  /** The call is accepted: it starts even if neither side has anything to send. */
  expectMedia(): void {
    this.#timers.push(
      setTimeout(() => {
        if (this.#peer?.connected) this.#dispatch({ type: 'media-flows' });
      }, SILENT_START_MS),
    );
  }

  dropPeer(): void {
    const peer = this.#peer;
    this.#peer = undefined;
    this.#generation = undefined;
    this.#counters = undefined;
    peer?.close();
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
    this.dropPeer();
    this.local.close();
  }

  #dispatch(event: OngoingEvent): void {
    if (!this.#closed) this.#options.dispatch(event);
  }

  #makePeer(iceServers: readonly IceServer[], generation: number): Peer {
    const peer = new Peer(iceServers, this.local.tracks, {
      candidate: (candidate) => this.#dispatch({ type: 'candidate', generation, candidate }),
      flows: () => void this.#flows(peer),
      connected: () => {
        if (generation > 0) this.expectMedia();
      },
      lost: () => this.#dispatch({ type: 'media-lost', generation }),
    });
    this.#peer = peer;
    return peer;
  }

  async #flows(peer: Peer): Promise<void> {
    if (this.#peer !== peer) return;
    this.#remoteStream = peer.remoteStream;
    this.#dispatch({ type: 'media-flows' });
    this.soundBlocked = await isSoundBlocked();
    if (this.soundBlocked && !this.#closed) this.#options.changed();
  }

  async #measure(): Promise<void> {
    const peer = this.#peer;
    if (!peer?.connected) return;
    const stats = await peer.statistics();
    if (this.#peer !== peer) return;
    const after = countersOf(stats.values(), performance.now());
    const metrics = this.#counters && metricsBetween(this.#counters, after);
    this.#counters = after;
    if (!metrics) return;
    const quality = levelOf(metrics);
    if (quality !== this.quality) {
      this.quality = quality;
      this.#options.changed();
    }
    this.#measurements += 1;
    if (this.#measurements % MEASUREMENTS_PER_REPORT === 0) this.#options.report(metrics);
  }
}
