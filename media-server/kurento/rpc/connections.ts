/** A client's WebSocket connection, as far as sessions are concerned. */
export interface ClientConnection {
  /** The session that requests without `sessionId` belong to. */
  sessionId: string | undefined;
  send(text: string): void;
}

/** Which connection receives the events of a session: the one that used it last. */
export class Connections {
  readonly #bySession = new Map<string, ClientConnection>();

  /** Binds the session to this connection. A previous one that is still open loses it without notice. */
  bind(sessionId: string, connection: ClientConnection): void {
    const previous = this.#bySession.get(sessionId);
    if (previous && previous !== connection && previous.sessionId === sessionId)
      previous.sessionId = undefined;
    this.#bySession.set(sessionId, connection);
    connection.sessionId = sessionId;
  }

  /** Removes a closed connection; its sessions stay. */
  remove(connection: ClientConnection): void {
    for (const [sessionId, other] of this.#bySession)
      if (other === connection) this.#bySession.delete(sessionId);
  }

  isConnected(sessionId: string): boolean {
    return this.#bySession.has(sessionId);
  }

  /** Sends to the session's connection; without one the text is lost. */
  send(sessionId: string, text: string): void {
    this.#bySession.get(sessionId)?.send(text);
  }

  /** Unbinds a closed session, unless it is still the implicit session of its connection's requests. */
  unbind(sessionId: string): void {
    if (this.#bySession.get(sessionId)?.sessionId !== sessionId) this.#bySession.delete(sessionId);
  }
}
