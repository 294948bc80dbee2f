import type { IceCandidate } from './endpoint-types.ts';

/** An accepted m-line, for which candidates are announced. */
interface CandidateTarget {
  readonly mid: string;
  readonly index: number;
}

/** Who receives the candidates. */
interface LocalCandidatesHandler {
  onCandidate(candidate: IceCandidate): void;
  onGatheringDone(): void;
}

/**
 * Holds the server's own ICE candidates back until the client has asked for them and the negotiation is complete.
 * After an own offer that means: until the answer was applied, because a connectivity check that arrives before
 * makes DTLS fail.
 */
export class LocalCandidates {
  readonly #handler: LocalCandidatesHandler;
  readonly #seen = new Set<string>();
  #waiting: string[] = [];
  #targets: readonly CandidateTarget[] | null = null;
  #requested = false;
  #gathered = false;
  #doneAnnounced = false;

  constructor(handler: LocalCandidatesHandler) {
    this.#handler = handler;
  }

  /** Adds a gathered candidate, `candidate:…`. With an announced address those of several interfaces are equal. */
  add(candidate: string): void {
    const address = addressOf(candidate);
    if (this.#seen.has(address)) return;
    this.#seen.add(address);
    this.#waiting.push(candidate);
    this.#release();
  }

  /** There will be no more candidates. */
  finish(): void {
    this.#gathered = true;
    this.#release();
  }

  /** The client asks for the candidates. */
  request(): void {
    this.#requested = true;
    this.#release();
  }

  /** The negotiation is complete: candidates are announced once for each of these m-lines. */
  announceTo(targets: readonly CandidateTarget[]): void {
    this.#targets = targets;
    this.#release();
  }

  #release(): void {
    if (!this.#requested || !this.#targets) return;
    for (const candidate of this.#waiting.splice(0))
      for (const { mid, index } of this.#targets)
        this.#handler.onCandidate({ candidate, sdpMid: mid, sdpMLineIndex: index });
    if (!this.#gathered || this.#doneAnnounced) return;
    this.#doneAnnounced = true;
    this.#handler.onGatheringDone();
  }
}

/** Transport, address, port and type, without foundation and priority. */
function addressOf(candidate: string): string {
  const parts = candidate.split(' ');
  return [parts[2], ...parts.slice(4)].join(' ');
}
