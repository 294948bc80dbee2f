import type { Candidate, IceServer, Media } from '../../protocol/index.ts';
import { browserDevices, DevicesRefused, isPermitted } from '../media/devices.ts';
import { LocalMedia } from '../media/local-media.ts';
import { PeerConnection, type VideoLimit } from '../media/peer-connection.ts';
import { isSoundBlocked } from '../media/sound.ts';
import type { Metrics } from '../media/statistics.ts';
import { guarded } from './guarded.ts';
import { QualityMeter } from './quality-meter.ts';
import type { ConnectionRef, MediaEvent, SessionEffect } from './state.ts';
import type { QualityLevel } from './terms.ts';

/** How long the server may take to answer the offer of a connection that carries media one way, in milliseconds. */
const ANSWER_TIMEOUT_MS = 15_000;

/** What the media of a session need, and whom they tell. */
export interface SessionMediaOptions {
  readonly iceServers: () => Promise<readonly IceServer[]>;
  readonly dispatch: (event: MediaEvent) => void;
  /** Something that is shown has changed. */
  readonly changed: () => void;
  /** What the others get has changed. */
  readonly flagsChanged: () => void;
  readonly report: (metrics: Metrics) => void;
  /** What one's own picture may cost now. */
  readonly videoLimit: () => VideoLimit | undefined;
}

type MakeOffer = Extract<SessionEffect, { type: 'make-offer' }>;

/** One peer connection, or the one that is about to be made. */
interface Connection extends ConnectionRef {
  /** Whether one's own media go out on it. */
  readonly sends: boolean;
  peer?: PeerConnection;
  timer?: ReturnType<typeof setTimeout>;
}

const NO_TRACKS = { audio: null, video: null };

/** One's devices and peer connections during one call or in one room, from its first ring to its end. */
export class SessionMedia {
  readonly local: LocalMedia;
  readonly #options: SessionMediaOptions;
  readonly #access = browserDevices();
  readonly #permitted = new Map<Media, Promise<boolean>>();
  readonly #connections = new Map<string, Connection>();
  readonly #streams = new Map<string, MediaStream>();
  readonly #meter: QualityMeter;
  #asksForDevices = false;
  #knowsSound = false;
  #closed = false;
  soundBlocked = false;

