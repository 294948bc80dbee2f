/** What a connection carries. */
export const MEDIA_TYPES = ['AUDIO', 'VIDEO', 'DATA'] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];

/** An element as the graph sees it. */
export interface GraphNode {
  /** Whether it hands on what it is fed, instead of consuming it. */
  readonly passesThrough: boolean;
  /** Told whose media of this type now reach it; `null` for nobody's. */
  feed(type: MediaType, publisher: GraphNode | null): void;
}

/** One medium led from an element to another. */
export interface Connection<Node> {
  readonly source: Node;
  readonly sink: Node;
  readonly type: MediaType;
  readonly sourceDescription: string;
  readonly sinkDescription: string;
}

/**
 * The connections of one pipeline. A sink is fed one source per medium; connecting another replaces it. What
 * reaches a sink through elements that pass media through is found by walking up to an element that publishes.
 */
export class MediaGraph<Node extends GraphNode> {
  readonly #incoming = new Map<Node, Map<MediaType, Connection<Node>>>();
  readonly #outgoing = new Map<Node, Set<Connection<Node>>>();

  /** Connects; returns the connection that had to make way, if any (it may be an earlier one of the same pair). */
  connect(connection: Connection<Node>): Connection<Node> | undefined {
    const { source, sink, type } = connection;
    const replaced = this.#incoming.get(sink)?.get(type);
    if (replaced) this.#outgoing.get(replaced.source)?.delete(replaced);
    const incoming = this.#incoming.get(sink) ?? new Map<MediaType, Connection<Node>>();
    this.#incoming.set(sink, incoming.set(type, connection));
    const outgoing = this.#outgoing.get(source) ?? new Set<Connection<Node>>();
    this.#outgoing.set(source, outgoing.add(connection));
    this.#feedDownstream(sink, type);
    return replaced;
  }

  /** Ends the connection of this pair and medium, if there is one. */
  disconnect(source: Node, sink: Node, type: MediaType): void {
    const connection = this.#incoming.get(sink)?.get(type);
    if (connection?.source === source) this.#cut(connection);
  }

  /** Takes an element out; returns the connections that others had to it. */
  remove(node: Node): Connection<Node>[] {
    const incoming = this.sourcesOf(node).filter(({ source }) => source !== node);
    for (const connection of [...this.sourcesOf(node), ...this.sinksOf(node)]) this.#cut(connection);
    this.#incoming.delete(node);
    this.#outgoing.delete(node);
    return incoming;
  }

  /** What feeds an element. */
  sourcesOf(sink: Node): Connection<Node>[] {
    return [...(this.#incoming.get(sink)?.values() ?? [])];
  }

  /** What an element feeds. */
  sinksOf(source: Node): Connection<Node>[] {
    return [...(this.#outgoing.get(source) ?? [])];
  }

  /** The element whose media reach this sink in the end; `null` at a loose end or in a circle. */
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
    this.#feedDownstream(connection.sink, connection.type);
  }

  #feedDownstream(start: Node, type: MediaType): void {
    const reached = new Set([start]);
    for (const sink of reached) {
      sink.feed(type, this.publisherOf(sink, type));
      if (!sink.passesThrough) continue;
      for (const connection of this.sinksOf(sink)) if (connection.type === type) reached.add(connection.sink);
    }
  }
}
