import type { Candidate, IceServer, Media } from '../../protocol/index.ts';
import { DevicesRefused, isPermitted, type DeviceAccess } from '../media/devices.ts';
import { LocalMedia, type OpenScreen } from '../media/local-media.ts';
import { Peer } from '../media/peer-connection.ts';
import { isSoundBlocked } from '../media/sound.ts';
import { countersOf, levelOf, metricsBetween, type Counters, type Metrics } from '../media/statistics.ts';
import type { ProblemCode, QualityLevel } from '../call/view.ts';
import { Levels } from '../room/levels.ts';
import type { LinkEvent, RoomEffect } from '../room/state.ts';
import { videoLimitFor } from '../room/video-limit.ts';

/** How often the connections are measured, in milliseconds. */
const MEASURE_INTERVAL_MS = 2_000;
/** How often the server is told, in measurements. */
const MEASUREMENTS_PER_REPORT = 5;
/** How long the server may take to answer an offer, in milliseconds. */
const ANSWER_TIMEOUT_MS = 15_000;

/** What the media of a room need, and whom they tell. */
export interface RoomMediaOptions {
  readonly access: DeviceAccess;
  readonly openScreen: OpenScreen;
  readonly iceServers: () => Promise<readonly IceServer[]>;
  readonly dispatch: (event: LinkEvent) => void;
  /** Something that is shown has changed. */
  readonly changed: () => void;
  /** What the others get has changed. */
  readonly flagsChanged: () => void;
  /** The devices may not be used: one listens only. */
  readonly refused: (problem: ProblemCode) => void;
  /** How many are in the room, oneself included. */
  readonly people: () => number;
  /** Whether that one's sound is on. */
  readonly isHeard: (name: string) => boolean;
  readonly report: (metrics: Metrics) => void;
}

/** One media connection of the room, or the one that is about to be made. */
interface LinkMedia {
  readonly generation: number;
  readonly isOwn: boolean;
  peer?: Peer;
  timer?: ReturnType<typeof setTimeout>;
}

type MakeOffer = Extract<RoomEffect, { type: 'make-offer' }>;

const NO_TRACKS = { audio: null, video: null };

/** The devices and the media connections of one's part in one room. */
export class RoomMedia {
  readonly #options: RoomMediaOptions;
  readonly #links = new Map<string, LinkMedia>();
  readonly #streams = new Map<string, MediaStream>();
  readonly #levels: Levels;
  readonly #measuring: ReturnType<typeof setInterval>;
  readonly local: LocalMedia;
  #asksForDevices = false;
  #counters: Counters | undefined;
  #measurements = 0;
  #knowsSound = false;
  #closed = false;
  quality: QualityLevel | undefined;
  soundBlocked = false;

