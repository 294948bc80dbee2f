import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MEDIA_TYPES, MediaGraph, type Connection, type GraphNode, type MediaType } from './media-graph.ts';

class Node implements GraphNode {
  readonly name: string;
  readonly passesThrough: boolean;
  readonly fed = new Map<MediaType, string | null>();

  constructor(name: string, passesThrough = false) {
    this.name = name;
    this.passesThrough = passesThrough;
  }

  setPublisher(type: MediaType, publisher: GraphNode | null): void {
    this.fed.set(type, publisher instanceof Node ? publisher.name : null);
  }
}

function link(source: Node, sink: Node, type: MediaType = 'VIDEO'): Connection<Node> {
  return { source, sink, type, sourceDescription: 'default', sinkDescription: 'default' };
}

const endpoint = (name: string): Node => new Node(name);
const passThrough = (name: string): Node => new Node(name, true);

describe('MediaGraph', () => {
  it('feeds a sink its source, one medium at a time', () => {
    const graph = new MediaGraph<Node>();
    const [a, b] = [endpoint('a'), endpoint('b')];
    graph.connect(link(a, b, 'AUDIO'));
    expect(b.fed).toEqual(new Map([['AUDIO', 'a']]));
    graph.disconnect(a, b, 'VIDEO');
    graph.disconnect(b, b, 'AUDIO');
    expect(graph.sourcesOf(b)).toHaveLength(1);
    graph.disconnect(a, b, 'AUDIO');
    expect(b.fed.get('AUDIO')).toBeNull();
  });

  it('replaces the source of a sink and returns what it replaced', () => {
    const graph = new MediaGraph<Node>();
    const [a, b, sink] = [endpoint('a'), endpoint('b'), endpoint('sink')];
    const first = link(a, sink);
    expect(graph.connect(first)).toBeUndefined();
    expect(graph.connect(link(b, sink))).toBe(first);
    expect(sink.fed.get('VIDEO')).toBe('b');
    expect(graph.sinksOf(a)).toEqual([]);
  });

  it('finds the publisher behind elements that pass through, also when one is reconnected', () => {
    const graph = new MediaGraph<Node>();
    const [a, b, sink] = [endpoint('a'), endpoint('b'), endpoint('sink')];
    const [first, second] = [passThrough('first'), passThrough('second')];
    graph.connect(link(second, sink));
    graph.connect(link(first, second));
    expect(sink.fed.get('VIDEO')).toBeNull();
    graph.connect(link(a, first));
    expect(sink.fed.get('VIDEO')).toBe('a');
    graph.connect(link(b, first));
    expect(sink.fed.get('VIDEO')).toBe('b');
    graph.remove(first);
    expect(sink.fed.get('VIDEO')).toBeNull();
  });

  it('survives circles', () => {
    const graph = new MediaGraph<Node>();
    const [one, two, sink] = [passThrough('one'), passThrough('two'), endpoint('sink')];
    graph.connect(link(one, two));
    graph.connect(link(two, one));
    graph.connect(link(one, sink));
    graph.connect(link(one, one));
    expect(sink.fed.get('VIDEO')).toBeNull();
  });

  it('tells who was connected to an element that is removed', () => {
    const graph = new MediaGraph<Node>();
    const [a, b] = [endpoint('a'), endpoint('b')];
    const toB = link(a, b);
    graph.connect(toB);
    graph.connect(link(b, a));
    graph.connect(link(b, b, 'AUDIO'));
    expect(graph.remove(b)).toEqual([toB]);
    expect(a.fed.get('VIDEO')).toBeNull();
    expect([...graph.sourcesOf(a), ...graph.sinksOf(a)]).toEqual([]);
  });

  it('always feeds what walking up the connections finds', () => {
    const index = fc.nat(5);
    const step = fc.record({
      kind: fc.constantFrom('connect', 'disconnect', 'remove'),
      source: index,
      sink: index,
      type: fc.constantFrom(...MEDIA_TYPES),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const graph = new MediaGraph<Node>();
        const nodes = Array.from({ length: 6 }, (_, i) => new Node(`${i}`, i < 3));
        for (const { kind, source, sink, type } of steps) {
          const [from, to] = [nodes[source] as Node, nodes[sink] as Node];
          if (kind === 'connect') graph.connect(link(from, to, type));
          else if (kind === 'disconnect') graph.disconnect(from, to, type);
          else graph.remove(from);
        }
        for (const node of nodes) {
          for (const type of MEDIA_TYPES) {
            expect(node.fed.get(type) ?? null).toBe(walkUp(graph, node, type));
          }
        }
      }),
    );
  });
});

/** The naive way to a publisher: at most as many steps as there are nodes. */
function walkUp(graph: MediaGraph<Node>, sink: Node, type: MediaType): string | null {
  let node: Node | undefined = sink;
  for (let steps = 0; steps < 10; steps += 1) {
    node = graph.sourcesOf(node).find((connection) => connection.type === type)?.source;
    if (!node) return null;
    if (!node.passesThrough) return node.name;
  }
  return null;
}
