import { RpcError } from '../rpc/rpc-error.ts';
import type { Json, JsonObject } from '../rpc/json.ts';
import { DOT_DETAILS, drawGraph } from './graph-drawing.ts';
import {
  MEDIA_TYPES,
  type Connection,
  type GraphNode,
  type MediaGraph,
  type MediaType,
} from './media-graph.ts';
import { complex, MEDIA_OBJECT_EVENTS, MEDIA_OBJECT_OPERATIONS, MediaObject } from './media-object.ts';
import { action, method, type Operations } from './operations.ts';
import { anyObject, oneOf, optional, reference, text } from './parameters.ts';
import { settingOperations, type Settings } from './settings.ts';

/** What an element needs from the pipeline that it belongs to. */
export interface ElementPipeline extends MediaObject {
  readonly graph: MediaGraph<MediaElement>;
  /** Whether statistics contain latencies. */
  readonly latencyStats: boolean;
}

/** An object of a pipeline that can be connected to others (Kurento's `MediaElement`). */
export abstract class MediaElement extends MediaObject implements GraphNode {
  readonly pipeline: ElementPipeline;
  readonly settings: Settings = new Map();
  abstract readonly passesThrough: boolean;

  constructor(pipeline: ElementPipeline, id: string) {
    super(pipeline.host, id, pipeline);
    this.pipeline = pipeline;
  }

  abstract setPublisher(type: MediaType, publisher: MediaElement | null): void;

  /** Whether media flows into the element from another one. */
  abstract isFlowingIn(type: MediaType): boolean;

  /** Whether media flows out of the element to others. */
  abstract isFlowingOut(type: MediaType): boolean;

  /** Statistics by id. */
  abstract stats(type: MediaType | undefined): JsonObject;

  /**
   * Connects to a sink; a connection of the same medium to that sink is replaced.
   * @throws RpcError 40004
   */
  connect(
    sink: MediaObject,
    types: readonly MediaType[],
    sourceDescription: string,
    sinkDescription: string,
  ): void {
    if (!(sink instanceof MediaElement)) {
      throw RpcError.kurento('CONNECT_ERROR', `Object '${sink.id}' is not a media element`);
    }
    if (sink.pipeline !== this.pipeline) {
      throw RpcError.kurento('CONNECT_ERROR', 'Media elements do not share pipeline');
    }
    for (const type of types) {
      const connection = { source: this, sink, type, sourceDescription, sinkDescription };
      const replaced = this.pipeline.graph.connect(connection);
      if (replaced) announce('ElementDisconnected', replaced);
      announce('ElementConnected', connection);
    }
  }

  /** Disconnects from a sink. As in Kurento the event is emitted even for media that were not connected. */
  disconnect(
    sink: MediaObject,
    types: readonly MediaType[],
    sourceDescription: string,
    sinkDescription: string,
  ): void {
    if (!(sink instanceof MediaElement)) return;
    for (const type of types) {
      this.pipeline.graph.disconnect(this, sink, type);
      announce('ElementDisconnected', { source: this, sink, type, sourceDescription, sinkDescription });
    }
  }

  override dispose(): void {
    for (const connection of this.pipeline.graph.remove(this)) announce('ElementDisconnected', connection);
    super.dispose();
  }
}

/** The event of a connection is emitted by its source only. */
function announce(
  event: 'ElementConnected' | 'ElementDisconnected',
  connection: Connection<MediaElement>,
): void {
  const { source, sink, type, sourceDescription, sinkDescription } = connection;
  source.emit(event, {
    mediaType: type,
    sink: sink.id,
    sinkMediaDescription: sinkDescription,
    sourceMediaDescription: sourceDescription,
  });
}

/** As Kurento lists connections: sorted by their media. */
function connectionData(connections: Connection<MediaElement>[], type: MediaType | undefined): Json {
  return connections
    .filter((connection) => type === undefined || connection.type === type)
    .sort((one, other) => (one.type < other.type ? -1 : Number(one.type > other.type)))
    .map((connection) =>
      complex('ElementConnectionData', {
        sink: connection.sink.id,
        sinkDescription: connection.sinkDescription,
        source: connection.source.id,
        sourceDescription: connection.sourceDescription,
        type: connection.type,
      }),
    );
}

export const MEDIA_ELEMENT_EVENTS = [
  ...MEDIA_OBJECT_EVENTS,
  'ElementConnected',
  'ElementDisconnected',
  'MediaFlowInStateChanged',
  'MediaFlowOutStateChanged',
  'MediaTranscodingStateChanged',
] as const;

const mediaType = oneOf('MediaType', MEDIA_TYPES);

const CONNECTION = {
  sink: reference<MediaObject>(),
  mediaType: optional(mediaType),
  sourceMediaDescription: optional(text),
  sinkMediaDescription: optional(text),
};
const CONNECTIONS = { mediaType: optional(mediaType), description: optional(text) };
const DEFAULT_DESCRIPTION = 'default';

export const MEDIA_ELEMENT_OPERATIONS: Operations<MediaElement> = {
  ...MEDIA_OBJECT_OPERATIONS,
  ...settingOperations({
    encoderBitrate: 300_000,
    minEncoderBitrate: 0,
    maxEncoderBitrate: 2 ** 31 - 1,
  }),
  connect: action(CONNECTION, (self: MediaElement, given) => {
    const {
      sourceMediaDescription: from = DEFAULT_DESCRIPTION,
      sinkMediaDescription: to = DEFAULT_DESCRIPTION,
    } = given;
    self.connect(given.sink, given.mediaType ? [given.mediaType] : MEDIA_TYPES, from, to);
  }),
  disconnect: action(CONNECTION, (self: MediaElement, given) => {
    const {
      sourceMediaDescription: from = DEFAULT_DESCRIPTION,
      sinkMediaDescription: to = DEFAULT_DESCRIPTION,
    } = given;
    self.disconnect(given.sink, given.mediaType ? [given.mediaType] : MEDIA_TYPES, from, to);
  }),
  getSourceConnections: method(CONNECTIONS, (self: MediaElement, given) =>
    connectionData(self.pipeline.graph.sourcesOf(self), given.mediaType),
  ),
  getSinkConnections: method(CONNECTIONS, (self: MediaElement, given) =>
    connectionData(self.pipeline.graph.sinksOf(self), given.mediaType),
  ),
  getStats: method({ mediaType: optional(mediaType) }, (self: MediaElement, given) =>
    self.stats(given.mediaType),
  ),
  isMediaFlowingIn: method({ mediaType, sinkMediaDescription: optional(text) }, (self: MediaElement, given) =>
    self.isFlowingIn(given.mediaType),
  ),
  isMediaFlowingOut: method(
    { mediaType, sourceMediaDescription: optional(text) },
    (self: MediaElement, given) => self.isFlowingOut(given.mediaType),
  ),
  // Media is forwarded unchanged: nothing is ever transcoded, and no format can be forced.
  isMediaTranscoding: method({ mediaType, binName: optional(text) }, () => false),
  setAudioFormat: method({ caps: anyObject }, () => null),
  setVideoFormat: method({ caps: anyObject }, () => null),
  getGstreamerDot: method({ details: optional(DOT_DETAILS) }, (self: MediaElement) =>
    drawGraph([self], self.pipeline.graph.sinksOf(self)),
  ),
  dumpGstreamerDot: method({ details: optional(DOT_DETAILS) }, () => null),
};