  constructor(options: RoomMediaOptions) {
    this.#options = options;
    this.local = new LocalMedia(options.access, options.openScreen, () => {
      for (const { isOwn, peer } of this.#links.values()) if (isOwn && peer) this.#sendTracks(peer);
      this.fit();
      options.changed();
      options.flagsChanged();
    });
    this.#levels = new Levels(() => this.#voices(), options.changed);
    this.#measuring = setInterval(() => void this.#measure(), MEASURE_INTERVAL_MS);
  }

  /** What came of each of the others, by name. */
  get streams(): ReadonlyMap<string, MediaStream> {
    return this.#streams;
  }

  /** How loud each is, by name. */
  get levels(): ReadonlyMap<string, number> {
    return this.#levels.now;
  }

  /** Whether the others can be told what one sends: not while the devices open without asking anybody. */
  get settled(): boolean {
    return this.local.settled || this.#asksForDevices;
  }

  /** Opens the devices. Who has none, or may not use them, listens. */
  async openDevices(media: Media): Promise<void> {
    this.#asksForDevices = !(await isPermitted(this.#options.access, media));
    if (this.#closed) return;
    if (this.#asksForDevices) this.#options.flagsChanged();
    try {
      await this.local.open(media);
    } catch (error) {
      if (this.#closed) return;
      this.local.refuse();
      this.#options.refused(error instanceof DevicesRefused ? error.code : 'failed');
    }
  }

  /** Fits one's own picture to the number of people in the room. */
  fit(): void {
    const limit = videoLimitFor(this.#options.people(), this.local.sharing);
    for (const { isOwn, peer } of this.#links.values()) {
      // An older browser, or a connection that was closed meanwhile, sends as much as it likes.
      if (isOwn && peer?.connected) peer.limitVideo(limit).catch(() => undefined);
    }
  }

  /** A moderator took the sound off. */
  muteMicrophone(): void {
    if (this.local.microphone === 'on') void this.local.toggleMicrophone();
  }

  /** Makes a connection in place of the former one of that name, and its offer. */
  async makeOffer({ name, generation, direction, delayMs }: MakeOffer): Promise<void> {
    this.#close(name);
    const link: LinkMedia = { generation, isOwn: direction === 'sendonly' };
    this.#links.set(name, link);
    if (delayMs > 0) await new Promise((resolve) => (link.timer = setTimeout(resolve, delayMs)));
    const iceServers = await this.#options.iceServers();
    if (!this.#isCurrent(name, link)) return;
    try {
      link.peer = this.#makePeer(name, link, iceServers);
      const sdpOffer = await link.peer.createOffer();
      if (!this.#isCurrent(name, link)) return;
      link.timer = setTimeout(
        () => this.#dispatch({ type: 'link-lost', name, generation }),
        ANSWER_TIMEOUT_MS,
      );
      this.#dispatch({ type: 'offer-made', name, generation, sdpOffer });
    } catch {
      if (!this.#isCurrent(name, link)) return;
      const problem = typeof RTCPeerConnection === 'undefined' ? 'unsupported-browser' : 'media-failed';
      this.#dispatch({ type: 'media-impossible', problem });
    }
  }

  /** An answer that cannot be applied counts as a lost connection. */
  async applyAnswer(name: string, generation: number, sdpAnswer: string): Promise<void> {
    const link = this.#links.get(name);
    if (link?.generation !== generation || !link.peer) return;
    clearTimeout(link.timer);
    try {
      await link.peer.applyAnswer(sdpAnswer);
    } catch {
      if (this.#isCurrent(name, link)) this.#dispatch({ type: 'link-lost', name, generation });
    }
  }

  addCandidate(name: string, generation: number, candidate: Candidate): void {
    const link = this.#links.get(name);
    if (link?.generation === generation) link.peer?.addCandidate(candidate);
  }

  /** That one is gone, or comes anew. */
  drop(name: string): void {
    this.#close(name);
    this.#streams.delete(name);
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#measuring);
    this.#levels.close();
    for (const name of [...this.#links.keys()]) this.drop(name);
    this.local.close();
  }

  #close(name: string): void {
    const link = this.#links.get(name);
    if (!link) return;
    this.#links.delete(name);
    clearTimeout(link.timer);
    link.peer?.close();
  }

  #isCurrent(name: string, link: LinkMedia): boolean {
    return !this.#closed && this.#links.get(name) === link;
  }

  #dispatch(event: LinkEvent): void {
    if (!this.#closed) this.#options.dispatch(event);
  }

  #makePeer(name: string, link: LinkMedia, iceServers: readonly IceServer[]): Peer {
    const { generation, isOwn } = link;
    const tracks = isOwn ? this.local.tracks : NO_TRACKS;
    const peer = new Peer(
      iceServers,
      tracks,
      {
        candidate: (candidate) => this.#dispatch({ type: 'candidate', name, generation, candidate }),
        flows: () => this.#flows(name, link),
        connected: () => {
          if (isOwn) this.fit();
          this.#dispatch({ type: 'link-up', name, generation });
        },
        lost: () => this.#dispatch({ type: 'link-lost', name, generation }),
      },
      isOwn ? 'sendonly' : 'recvonly',
    );
    return peer;
  }

  #sendTracks(peer: Peer): void {
    // Fails only on a connection that was closed meanwhile; the next one begins with these tracks.
    peer.send(this.local.tracks).catch(() => undefined);
  }

  #flows(name: string, link: LinkMedia): void {
    if (!this.#isCurrent(name, link) || !link.peer) return;
    this.#streams.set(name, link.peer.remoteStream);
    this.#options.changed();
    void this.#askForSound();
  }

  async #askForSound(): Promise<void> {
    if (this.#knowsSound) return;
    this.#knowsSound = true;
    this.soundBlocked = await isSoundBlocked();
    if (this.soundBlocked && !this.#closed) this.#options.changed();
  }

  #voices() {
    return [...this.#links].flatMap(([name, { peer, isOwn }]) => {
      const isOn = isOwn ? this.local.flags.audio : this.#options.isHeard(name);
      return peer?.connected && isOn ? [{ name, peer, isOwn }] : [];
    });
  }

  async #measure(): Promise<void> {
    const peers = [...this.#links.values()].flatMap(({ peer }) => (peer?.connected ? [peer] : []));
    if (peers.length === 0) return;
    const reports = await Promise.all(peers.map((peer) => peer.statistics()));
    if (this.#closed) return;
    const after = countersOf(
      reports.flatMap((report) => [...report.values()]),
      performance.now(),
    );
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