  constructor(options: SessionMediaOptions) {
    this.#options = options;
    this.local = new LocalMedia(this.#access, () => guarded(() => this.#localChanged()));
    this.#meter = new QualityMeter({
      connections: () => this.connected.map(({ peer }) => peer),
      changed: options.changed,
      report: options.report,
    });
  }

  get quality(): QualityLevel | undefined {
    return this.#meter.level;
  }

  /** What came of each of the others, by name. */
  get streams(): ReadonlyMap<string, MediaStream> {
    return this.#streams;
  }

  /** The connections that are up. */
  get connected(): readonly (ConnectionRef & { readonly sends: boolean; readonly peer: PeerConnection })[] {
    return [...this.#connections.values()].flatMap(({ name, generation, sends, peer }) =>
      peer?.connected ? [{ name, generation, sends, peer }] : [],
    );
  }

  /** Whether the others can be told what one sends: not while the devices open without asking anybody. */
  get settled(): boolean {
    return this.local.settled || this.#asksForDevices;
  }

  /**
   * Whether nobody will be asked anything when the devices are opened. Asked while it rings, so that the click on
   * "accept" goes out before anything is drawn.
   */
  isPermitted(media: Media): Promise<boolean> {
    const known = this.#permitted.get(media);
    if (known) return known;
    const asked = isPermitted(this.#access, media);
    this.#permitted.set(media, asked);
    return asked;
  }

  /**
   * Gets the devices. Where nobody will be asked anything the call need not wait for them: they come while it rings.
   */
  async openDevices(media: Media, anyway: boolean): Promise<void> {
    const permitted = await this.isPermitted(media);
    if (this.#closed) return;
    this.#asksForDevices = !permitted;
    if (permitted) this.#dispatch({ type: 'media-ready' });
    else this.#options.flagsChanged();
    try {
      await this.local.open(media);
      if (!permitted) this.#dispatch({ type: 'media-ready' });
    } catch (error) {
      if (this.#closed) return;
      if (permitted || anyway) this.local.refuse();
      if (!permitted && anyway) this.#dispatch({ type: 'media-ready' });
      const problem = error instanceof DevicesRefused ? error.code : 'failed';
      this.#dispatch({ type: 'devices-refused', problem });
    }
  }

  /** Makes a connection in place of that one's former, unless it is of this generation already, and its offer. */
  async makeOffer({ name, generation, direction, delayMs }: MakeOffer): Promise<void> {
    if (this.#connections.get(name)?.generation === generation) return;
    this.#close(name);
    const connection: Connection = { name, generation, sends: direction !== 'recvonly' };
    this.#connections.set(name, connection);
    if (delayMs > 0) await new Promise((resolve) => (connection.timer = setTimeout(resolve, delayMs)));
    const iceServers = await this.#options.iceServers();
    if (!this.#isCurrent(connection)) return;
    try {
      const peer = this.#makePeer(connection, direction, iceServers);
      connection.peer = peer;
      const sdpOffer = await peer.createOffer();
      if (!this.#isCurrent(connection)) return;
      if (direction !== 'sendrecv')
        connection.timer = setTimeout(() => this.#lost(connection), ANSWER_TIMEOUT_MS);
      this.#dispatch({ type: 'offer-made', name, generation, sdpOffer });
    } catch {
      if (!this.#isCurrent(connection)) return;
      this.#close(name);
      const problem = typeof RTCPeerConnection === 'undefined' ? 'unsupported-browser' : 'media-failed';
      this.#dispatch({ type: 'media-impossible', problem });
    }
  }

  /** An answer that cannot be applied counts as a lost connection. */
  async applyAnswer(to: ConnectionRef, sdpAnswer: string): Promise<void> {
    const connection = this.#find(to);
    if (!connection?.peer) return;
    clearTimeout(connection.timer);
    try {
      await connection.peer.applyAnswer(sdpAnswer);
    } catch {
      this.#lost(connection);
    }
  }

  addCandidate(to: ConnectionRef, candidate: Candidate): void {
    this.#find(to)?.peer?.addCandidate(candidate);
  }

  /** Fits one's own picture to what it may cost. */
  fit(): void {
    const limit = this.#options.videoLimit();
    if (!limit) return;
    for (const { peer, sends } of this.connected) {
      // An older browser, or a connection that was closed meanwhile, sends as much as it likes.
      if (sends) guarded(() => peer.limitVideo(limit).catch(() => undefined));
    }
  }

  /** That one is gone, or comes anew. */
  drop(name: string): void {
    this.#close(name);
    this.#streams.delete(name);
  }

  close(): void {
    this.#closed = true;
    this.#meter.close();
    for (const name of [...this.#connections.keys()]) this.drop(name);
    this.local.close();
  }

  #localChanged(): void {
    for (const { peer, sends } of this.#connections.values()) {
      // Fails only on a connection that was closed meanwhile; the next one begins with these tracks.
      if (sends) peer?.send(this.local.tracks).catch(() => undefined);
    }
    this.fit();
    this.#options.changed();
    this.#options.flagsChanged();
  }

  #find({ name, generation }: ConnectionRef): Connection | undefined {
    const connection = this.#connections.get(name);
    return connection?.generation === generation ? connection : undefined;
  }

  #close(name: string): void {
    const connection = this.#connections.get(name);
    if (!connection) return;
    this.#connections.delete(name);
    this.#meter.reset();
    clearTimeout(connection.timer);
    // Whatever it throws, the camera must be let go of.
    guarded(() => connection.peer?.close());
  }

  #isCurrent(connection: Connection): boolean {
    return !this.#closed && this.#connections.get(connection.name) === connection;
  }

  #lost(connection: Connection): void {
    const { name, generation } = connection;
    if (this.#isCurrent(connection)) this.#dispatch({ type: 'connection-lost', name, generation });
  }

  #dispatch(event: MediaEvent): void {
    if (!this.#closed) this.#options.dispatch(event);
  }

  #makePeer(
    connection: Connection,
    direction: MakeOffer['direction'],
    iceServers: readonly IceServer[],
  ): PeerConnection {
    const { name, generation, sends } = connection;
    return new PeerConnection(
      iceServers,
      sends ? this.local.tracks : NO_TRACKS,
      {
        candidate: (candidate) => this.#dispatch({ type: 'candidate', name, generation, candidate }),
        arrived: () => this.#arrived(connection),
        connected: () => {
          this.fit();
          // Not loading is no news before somebody wants to share.
          this.local.prepareScreen().catch(() => undefined);
          this.#dispatch({ type: 'connected', name, generation });
        },
        lost: () => this.#lost(connection),
      },
      direction,
    );
  }

  #arrived(connection: Connection): void {
    if (!this.#isCurrent(connection) || !connection.peer) return;
    const { name, generation, peer } = connection;
    this.#streams.set(name, peer.remoteStream);
    this.#options.changed();
    this.#dispatch({ type: 'media-arrived', name, generation });
    void this.#askForSound();
  }

  async #askForSound(): Promise<void> {
    if (this.#knowsSound) return;
    this.#knowsSound = true;
    this.soundBlocked = await isSoundBlocked();
    if (this.soundBlocked && !this.#closed) this.#options.changed();
  }
}
