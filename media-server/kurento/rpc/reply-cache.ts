import type { Json } from './json.ts';
import { toText } from './coercion.ts';

/** Kurento's: how long a repeated request is answered from the cache. */
const REPLY_LIFETIME_MS = 20_000;
/** Of all replies together; beyond it the oldest are removed early. */
const MAX_CACHED_CHARACTERS = 32_000_000;

/** The reply to a request, and the session that the request belonged to. */
export interface Reply {
  readonly text: string;
  readonly sessionId: string | undefined;
}

/**
 * Keeps replies by session and request id, so that a client may repeat a request whose reply was lost. As in Kurento
 * neither method nor parameters matter: a client that resumes a session must not reuse ids.
 */
export class ReplyCache {
  readonly #replies = new Map<string, { reply: Reply; expiresAtMs: number }>();
  readonly #now: () => number;
  #characters = 0;

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
    const key = keyOf(sessionId, requestId);
    this.#remove(key);
    this.#replies.set(key, { reply, expiresAtMs: this.#now() + REPLY_LIFETIME_MS });
    this.#characters += reply.text.length;
    for (const oldest of this.#replies.keys()) {
      if (this.#characters <= MAX_CACHED_CHARACTERS) return;
      this.#remove(oldest);
    }
  }

  #remove(key: string): void {
    this.#characters -= this.#replies.get(key)?.reply.text.length ?? 0;
    this.#replies.delete(key);
  }

  #prune(): void {
    const now = this.#now();
    // All replies have the same lifetime and a Map keeps the order of insertion, so expired ones come first.
    for (const [key, { expiresAtMs }] of this.#replies) {
      if (expiresAtMs > now) return;
      this.#remove(key);
    }
  }
}

function keyOf(sessionId: string, requestId: Json): string {
  return `${sessionId.length}:${sessionId}${toText(requestId) ?? ''}`;
}
