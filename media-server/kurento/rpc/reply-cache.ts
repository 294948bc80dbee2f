import type { Json } from './json.ts';
import { toText } from './coercion.ts';

/** How long Kurento answers a repeated request from its cache. */
const REPLY_LIFETIME_MS = 20_000;

/** What a request was answered, and the session it belonged to. */
export interface Reply {
  readonly text: string;
  readonly sessionId: string | undefined;
}

/**
 * Remembers replies by (session, request id), so that a client may repeat a request of which it lost the reply.
 * As in Kurento neither method nor parameters matter: a client that goes on with a session must not start its
 * ids anew.
 */
export class ReplyCache {
  readonly #replies = new Map<string, { reply: Reply; expiresAtMs: number }>();
  readonly #now: () => number;

  /** @param now clock in ms, monotonic */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get(sessionId: string, requestId: Json): Reply | undefined {
    this.#prune();
    return this.#replies.get(keyOf(sessionId, requestId))?.reply;
  }

  add(sessionId: string, requestId: Json, reply: Reply): void {
    this.#prune();
    this.#replies.set(keyOf(sessionId, requestId), { reply, expiresAtMs: this.#now() + REPLY_LIFETIME_MS });
  }

  #prune(): void {
    const now = this.#now();
    // All live equally long and a Map keeps the order of insertion, so the expired ones come first.
    for (const [key, { expiresAtMs }] of this.#replies) {
      if (expiresAtMs > now) return;
      this.#replies.delete(key);
    }
  }
}

function keyOf(sessionId: string, requestId: Json): string {
  return `${sessionId.length}:${sessionId}${toText(requestId) ?? ''}`;
}
