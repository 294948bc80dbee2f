import type { ObjectModel, RemoteObject } from './object-model.ts';

interface Session {
  readonly objects: Set<string>;
  /** Whether it was used, or had a connection, since the last garbage collection. */
  inUse: boolean;
}

/**
 * Which session references which object (Kurento's `MediaSet`). A session exists from its first reference to an
 * object on; an object lives as long as a session references it. A reference includes the object's ancestors.
 */
export class Sessions {
  readonly #model: ObjectModel;
  readonly #sessions = new Map<string, Session>();
  readonly #sessionsByObject = new Map<string, Set<string>>();
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

  /** Protects an existing session from the next garbage collection. */
  keepAlive(sessionId: string): void {
    const session = this.#sessions.get(sessionId);
    if (session) session.inUse = true;
  }

  /** Adds a reference to the object; creates the session when it is new. */
  ref(sessionId: string, object: RemoteObject): void {
    const session = this.#sessions.get(sessionId) ?? { objects: new Set(), inUse: true };
    this.#sessions.set(sessionId, session);
    session.inUse = true;
    for (let target: RemoteObject | null = object; target; target = target.parent) {
      if (session.objects.has(target.id)) return;
      session.objects.add(target.id);
      const sessionIds = this.#sessionsByObject.get(target.id) ?? new Set();
      this.#sessionsByObject.set(target.id, sessionIds.add(sessionId));
    }
  }

  /** Removes the references to the object and its children; those without any reference left are released. */
  unref(sessionId: string, object: RemoteObject): void {
    const session = this.#sessions.get(sessionId);
    if (!session) return;
    for (const child of [...object.children]) this.unref(sessionId, child);
    if (!session.objects.delete(object.id)) return;
    const sessionIds = this.#sessionsByObject.get(object.id);
    sessionIds?.delete(sessionId);
    if (sessionIds?.size === 0) this.#model.release(object);
  }

  /**
   * Ends a session.
   * @param release destroys what it references, even when other sessions reference it too
   */
  close(sessionId: string, release = false): void {
    const session = this.#sessions.get(sessionId);
    if (!session) return;
    // First, so that it does not receive the events of its own objects' destruction.
    this.#onClosed(sessionId);
    for (const id of [...session.objects]) {
      const object = this.#model.find(id);
      if (!object) continue;
      if (release) this.#model.release(object);
      else this.unref(sessionId, object);
    }
    this.#sessions.delete(sessionId);
  }

  /** Garbage collection: ends the sessions that were neither used nor connected since the last call. */
  collect(isConnected: (sessionId: string) => boolean): void {
    for (const [sessionId, session] of [...this.#sessions]) {
      if (session.inUse || isConnected(sessionId)) session.inUse = false;
      else this.close(sessionId);
    }
  }

  /** Removes all references to a destroyed object. */
  removeObject(objectId: string): void {
    for (const sessionId of this.#sessionsByObject.get(objectId) ?? []) {
      this.#sessions.get(sessionId)?.objects.delete(objectId);
    }
    this.#sessionsByObject.delete(objectId);
  }
}
