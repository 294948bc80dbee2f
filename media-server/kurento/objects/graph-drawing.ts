import type { MediaType } from './media-graph.ts';
import { oneOf, type Parameter } from './parameters.ts';

/** Kurento's `GstreamerDotDetails`; the drawing is the same for all of them. */
export const DOT_DETAILS: Parameter<string> = oneOf('GstreamerDotDetails', [
  'SHOW_MEDIA_TYPE',
  'SHOW_CAPS_DETAILS',
  'SHOW_NON_DEFAULT_PARAMS',
  'SHOW_STATES',
  'SHOW_FULL_PARAMS',
  'SHOW_ALL',
  'SHOW_VERBOSE',
]);

/** What is drawn of an element. */
interface DrawnElement {
  readonly id: string;
  readonly type: string;
  readonly name: string;
}

/** What is drawn of a connection. */
interface DrawnConnection {
  readonly source: { readonly id: string };
  readonly sink: { readonly id: string };
  readonly type: MediaType;
}

/** Elements and connections as a directed graph in Graphviz' language. */
export function drawGraph(
  elements: readonly DrawnElement[],
  connections: readonly DrawnConnection[],
): string {
  const nodes = elements.map(({ id, type, name }) => `  ${quote(id)} [label=${quote(`${type}\n${name}`)}];`);
  const edges = connections.map(
    ({ source, sink, type }) => `  ${quote(source.id)} -> ${quote(sink.id)} [label=${quote(type)}];`,
  );
  return ['digraph pipeline {', '  rankdir=LR;', ...nodes, ...edges, '}', ''].join('\n');
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
