/** A client's connection, as far as sessions are concerned. */
export interface Peer {
  /** The session that requests without `sessionId` belong to. */
  sessionId: string | undefined;
  send(text: string): void;
}

/** Which connection the events of a session go to: the one that used it last. */
export class Connections {
  readonly #peers = new Map<string, Peer>();

  /** Moves the session to this connection; a former one that is still open loses it without being told. */
  bind(sessionId: string, peer: Peer): void {
    const former = this.#peers.get(sessionId);
    if (former && former !== peer && former.sessionId === sessionId) former.sessionId = undefined;
    this.#peers.set(sessionId, peer);
    peer.sessionId = sessionId;
  }

  /** To be told when a connection is closed; its sessions live on. */
  drop(peer: Peer): void {
    for (const [sessionId, other] of this.#peers) if (other === peer) this.#peers.delete(sessionId);
  }

  isConnected(sessionId: string): boolean {
    return this.#peers.has(sessionId);
  }

  /** Sends to the session's connection; what is sent to a session without one is lost. */
  send(sessionId: string, text: string): void {
    this.#peers.get(sessionId)?.send(text);
  }

  /** Cuts the tie of an ended session, unless requests of its connection still name it implicitly. */
  forget(sessionId: string): void {
    if (this.#peers.get(sessionId)?.sessionId !== sessionId) this.#peers.delete(sessionId);
  }
}
