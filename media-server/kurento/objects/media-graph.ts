/** What a connection carries (Kurento's `MediaType`). */
export const MEDIA_TYPES = ['AUDIO', 'VIDEO', 'DATA'] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];

/** An element as the graph sees it. */
export interface GraphNode {
  /** Whether it forwards what it receives instead of consuming it. */
  readonly passesThrough: boolean;
  /** Called with the element whose media of this type now reaches it; `null` for none. */
  setPublisher(type: MediaType, publisher: GraphNode | null): void;
}

/** The connection of one medium from one element to another. */
export interface Connection<Node> {
  readonly source: Node;
  readonly sink: Node;
  readonly type: MediaType;
  readonly sourceDescription: string;
  readonly sinkDescription: string;
}

/**
 * The connections of one pipeline. A sink has one source per medium; connecting another one replaces it. The publisher
 * that reaches a sink is found by following the sources through elements that only forward.
 */
export class MediaGraph<Node extends GraphNode> {
  readonly #incoming = new Map<Node, Map<MediaType, Connection<Node>>>();
  readonly #outgoing = new Map<Node, Set<Connection<Node>>>();

  /** Connects. Returns the connection that was replaced, if any; it may have been one of the same pair. */
  connect(connection: Connection<Node>): Connection<Node> | undefined {
    const { source, sink, type } = connection;
    const replaced = this.#incoming.get(sink)?.get(type);
    if (replaced) this.#outgoing.get(replaced.source)?.delete(replaced);
    const incoming = this.#incoming.get(sink) ?? new Map<MediaType, Connection<Node>>();
    this.#incoming.set(sink, incoming.set(type, connection));
    const outgoing = this.#outgoing.get(source) ?? new Set<Connection<Node>>();
    this.#outgoing.set(source, outgoing.add(connection));
    this.#updateDownstream(sink, type);
    return replaced;
  }

  /** Ends the connection of this pair and medium, if there is one. */
  disconnect(source: Node, sink: Node, type: MediaType): void {
    const connection = this.#incoming.get(sink)?.get(type);
    if (connection?.source === source) this.#cut(connection);
  }

  /** Removes an element; returns the connections that others had to it. */
  remove(node: Node): Connection<Node>[] {
    const incoming = this.sourcesOf(node).filter(({ source }) => source !== node);
    for (const connection of [...this.sourcesOf(node), ...this.sinksOf(node)]) this.#cut(connection);
    this.#incoming.delete(node);
    this.#outgoing.delete(node);
    return incoming;
  }

  /** The connections into an element. */
  sourcesOf(sink: Node): Connection<Node>[] {
    return [...(this.#incoming.get(sink)?.values() ?? [])];
  }

  /** The connections out of an element. */
  sinksOf(source: Node): Connection<Node>[] {
    return [...(this.#outgoing.get(source) ?? [])];
  }

  /** The element whose media finally reaches this sink; `null` when there is none, or in a circle. */
  publisherOf(sink: Node, type: MediaType): Node | null {
    const visited = new Set<Node>();
    let node = this.#incoming.get(sink)?.get(type)?.source;
    while (node?.passesThrough && !visited.has(node)) {
      visited.add(node);
      node = this.#incoming.get(node)?.get(type)?.source;
    }
    return node && !node.passesThrough ? node : null;
  }

  #cut(connection: Connection<Node>): void {
    this.#incoming.get(connection.sink)?.delete(connection.type);
    this.#outgoing.get(connection.source)?.delete(connection);
    this.#updateDownstream(connection.sink, connection.type);
  }

  #updateDownstream(start: Node, type: MediaType): void {
    const reached = new Set([start]);
    for (const sink of reached) {
      sink.setPublisher(type, this.publisherOf(sink, type));
      if (!sink.passesThrough) continue;
      for (const connection of this.sinksOf(sink)) if (connection.type === type) reached.add(connection.sink);
    }
  }
}
