import type { Candidate } from '../../protocol/index.ts';
import type { NegotiationFailure } from './call-state.ts';
import { EARLY_CANDIDATES_MAX, MediaLeg } from './media-leg.ts';
import type { MediaPool, MediaSession } from './media.ts';

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

interface EarlyCandidate {
  readonly device: string;
  readonly generation: number;
  readonly candidate: Candidate;
}

/** The media of one call: one session on a media server with an endpoint for each device that brought an offer. */
export class CallMedia {
  readonly #pool: MediaPool;
  readonly #listener: CallMediaListener;
  readonly #legs = new Map<string, MediaLeg>();
  #early: EarlyCandidate[] = [];
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
    const former = this.#legs.get(device);
    const leg = new MediaLeg(generation, this.#takeEarly(device, generation), (candidate) =>
      this.#listener.candidate(device, generation, candidate),
    );
    this.#legs.set(device, leg);
    this.#answer(leg, sdpOffer).then(
      (sdpAnswer) => {
        former?.release();
        if (this.#legs.get(device) === leg) this.#listener.negotiated(device, attempt, sdpAnswer);
      },
      (error: unknown) => {
        leg.release();
        if (this.#legs.get(device) !== leg || isReportedOtherwise(error)) return;
        if (former?.endpoint) this.#legs.set(device, former);
        else this.#legs.delete(device);
        this.#listener.notNegotiated(device, attempt, failureOf(error), error);
      },
    );
  }

  /** Takes a device's candidate; one of an older generation is dropped, one of a newer waits for its offer. */
  addCandidate(early: EarlyCandidate): void {
    const leg = this.#legs.get(early.device);
    if (leg?.generation === early.generation) leg.add(early.candidate);
    else if ((leg?.generation ?? -1) < early.generation && this.#early.length < EARLY_CANDIDATES_MAX) {
      this.#early.push(early);
    }
  }

  /** The device has its answer: its endpoint's candidates may follow. */
  forwardCandidates(device: string): void {
    this.#legs.get(device)?.forwardCandidates();
  }

  /** Gives back the endpoint of a device that has no more part in the call. */
  drop(device: string): void {
    this.#legs.get(device)?.release();
    this.#legs.delete(device);
  }

  /** Lets media flow both ways. A media server lost meanwhile is told by `lost`. */
  join([first, second]: readonly [string, string]): void {
    const a = this.#legs.get(first)?.endpoint;
    const b = this.#legs.get(second)?.endpoint;
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

  async #answer(leg: MediaLeg, sdpOffer: string): Promise<string> {
    if (!this.#session) throw new Error('The call has no media session.');
    return leg.negotiate(await this.#session, sdpOffer);
  }

  #takeEarly(device: string, generation: number): Candidate[] {
    const isIts = (early: EarlyCandidate) => early.device === device && early.generation === generation;
    const taken = this.#early.filter(isIts).map(({ candidate }) => candidate);
    this.#early = this.#early.filter((early) => !isIts(early));
    return taken;
  }

  /** The session releases its endpoints with itself. */
  #letGo(): void {
    this.#legs.clear();
    this.#early = [];
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
