import type { Candidate } from '../../protocol/index.ts';
import type { MediaEndpoint, MediaSession } from '../sessions/media.ts';

/** Candidates kept for an endpoint that is not ready; a browser gathers a few dozen. */
export const EARLY_CANDIDATES_MAX = 64;

/**
 * One device's endpoint from its offer to its release. Candidates wait in both directions: the device's until
 * the endpoint has processed the offer, the endpoint's until the device has the answer.
 */
export class MediaLeg {
  readonly generation: number;
  readonly #forward: (candidate: Candidate) => void;
  #endpoint: MediaEndpoint | undefined;
  #incoming: Candidate[] | undefined;
  #outgoing: Candidate[] | undefined = [];
  #isReleased = false;

  /**
   * @param early the device's candidates that came before its offer
   * @param forward takes the endpoint's candidates for the device
   */
  constructor(generation: number, early: readonly Candidate[], forward: (candidate: Candidate) => void) {
    this.generation = generation;
    this.#incoming = [...early];
    this.#forward = forward;
  }

  /** The endpoint, while there is one. */
  get endpoint(): MediaEndpoint | undefined {
    return this.#isReleased ? undefined : this.#endpoint;
  }

  /**
   * Makes the endpoint and answers the offer.
   * @throws an error with code `bad-sdp`, `media-failed` or `media-unavailable`
   */
  async negotiate(session: MediaSession, sdpOffer: string): Promise<string> {
    const endpoint = await session.createEndpoint();
    this.#endpoint = endpoint;
    if (this.#isReleased) await endpoint.release();
    endpoint.on('candidate', (candidate) => this.#found(candidate));
    const sdpAnswer = await endpoint.negotiate(sdpOffer);
    const incoming = this.#incoming ?? [];
    this.#incoming = undefined;
    for (const candidate of incoming) this.add(candidate);
    return sdpAnswer;
  }

  /** Takes a candidate of the device; one that the media server refuses costs nothing but itself. */
  add(candidate: Candidate): void {
    if (!this.#incoming) Promise.resolve(this.endpoint?.addCandidate(candidate)).catch(() => undefined);
    else if (this.#incoming.length < EARLY_CANDIDATES_MAX) this.#incoming.push(candidate);
  }

  /** The device has its answer: it may have the endpoint's candidates now. */
  forwardCandidates(): void {
    const outgoing = this.#outgoing ?? [];
    this.#outgoing = undefined;
    for (const candidate of outgoing) this.#forward(candidate);
  }

  /** Gives the endpoint back; calling it again does nothing. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    Promise.resolve(this.#endpoint?.release()).catch(() => undefined);
  }

  #found(candidate: Candidate): void {
    if (this.#isReleased) return;
    if (this.#outgoing) this.#outgoing.push(candidate);
    else this.#forward(candidate);
  }
}
