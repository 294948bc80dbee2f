import type { Candidate } from '../../protocol/index.ts';
import { EndpointNegotiation, type Offer } from './endpoint-negotiation.ts';
import { codeOf, type MediaKind, type MediaPool, type MediaPipeline } from './media.ts';
import type { EndpointId, SessionMediaListener } from './session-state.ts';

/** How long a session waits for another media server when its own was lost. */
const MEDIA_RECOVERY_TIMEOUT_MS = 60_000;

/** The media of one call or room: one pipeline on a media server, and in it an endpoint for each media connection of a page. */
export class SessionMedia<Endpoint extends EndpointId> {
  readonly #pool: MediaPool;
  readonly #listener: SessionMediaListener<Endpoint>;
  readonly #endpoints = new Map<string, EndpointNegotiation<Endpoint>>();
  #pipeline: Promise<MediaPipeline> | undefined;

  constructor(pool: MediaPool, listener: SessionMediaListener<Endpoint>) {
    this.#pool = pool;
    this.#listener = listener;
  }

  /** Asks for a media server; `media-unavailable` tells if there is none. */
  open(): void {
    this.#use(this.#create());
  }

  /** Lets go of what was lost, and waits for a media server to go on with. */
  recover(): void {
    this.release();
    this.#use(this.#create(MEDIA_RECOVERY_TIMEOUT_MS), () =>
      this.#listener.onEvent({ type: 'media-recovered' }),
    );
  }

  /** Gives everything back, also what is still being made. */
  release(): void {
    // The end of the pipeline ends its endpoints.
    for (const negotiation of this.#endpoints.values()) negotiation.abandon();
    this.#endpoints.clear();
    const nothing = () => undefined;
    this.#pipeline
      ?.then((pipeline) => pipeline.release(), nothing)
      .catch((error: unknown) => this.#failed(error));
    this.#pipeline = undefined;
  }

  /** Answers an offer by a new endpoint, which replaces the former one of this id once it is ready. */
  negotiate(id: Endpoint, offer: Offer): void {
    this.#negotiationOf(id)?.offer(offer);
  }

  /** Takes a page's candidate for its offer of this generation. */
  addCandidate(id: Endpoint, generation: number, candidate: Candidate): void {
    this.#negotiationOf(id)?.addCandidate(generation, candidate);
  }

  /** The page has its answer: this endpoint's candidates may follow. */
  forwardCandidates(id: Endpoint): void {
    this.#endpoints.get(keyOf(id))?.forwardCandidates();
  }

  /** Gives back every endpoint of a connection, of a sender, or of both. */
  releaseEndpoints({ connectionId, sender }: Partial<EndpointId>): void {
    for (const [key, negotiation] of this.#endpoints) {
      const { id } = negotiation;
      if (connectionId !== undefined && id.connectionId !== connectionId) continue;
      if (sender !== undefined && id.sender !== sender) continue;
      negotiation.release();
      this.#endpoints.delete(key);
    }
  }

  /**
   * Lets media flow from one endpoint to another, if both are there. A media server lost meanwhile is told by `media-lost`.
   * @param kind only this; both if missing
   */
  connect(from: Endpoint, to: Endpoint, kind?: MediaKind): void {
    const [source, sink] = [this.#endpointOf(from), this.#endpointOf(to)];
    if (source && sink) source.connect(sink, kind).catch((error: unknown) => this.#failed(error));
  }

  /** Undoes `connect` for one kind of media. */
  disconnect(from: Endpoint, to: Endpoint, kind: MediaKind): void {
    const [source, sink] = [this.#endpointOf(from), this.#endpointOf(to)];
    if (source && sink) source.disconnect(sink, kind).catch((error: unknown) => this.#failed(error));
  }

  #use(pipeline: Promise<MediaPipeline>, onReady: () => void = () => undefined): void {
    const { onEvent } = this.#listener;
    this.#pipeline = pipeline;
    const ifUsed = (report: () => void) => {
      if (this.#pipeline === pipeline) report();
    };
    pipeline.then(
      (created) => {
        created.on('lost', () => ifUsed(() => onEvent({ type: 'media-lost' })));
        ifUsed(onReady);
      },
      (error: unknown) => ifUsed(() => onEvent({ type: 'media-unavailable' }, error)),
    );
  }

  async #create(patienceMs = 0): Promise<MediaPipeline> {
    if (patienceMs > 0) await this.#pool.whenReady(patienceMs);
    return this.#pool.createPipeline();
  }

  #failed(error: unknown): void {
    if (codeOf(error) !== 'media-unavailable') this.#listener.onError(error);
  }

  #endpointOf(id: Endpoint) {
    return this.#endpoints.get(keyOf(id))?.endpoint;
  }

  #negotiationOf(id: Endpoint): EndpointNegotiation<Endpoint> | undefined {
    const key = keyOf(id);
    const known = this.#endpoints.get(key);
    if (known || !this.#pipeline) return known;
    const negotiation = new EndpointNegotiation(id, this.#pipeline, {
      ...this.#listener,
      onError: (error) => this.#failed(error),
    });
    this.#endpoints.set(key, negotiation);
    return negotiation;
  }
}

function keyOf({ connectionId, sender }: EndpointId): string {
  return sender === undefined ? connectionId : `${connectionId} ${sender}`;
}
