import type { Candidate } from '../../protocol/index.ts';
import { CANDIDATES_MAX, WAITING_CANDIDATES_MAX_LENGTH } from './limits.ts';

interface Waiting {
  readonly key: string;
  readonly generation: number;
  readonly candidate: Candidate;
}

/**
 * The candidates of a page for one of its endpoints, as long as they have to wait: for their offer, for the
 * endpoint that answers it, or for earlier candidates.
 */
export class CandidateQueue {
  readonly #seen = new Set<string>();
  #waiting: Waiting[] = [];
  #length = 0;

  /** Takes a candidate, unless it is of no use, here already, or one too many. */
  push(generation: number, candidate: Candidate): void {
    const key = `${generation} ${candidate.sdpMid ?? candidate.sdpMLineIndex} ${candidate.candidate}`;
    const isSurplus =
      this.#seen.size >= CANDIDATES_MAX || this.#length + key.length > WAITING_CANDIDATES_MAX_LENGTH;
    if (isSurplus || this.#seen.has(key) || !isUsable(candidate)) return;
    this.#seen.add(key);
    this.#waiting.push({ key, generation, candidate });
    this.#length += key.length;
  }

  /** Takes the oldest candidate of a generation out of the queue. */
  shift(generation: number): Candidate | undefined {
    const at = this.#waiting.findIndex((waiting) => waiting.generation === generation);
    const [first] = at < 0 ? [] : this.#waiting.splice(at, 1);
    this.#length -= first?.key.length ?? 0;
    return first?.candidate;
  }

  /**
   * An offer has come: what waits for a replaced offer is dropped, and counting starts anew.
   * @param before the generation of the offer before this one
   */
  expect(generation: number, before: number): void {
    const kept = this.#waiting.filter((each) => each.generation >= generation && each.generation > before);
    this.clear();
    for (const each of kept) this.push(each.generation, each.candidate);
  }

  /** Drops everything. */
  clear(): void {
    this.#seen.clear();
    this.#waiting = [];
    this.#length = 0;
  }
}

/**
 * Whether a media server can do anything with a candidate. It never connects by TCP itself (the browser does, RFC
 * 6544), and cannot resolve the names by which browsers hide addresses; an empty one ends the list (RFC 8838).
 */
function isUsable({ candidate }: Candidate): boolean {
  // candidate:<foundation> <component> <transport> <priority> <address> …; RFC 8839, 5.1
  const [, , transport = '', , address = ''] = candidate.split(' ');
  return candidate !== '' && transport.toLowerCase() !== 'tcp' && !address.endsWith('.local');
}
