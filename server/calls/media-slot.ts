import type { Candidate } from '../../protocol/index.ts';
import { EARLY_CANDIDATES_MAX, MediaLeg } from './media-leg.ts';
import type { MediaEndpoint, MediaSession } from '../sessions/media.ts';

interface EarlyCandidate {
  readonly generation: number;
  readonly candidate: Candidate;
}

/** What a slot has once its offer was answered. */
export interface Answered {
  readonly sdpAnswer: string;
  /** Gives back what the new endpoint replaces; to be called when nobody needs that any more. */
  releaseFormer(): void;
}

/**
 * One media connection of a page, in a call or a room: the endpoint that serves it, and the one that is to
 * replace it. Kurento endpoints cannot be negotiated twice, so each offer makes a new one.
 */
export class MediaSlot {
  readonly #onCandidate: (generation: number, candidate: Candidate) => void;
  #ready: MediaLeg | undefined;
  #pending: MediaLeg | undefined;
  #early: EarlyCandidate[] = [];
  #isReleased = false;

  /** @param onCandidate takes the endpoints' candidates, once their page has the answer */
  constructor(onCandidate: (generation: number, candidate: Candidate) => void) {
    this.#onCandidate = onCandidate;
  }

  /** The endpoint whose answer the page has. */
  get endpoint(): MediaEndpoint | undefined {
    return this.#ready?.endpoint;
  }

  /** The generation of the newest offer; -1 if there was none. */
  get generation(): number {
    return (this.#pending ?? this.#ready)?.generation ?? -1;
  }

  /**
   * Answers an offer by a new endpoint. What was there stays until that one is ready, or if it never is.
   * @returns undefined when another offer, or the slot's end, came first
   * @throws an error with code `bad-sdp`, `media-failed` or `media-unavailable`
   */
  async negotiate(
    session: Promise<MediaSession>,
    sdpOffer: string,
    generation: number,
  ): Promise<Answered | undefined> {
    const leg = new MediaLeg(generation, this.#takeEarly(generation), (candidate) => {
      if (this.#ready === leg) this.#onCandidate(generation, candidate);
    });
    this.#pending?.release();
    this.#pending = leg;
    try {
      const sdpAnswer = await leg.negotiate(await session, sdpOffer);
      if (this.#pending !== leg) return undefined;
      const former = this.#ready;
      this.#ready = leg;
      this.#pending = undefined;
      return { sdpAnswer, releaseFormer: () => former?.release() };
    } catch (error) {
      leg.release();
      if (this.#pending !== leg) return undefined;
      this.#pending = undefined;
      throw error;
    }
  }

  /** Takes a candidate of the page; one of an older generation is dropped, one of a newer waits for its offer. */
  addCandidate(generation: number, candidate: Candidate): void {
    const leg = this.#pending ?? this.#ready;
    if (leg?.generation === generation) leg.add(candidate);
    else if (generation > this.generation && this.#early.length < EARLY_CANDIDATES_MAX && !this.#isReleased) {
      this.#early.push({ generation, candidate });
    }
  }

  /** The page has its answer: the endpoint's candidates may follow. */
  forwardCandidates(): void {
    this.#ready?.forwardCandidates();
  }

  /** Gives back every endpoint; calling it again does nothing. */
  release(): void {
    this.#ready?.release();
    this.#pending?.release();
    this.abandon();
  }

  /** Lets go of every endpoint without giving it back: the end of their session does. */
  abandon(): void {
    this.#isReleased = true;
    this.#ready = undefined;
    this.#pending = undefined;
    this.#early = [];
  }

  #takeEarly(generation: number): Candidate[] {
    const taken = this.#early.filter((early) => early.generation === generation);
    this.#early = this.#early.filter((early) => early.generation > generation);
    return taken.map(({ candidate }) => candidate);
  }
}
