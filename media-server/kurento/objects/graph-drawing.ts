import type { MediaElement } from './media-element.ts';
import type { MediaPipeline } from './media-pipeline.ts';
import { oneOf, type Parameter } from './parameters.ts';

/** Levels of detail that Kurento knows; ours draws the same for all of them. */
export const DOT_DETAILS: Parameter<string> = oneOf('GstreamerDotDetails', [
  'SHOW_MEDIA_TYPE',
  'SHOW_CAPS_DETAILS',
  'SHOW_NON_DEFAULT_PARAMS',
  'SHOW_STATES',
  'SHOW_FULL_PARAMS',
  'SHOW_ALL',
  'SHOW_VERBOSE',
]);

/** A pipeline's elements and connections in Graphviz' language. */
export function describePipeline(pipeline: MediaPipeline): string {
  return digraph([...pipeline.elements]);
}

/** The same for one element with what it feeds. */
export function describeElement(element: MediaElement): string {
  return digraph([element]);
}

function digraph(elements: MediaElement[]): string {
  const nodes = elements.map(({ id, type, name }) => `  ${quote(id)} [label=${quote(`${type}\n${name}`)}];`);
  const edges = elements
    .flatMap((element) => element.pipeline.graph.sinksOf(element))
    .map(({ source, sink, type }) => `  ${quote(source.id)} -> ${quote(sink.id)} [label=${quote(type)}];`);
  return ['digraph pipeline {', '  rankdir=LR;', ...nodes, ...edges, '}', ''].join('\n');
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
