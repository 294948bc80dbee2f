import type { Candidate } from '../../protocol/index.ts';
import { CandidateQueue } from './candidate-queue.ts';
import { codeOf, type MediaEndpoint, type MediaPipeline } from './media.ts';
import type { EndpointId, SessionMediaListener } from './session-state.ts';

/** A page's offer to be answered. */
export interface Offer {
  /** Tells the negotiations of a session apart, whosever they are. */
  readonly attempt: number;
  readonly generation: number;
  readonly sdpOffer: string;
}

/** A candidate of the media server, for the offer of this generation. */
export interface FoundCandidate {
  readonly candidate: Candidate;
  readonly generation: number;
}

/** An endpoint that was made for an offer. */
interface Made {
  readonly offer: Offer;
  readonly endpoint: MediaEndpoint;
  /** Its candidates, until the page has the answer. */
  outgoing: Candidate[] | undefined;
}

/**
 * The negotiations of one media connection of a page. Kurento endpoints cannot be negotiated twice, so each offer
 * makes a new one; what was there stays until that one is ready, or if it never is. One offer is negotiated at a
 * time and the newest waits: those between are dropped before anything is made for them.
 */
export class EndpointNegotiation<Endpoint extends EndpointId> {
  readonly id: Endpoint;
  readonly #pipeline: Promise<MediaPipeline>;
  readonly #listener: SessionMediaListener<Endpoint>;
  readonly #incoming = new CandidateQueue();
  #current: Made | undefined;
  #running: Offer | undefined;
  #next: Offer | undefined;
  #isReleased = false;

  constructor(id: Endpoint, pipeline: Promise<MediaPipeline>, listener: SessionMediaListener<Endpoint>) {
    this.id = id;
    this.#pipeline = pipeline;
    this.#listener = listener;
  }

  /** The endpoint whose answer was reported last. */
  get endpoint(): MediaEndpoint | undefined {
    return this.#current?.endpoint;
  }

  /** Answers an offer, unless a newer one or the end comes first. */
  offer(offer: Offer): void {
    this.#incoming.expect(offer.generation, this.#newest?.generation ?? -1);
    this.#next = offer;
    if (!this.#running) void this.#answerAll();
  }

  /** Takes a candidate of the page; one of an older generation is dropped, one of a newer waits for its offer. */
  addCandidate(generation: number, candidate: Candidate): void {
    if (this.#isReleased || generation < (this.#newest?.generation ?? -1)) return;
    this.#incoming.push(generation, candidate);
    this.#handOver();
  }

  /** The page has its answer: the endpoint's candidates may follow. */
  forwardCandidates(): void {
    const made = this.#current;
    if (!made?.outgoing) return;
    const { outgoing } = made;
    made.outgoing = undefined;
    for (const candidate of outgoing) this.#found(made, candidate);
  }

  /** Gives back every endpoint; calling it again does nothing. */
  release(): void {
    const { endpoint } = this;
    this.abandon();
    void this.#giveBack(endpoint);
  }

  /** Lets go of every endpoint without giving it back: the end of their pipeline does. */
  abandon(): void {
    this.#isReleased = true;
    this.#current = undefined;
    this.#next = undefined;
    this.#incoming.clear();
  }

  /** The offer that counts: what answers another one is of no use to the page. */
  get #newest(): Offer | undefined {
    return this.#next ?? this.#running ?? this.#current?.offer;
  }

  /** Whether what is made for the running offer would be given back at once. */
  get #isObsolete(): boolean {
    return this.#isReleased || this.#next !== undefined;
  }

  async #answerAll(): Promise<void> {
    for (let offer = this.#next; offer; offer = this.#next) {
      this.#next = undefined;
      this.#running = offer;
      await this.#answer(offer);
      this.#running = undefined;
    }
  }

  async #answer(offer: Offer): Promise<void> {
    let endpoint: MediaEndpoint | undefined;
    try {
      const pipeline = await this.#pipeline;
      if (this.#isObsolete) return;
      endpoint = await pipeline.createEndpoint();
      const made: Made = { offer, endpoint, outgoing: [] };
      endpoint.on('candidate', (candidate) => this.#found(made, candidate));
      const sdpAnswer = this.#isObsolete ? '' : await endpoint.negotiate(offer.sdpOffer);
      if (this.#isObsolete) return void this.#giveBack(endpoint);
      this.#replace(made, sdpAnswer);
    } catch (error) {
      void this.#giveBack(endpoint);
      if (!this.#isObsolete) this.#notNegotiated(offer, error);
    }
  }

  /** The former endpoint is given back last: whatever hangs on it has moved to the new one by then. */
  #replace(made: Made, sdpAnswer: string): void {
    const former = this.#current?.endpoint;
    this.#current = made;
    const { attempt } = made.offer;
    this.#listener.onEvent({ type: 'negotiated', endpoint: this.id, attempt, sdpAnswer });
    void this.#giveBack(former);
    this.#handOver();
  }

  /** A pipeline that could not be had, or was lost, is told by `media-unavailable` or `media-lost`. */
  #notNegotiated({ attempt }: Offer, error: unknown): void {
    if (codeOf(error) === 'media-unavailable') return;
    const code = codeOf(error) === 'bad-sdp' ? 'bad-sdp' : 'media-failed';
    this.#listener.onEvent({ type: 'not-negotiated', endpoint: this.id, attempt, code }, error);
  }

  /** Passes waiting candidates on to the endpoint, as long as it is the one that they are for. */
  #handOver(): void {
    const made = this.#current;
    if (!made || this.#newest !== made.offer) return;
    const next = () => this.#incoming.shift(made.offer.generation);
    for (let candidate = next(); candidate; candidate = next()) void this.#add(made.endpoint, candidate);
  }

  /** A candidate that the media server refuses costs nothing but itself. */
  async #add(endpoint: MediaEndpoint, candidate: Candidate): Promise<void> {
    try {
      await endpoint.addCandidate(candidate);
    } catch (error) {
      this.#listener.onError(error);
    }
  }

  /** What comes of it is of no account: the pipeline ends its endpoints at the latest. */
  async #giveBack(endpoint: MediaEndpoint | undefined): Promise<void> {
    try {
      await endpoint?.release();
    } catch (error) {
      this.#listener.onError(error);
    }
  }

  #found(made: Made, candidate: Candidate): void {
    if (made.outgoing) made.outgoing.push(candidate);
    else if (made === this.#current)
      this.#listener.onCandidate(this.id, { candidate, generation: made.offer.generation });
  }
}
