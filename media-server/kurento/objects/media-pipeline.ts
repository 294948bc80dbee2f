import { DOT_DETAILS, drawGraph } from './graph-drawing.ts';
import { MediaElement, type ElementPipeline } from './media-element.ts';
import { MediaGraph } from './media-graph.ts';
import {
  MEDIA_OBJECT_EVENTS,
  MEDIA_OBJECT_OPERATIONS,
  MediaObject,
  type TypeDescription,
} from './media-object.ts';
import { getter, method, setter, type Operations } from './operations.ts';
import { boolean, optional } from './parameters.ts';

/** The scope in which elements can be connected (Kurento's `MediaPipeline`). */
export class MediaPipeline extends MediaObject implements ElementPipeline {
  readonly graph = new MediaGraph<MediaElement>();
  /** As it was set. Latencies are not measured, because media is forwarded at once. */
  latencyStats = false;

  override get description(): TypeDescription {
    return MEDIA_PIPELINE;
  }

  override get pipelineId(): string {
    return this.id;
  }

  get elements(): MediaElement[] {
    return [...this.children].filter((child) => child instanceof MediaElement);
  }
}

const OPERATIONS: Operations<MediaPipeline> = {
  ...MEDIA_OBJECT_OPERATIONS,
  getLatencyStats: getter((self: MediaPipeline) => self.latencyStats),
  setLatencyStats: setter({ latencyStats: boolean }, (self: MediaPipeline, { latencyStats }) => {
    self.latencyStats = latencyStats;
  }),
  getGstreamerDot: method({ details: optional(DOT_DETAILS) }, (self: MediaPipeline) =>
    drawGraph(
      self.elements,
      self.elements.flatMap((element) => self.graph.sinksOf(element)),
    ),
  ),
  dumpGstreamerDot: method({ details: optional(DOT_DETAILS) }, () => null),
};

export const MEDIA_PIPELINE: TypeDescription = {
  type: 'MediaPipeline',
  hierarchy: ['kurento.MediaObject'],
  events: MEDIA_OBJECT_EVENTS,
  operations: OPERATIONS,
};
