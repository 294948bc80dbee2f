import type { Candidate } from '../../protocol/index.ts';
import type { NegotiationFailure } from './call-state.ts';
import { MediaSlot } from './media-slot.ts';
import type { MediaPool, MediaSession } from '../sessions/media.ts';

/** How long a call waits for another media server when its own was lost. */
export const MEDIA_RECOVERY_TIMEOUT_MS = 60_000;

/** What comes of a call's media. */
export interface CallMediaListener {
  negotiated(device: string, attempt: number, sdpAnswer: string): void;
  notNegotiated(device: string, attempt: number, code: NegotiationFailure, cause: unknown): void;
  /** An endpoint's candidate, after `forwardCandidates`. */
  candidate(device: string, generation: number, candidate: Candidate): void;
  /** No media server could be had. */
  unavailable(cause: unknown): void;
  lost(): void;
  /** There is a media server again, after `reopen`. */
  back(): void;
}

/** A device's offer to be answered. */
export interface Negotiate {
  readonly device: string;
  readonly attempt: number;
  readonly generation: number;
  readonly sdpOffer: string;
}

/** A device's candidate, for its offer of this generation. */
export interface DeviceCandidate {
  readonly device: string;
  readonly generation: number;
  readonly candidate: Candidate;
}

/** The media of one call: one session on a media server with an endpoint for each device that brought an offer. */
export class CallMedia {
  readonly #pool: MediaPool;
  readonly #listener: CallMediaListener;
  readonly #slots = new Map<string, MediaSlot>();
  #session: Promise<MediaSession> | undefined;
  #isReleased = false;

  constructor(pool: MediaPool, listener: CallMediaListener) {
    this.#pool = pool;
    this.#listener = listener;
  }

  /** Asks for a session; `unavailable` is told if there is none. */
  open(): void {
    const session = this.#createSession();
    this.#session = session;
    session.catch((error: unknown) => this.#unlessReleased(() => this.#listener.unavailable(error)));
  }

  /** Lets go of a lost session and waits for a media server to make another one on. */
  reopen(): void {
    this.#letGo();
    const session = this.#pool.whenReady(MEDIA_RECOVERY_TIMEOUT_MS).then(() => this.#createSession());
    this.#session = session;
    session.then(
      () => this.#unlessReleased(() => this.#listener.back()),
      (error: unknown) => this.#unlessReleased(() => this.#listener.unavailable(error)),
    );
  }

  /** Answers an offer by a new endpoint, which replaces the device's former one once it is ready. */
  negotiate({ device, attempt, generation, sdpOffer }: Negotiate): void {
    if (!this.#session) return;
    const answering = this.#slotOf(device).negotiate(this.#session, sdpOffer, generation);
    answering.then(
      (answered) => {
        if (!answered) return;
        this.#listener.negotiated(device, attempt, answered.sdpAnswer);
        answered.releaseFormer();
      },
      (error: unknown) => {
        if (isReportedOtherwise(error)) return;
        this.#listener.notNegotiated(device, attempt, failureOf(error), error);
      },
    );
  }

  /** Takes a device's candidate; one of an older generation is dropped, one of a newer waits for its offer. */
  addCandidate({ device, generation, candidate }: DeviceCandidate): void {
    this.#slotOf(device).addCandidate(generation, candidate);
  }

  /** The device has its answer: its endpoint's candidates may follow. */
  forwardCandidates(device: string): void {
    this.#slots.get(device)?.forwardCandidates();
  }

  /** Gives back the endpoint of a device that has no more part in the call. */
  drop(device: string): void {
    this.#slots.get(device)?.release();
    this.#slots.delete(device);
  }

  /** Lets media flow both ways. A media server lost meanwhile is told by `lost`. */
  join([first, second]: readonly [string, string]): void {
    const a = this.#slots.get(first)?.endpoint;
    const b = this.#slots.get(second)?.endpoint;
    if (!a || !b) return;
    for (const connecting of [a.connect(b), b.connect(a)]) connecting.catch(() => undefined);
  }

  /** Gives everything back, also what is still being made. */
  release(): void {
    this.#isReleased = true;
    this.#letGo();
  }

  async #createSession(): Promise<MediaSession> {
    const session = await this.#pool.createSession();
    if (this.#isReleased) session.release();
    else session.on('lost', () => this.#unlessReleased(() => this.#listener.lost()));
    return session;
  }

  #slotOf(device: string): MediaSlot {
    const slot =
      this.#slots.get(device) ??
      new MediaSlot((generation, candidate) => this.#listener.candidate(device, generation, candidate));
    this.#slots.set(device, slot);
    return slot;
  }

  /** The session releases its endpoints with itself. */
  #letGo(): void {
    for (const slot of this.#slots.values()) slot.abandon();
    this.#slots.clear();
    this.#session?.then((session) => session.release()).catch(() => undefined);
    this.#session = undefined;
  }

  #unlessReleased(report: () => void): void {
    if (!this.#isReleased) report();
  }
}

/** A session that could not be had, or was lost, is told by `unavailable` or `lost`. */
function isReportedOtherwise(error: unknown): boolean {
  return codeOf(error) === 'media-unavailable';
}

function failureOf(error: unknown): NegotiationFailure {
  return codeOf(error) === 'bad-sdp' ? 'bad-sdp' : 'media-failed';
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
