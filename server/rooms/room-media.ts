import type { Candidate } from '../../protocol/index.ts';
import { MEDIA_RECOVERY_TIMEOUT_MS } from '../calls/call-media.ts';
import type { NegotiationFailure } from '../calls/call-state.ts';
import { MediaSlot } from '../calls/media-slot.ts';
import type { MediaPool, MediaSession } from '../sessions/media.ts';
import type { Negotiation } from './room-state.ts';

/** Whose media goes to, or comes from, which connection. */
export type Stream = Pick<Negotiation, 'device' | 'sender' | 'generation'>;

/** What comes of a room's media. */
export interface RoomMediaListener {
  answered(stream: Stream, sdpAnswer: string): void;
  notAnswered(stream: Stream, code: NegotiationFailure, cause: unknown): void;
  /** An endpoint's candidate, for a page that has the answer. */
  candidate(stream: Stream, candidate: Candidate): void;
  /** No media server could be had. */
  unavailable(cause: unknown): void;
  lost(): void;
  /** There is a media server again, after `reopen`. */
  back(): void;
}

/**
 * The media of one room: one session on a media server; for each participant an endpoint that takes what it
 * sends, and one for each of the others that it watches, connected to theirs.
 */
export class RoomMedia {
  readonly #pool: MediaPool;
  readonly #listener: RoomMediaListener;
  /** By connection, and then by the name of the one whose media it is. */
  readonly #slots = new Map<string, Map<string, MediaSlot>>();
  /** What each participant sends, by its name. */
  readonly #published = new Map<string, MediaSlot>();
  /** Names of those whose audio reaches nobody; they stay so when the media server is another one. */
  readonly #muted = new Set<string>();
  #session: Promise<MediaSession> | undefined;
  #isUp = false;
  #isReleased = false;

  constructor(pool: MediaPool, listener: RoomMediaListener) {
    this.#pool = pool;
    this.#listener = listener;
  }

  /** Asks for a session; `unavailable` is told if there is none. */
  open(): void {
    const session = this.#createSession();
    this.#session = session;
    this.#isUp = true;
    session.catch((error: unknown) => this.#unlessReleased(() => this.#listener.unavailable(error)));
  }

  /** Lets go of a lost session and waits for a media server to make another one on. */
  reopen(): void {
    this.#letGo();
    const session = this.#pool.whenReady(MEDIA_RECOVERY_TIMEOUT_MS).then(() => this.#createSession());
    this.#session = session;
    session.then(
      () => {
        this.#isUp = true;
        this.#unlessReleased(() => this.#listener.back());
      },
      (error: unknown) => this.#unlessReleased(() => this.#listener.unavailable(error)),
    );
  }

  /** Takes what a participant sends; it reaches everybody who watches it, also those who waited for it. */
  publish(negotiation: Negotiation): void {
    const { device, sender } = negotiation;
    const slot = this.#slotOf(device, sender);
    this.#published.set(sender, slot);
    this.#negotiate(slot, negotiation, () => {
      for (const watching of this.#watching(sender)) this.#connect(sender, watching);
    });
  }

  /** Sends a participant's media to a connection, as soon as there is any. */
  subscribe(negotiation: Negotiation): void {
    const { device, sender } = negotiation;
    const slot = this.#slotOf(device, sender);
    this.#negotiate(slot, negotiation, () => this.#connect(sender, slot));
  }

  /** Ends one subscription. */
  unsubscribe(device: string, sender: string): void {
    const ofDevice = this.#slots.get(device);
    ofDevice?.get(sender)?.release();
    ofDevice?.delete(sender);
  }

  /** Lets a participant's audio reach nobody, also those who subscribe later. */
  mute(sender: string): void {
    this.#muted.add(sender);
    const source = this.#published.get(sender)?.endpoint;
    for (const { endpoint } of this.#watching(sender)) {
      if (source && endpoint) source.disconnect(endpoint, 'audio').catch(() => undefined);
    }
  }

  /** Undoes `mute`. */
  unmute(sender: string): void {
    this.#muted.delete(sender);
    for (const watching of this.#watching(sender)) this.#connect(sender, watching, 'audio');
  }

  /** Takes a page's candidate for one of its streams; a stale one is dropped. */
  addCandidate({ device, sender, generation }: Stream, candidate: Candidate): void {
    this.#slotOf(device, sender).addCandidate(generation, candidate);
  }

  /** Gives back what a connection sends and gets, and what the others get of it. */
  drop(device: string, name: string): void {
    for (const slot of this.#slots.get(device)?.values() ?? []) slot.release();
    this.#slots.delete(device);
    this.#published.delete(name);
    this.#muted.delete(name);
    for (const other of this.#slots.keys()) this.unsubscribe(other, name);
  }

  /** Gives everything back, also what is still being made. */
  release(): void {
    this.#isReleased = true;
    this.#letGo();
  }

  #negotiate(slot: MediaSlot, negotiation: Negotiation, onReady: () => void): void {
    const { device, sender, generation, sdpOffer } = negotiation;
    const stream = { device, sender, generation };
    if (!this.#session || !this.#isUp || generation < slot.generation) return;
    slot.negotiate(this.#session, sdpOffer, generation).then(
      (answered) => {
        if (!answered) return;
        onReady();
        answered.releaseFormer();
        this.#listener.answered(stream, answered.sdpAnswer);
        slot.forwardCandidates();
      },
      (error: unknown) => {
        // A session that could not be had, or was lost, is told by `unavailable` or `lost`.
        if (codeOf(error) === 'media-unavailable') return;
        this.#listener.notAnswered(stream, codeOf(error) === 'bad-sdp' ? 'bad-sdp' : 'media-failed', error);
      },
    );
  }

  /** The connections that somebody's media goes to. */
  #watching(sender: string): MediaSlot[] {
    const source = this.#published.get(sender);
    return [...this.#slots.values()].flatMap((ofDevice) => {
      const slot = ofDevice.get(sender);
      return slot && slot !== source ? [slot] : [];
    });
  }

  /**
   * Lets somebody's media flow, if both ends are ready. A media server lost meanwhile is told by `lost`.
   * @param kind only this; if missing, all that is not muted
   */
  #connect(sender: string, sink: MediaSlot, kind?: 'audio'): void {
    const from = this.#published.get(sender)?.endpoint;
    const to = sink.endpoint;
    const allowed = this.#muted.has(sender) ? 'video' : kind;
    if (from && to) from.connect(to, allowed).catch(() => undefined);
  }

  #slotOf(device: string, sender: string): MediaSlot {
    const ofDevice = this.#slots.get(device) ?? new Map<string, MediaSlot>();
    this.#slots.set(device, ofDevice);
    const slot =
      ofDevice.get(sender) ??
      new MediaSlot((generation, candidate) =>
        this.#listener.candidate({ device, sender, generation }, candidate),
      );
    ofDevice.set(sender, slot);
    return slot;
  }

  async #createSession(): Promise<MediaSession> {
    const session = await this.#pool.createSession();
    if (this.#isReleased) session.release();
    else session.on('lost', () => this.#unlessReleased(() => this.#listener.lost()));
    return session;
  }

  /** The session releases its endpoints with itself. */
  #letGo(): void {
    for (const ofDevice of this.#slots.values()) for (const slot of ofDevice.values()) slot.abandon();
    this.#slots.clear();
    this.#published.clear();
    this.#session?.then((session) => session.release()).catch(() => undefined);
    this.#session = undefined;
    this.#isUp = false;
  }

  #unlessReleased(report: () => void): void {
    if (!this.#isReleased) report();
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
