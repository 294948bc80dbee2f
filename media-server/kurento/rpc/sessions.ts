import type { ObjectModel, RemoteObject } from './object-model.ts';

interface Session {
  readonly objects: Set<string>;
  /** Whether it was used, or had a connection, since the last collection. */
  inUse: boolean;
}

/**
 * Which session holds which object (Kurento's `MediaSet`). A session exists from the first object it touches;
 * an object lives as long as a session holds it. Holding an object holds its ancestors too.
 */
export class Sessions {
  readonly #model: ObjectModel;
  readonly #sessions = new Map<string, Session>();
  readonly #holders = new Map<string, Set<string>>();
  readonly #onClosed: (sessionId: string) => void;

  constructor(model: ObjectModel, onClosed: (sessionId: string) => void) {
    this.#model = model;
    this.#onClosed = onClosed;
  }

  get ids(): string[] {
    return [...this.#sessions.keys()];
  }

  has(sessionId: string): boolean {
    return this.#sessions.has(sessionId);
  }

  /** Saves the session from the next collection; creates nothing. */
  keepAlive(sessionId: string): void {
    const session = this.#sessions.get(sessionId);
    if (session) session.inUse = true;
  }

  /** Makes the session hold the object, and the session itself where it is new. */
  hold(sessionId: string, object: RemoteObject): void {
    const session = this.#sessions.get(sessionId) ?? { objects: new Set(), inUse: true };
    this.#sessions.set(sessionId, session);
    session.inUse = true;
    for (let held: RemoteObject | null = object; held; held = held.parent) {
      if (session.objects.has(held.id)) return;
      session.objects.add(held.id);
      const holders = this.#holders.get(held.id) ?? new Set();
      this.#holders.set(held.id, holders.add(sessionId));
    }
  }

  /** Lets go of the object and its children; those that nobody holds any more are released. */
  letGo(sessionId: string, object: RemoteObject): void {
    const session = this.#sessions.get(sessionId);
    if (!session) return;
    for (const child of [...object.children]) this.letGo(sessionId, child);
    if (!session.objects.delete(object.id)) return;
    const holders = this.#holders.get(object.id);
    holders?.delete(sessionId);
    if (holders?.size === 0) this.#model.release(object);
  }

  /**
   * Ends a session.
   * @param release destroy what it holds, even where other sessions hold it too
   */
  close(sessionId: string, release = false): void {
    const session = this.#sessions.get(sessionId);
    if (!session) return;
    // First, so that it is not told of the end of what it held.
    this.#onClosed(sessionId);
    for (const id of [...session.objects]) {
      const object = this.#model.find(id);
      if (!object) continue;
      if (release) this.#model.release(object);
      else this.letGo(sessionId, object);
    }
    this.#sessions.delete(sessionId);
  }

  /** Ends the sessions that were neither used nor connected since the last call; call it periodically. */
  collect(isConnected: (sessionId: string) => boolean): void {
    for (const [sessionId, session] of [...this.#sessions]) {
      if (session.inUse || isConnected(sessionId)) session.inUse = false;
      else this.close(sessionId);
    }
  }

  /** To be told when an object is gone. */
  forget(objectId: string): void {
    for (const sessionId of this.#holders.get(objectId) ?? []) {
      this.#sessions.get(sessionId)?.objects.delete(objectId);
    }
    this.#holders.delete(objectId);
  }
}
