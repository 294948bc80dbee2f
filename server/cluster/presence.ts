import type { Person, ServerMessageInput } from '../../protocol/index.ts';

/** Which pages a connection serves: our widget, or one of Kurento's two tutorials. */
export type Dialect = 'widget' | 'one2one' | 'groupcall';

/** One registered connection of a user, as everything below the sockets knows it. */
export interface ConnectionRef {
  readonly id: string;
  readonly user: Person;
  readonly dialect: Dialect;
  /** The version of the protocol that its page speaks. */
  readonly protocol: number;
}

/** Who is connected, and how a message reaches them, wherever their socket is. */
export interface Presence {
  /**
   * Makes a connection of this process reachable.
   * @param deliver hands a message to the connection's socket
   */
  add(connection: ConnectionRef, deliver: (message: ServerMessageInput) => void): Promise<void>;
  /** Forgets a connection; one that is not known is no mistake. */
  remove(connectionId: string): Promise<void>;
  /** Every connection of a user, oldest first; empty when offline. */
  connectionsOf(name: string): Promise<readonly ConnectionRef[]>;
  /** Sends to one connection; messages to one that has gone are dropped. */
  send(connectionId: string, message: ServerMessageInput): void;
  /**
   * Sends to every connection of a user.
   * @param exceptId the one that knows already
   */
  sendToUser(name: string, message: ServerMessageInput, exceptId?: string): void;
}

interface Entry {
  readonly connection: ConnectionRef;
  readonly deliver: (message: ServerMessageInput) => void;
}

/** Presence of a single server process. */
export class LocalPresence implements Presence {
  readonly #entries = new Map<string, Entry>();
  readonly #byUser = new Map<string, Map<string, Entry>>();

  async add(connection: ConnectionRef, deliver: Entry['deliver']): Promise<void> {
    const entry = { connection, deliver };
    this.#entries.set(connection.id, entry);
    const { name } = connection.user;
    const ofUser = this.#byUser.get(name) ?? new Map<string, Entry>();
    this.#byUser.set(name, ofUser.set(connection.id, entry));
  }

  async remove(connectionId: string): Promise<void> {
    const entry = this.#entries.get(connectionId);
    if (!entry) return;
    this.#entries.delete(connectionId);
    const { name } = entry.connection.user;
    const ofUser = this.#byUser.get(name);
    ofUser?.delete(connectionId);
    if (ofUser?.size === 0) this.#byUser.delete(name);
  }

  async connectionsOf(name: string): Promise<readonly ConnectionRef[]> {
    return [...(this.#byUser.get(name)?.values() ?? [])].map((entry) => entry.connection);
  }

  send(connectionId: string, message: ServerMessageInput): void {
    this.#entries.get(connectionId)?.deliver(message);
  }

  sendToUser(name: string, message: ServerMessageInput, exceptId?: string): void {
    for (const { connection, deliver } of [...(this.#byUser.get(name)?.values() ?? [])]) {
      if (connection.id !== exceptId) deliver(message);
    }
  }
}
