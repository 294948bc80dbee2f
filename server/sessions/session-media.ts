import type { Candidate } from '../../protocol/index.ts';
import { EndpointNegotiation, type FoundCandidate, type Offer } from './endpoint-negotiation.ts';
import type { MediaKind, MediaPool, MediaPipeline } from './media.ts';
import type { Tagged } from './session-state.ts';

/** How long a session waits for another media server when its own was lost. */
export const MEDIA_RECOVERY_TIMEOUT_MS = 60_000;

/** Which endpoint of a session. */
export interface EndpointId {
  /** The connection whose page it serves. */
  readonly connectionId: string;
  /** Whose media it carries, where a connection has several. */
  readonly sender?: string;
}

/** Why an offer was not answered. */
export type NegotiationFailure = 'bad-sdp' | 'media-failed';

/** What comes of a session's media. */
export type MediaEvent<Endpoint extends EndpointId> = Tagged<{
  negotiated: { endpoint: Endpoint; attempt: number; sdpAnswer: string };
  'not-negotiated': { endpoint: Endpoint; attempt: number; code: NegotiationFailure };
  /** No media server could be had. */
  'media-unavailable': object;
  'media-lost': object;
  /** There is a media server again, after `recover`. */
  'media-recovered': object;
}>;

export interface SessionMediaOptions<Endpoint extends EndpointId> {
  readonly pool: MediaPool;
  /** @param cause what went wrong, if something did */
  readonly onEvent: (event: MediaEvent<Endpoint>, cause?: unknown) => void;
  /** Something failed that nobody waits for, and not because the media server was lost. */
  readonly onError: (error: unknown) => void;
  /** An endpoint's candidate, after `forwardCandidates`. */
  readonly onCandidate: (endpoint: Endpoint, found: FoundCandidate) => void;
}

/** The media of one call or room: one pipeline on a media server, and in it an endpoint for each media connection of a page. */
export class SessionMedia<Endpoint extends EndpointId> {
  readonly #options: SessionMediaOptions<Endpoint>;
  readonly #endpoints = new Map<
    string,
    { readonly id: Endpoint; readonly negotiation: EndpointNegotiation }
  >();
  #pipeline: Promise<MediaPipeline> | undefined;

  constructor(options: SessionMediaOptions<Endpoint>) {
    this.#options = options;
  }

  /** Asks for a media server; `media-unavailable` tells if there is none. */
  open(): void {
    this.#use(this.#create());
  }

  /** Lets go of what was lost, and waits for a media server to go on with. */
  recover(): void {
    this.release();
    this.#use(this.#create(MEDIA_RECOVERY_TIMEOUT_MS), () =>
      this.#options.onEvent({ type: 'media-recovered' }),
    );
  }

  /** Gives everything back, also what is still being made. */
  release(): void {
    // The end of the pipeline ends its endpoints.
    for (const { negotiation } of this.#endpoints.values()) negotiation.abandon();
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
    this.#endpoints.get(keyOf(id))?.negotiation.forwardCandidates();
  }

  /** Gives back every endpoint of a connection, of a sender, or of both. */
  releaseEndpoints({ connectionId, sender }: Partial<EndpointId>): void {
    for (const [key, { id, negotiation }] of this.#endpoints) {
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
    const { onEvent } = this.#options;
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
    const { pool } = this.#options;
    if (patienceMs > 0) await pool.whenReady(patienceMs);
    return pool.createPipeline();
  }

  #failed(error: unknown): void {
    if (codeOf(error) !== 'media-unavailable') this.#options.onError(error);
  }

  #endpointOf(id: Endpoint) {
    return this.#endpoints.get(keyOf(id))?.negotiation.endpoint;
  }

  #negotiationOf(id: Endpoint): EndpointNegotiation | undefined {
    const key = keyOf(id);
    const known = this.#endpoints.get(key)?.negotiation;
    if (known || !this.#pipeline) return known;
    const { onEvent, onCandidate } = this.#options;
    const negotiation = new EndpointNegotiation(this.#pipeline, {
      answered: (attempt, sdpAnswer) => onEvent({ type: 'negotiated', endpoint: id, attempt, sdpAnswer }),
      notAnswered: (attempt, error) => {
        // A pipeline that could not be had, or was lost, is told by `media-unavailable` or `media-lost`.
        if (codeOf(error) === 'media-unavailable') return;
        const code = codeOf(error) === 'bad-sdp' ? 'bad-sdp' : 'media-failed';
        onEvent({ type: 'not-negotiated', endpoint: id, attempt, code }, error);
      },
      failed: (error) => this.#failed(error),
      candidate: (found) => onCandidate(id, found),
    });
    this.#endpoints.set(key, { id, negotiation });
    return negotiation;
  }
}

function keyOf({ connectionId, sender }: EndpointId): string {
  return sender === undefined ? connectionId : `${connectionId} ${sender}`;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
