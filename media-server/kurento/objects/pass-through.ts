import { MEDIA_ELEMENT_EVENTS, MEDIA_ELEMENT_OPERATIONS, MediaElement } from './media-element.ts';
import type { MediaType } from './media-graph.ts';
import { complex, type TypeDescription } from './media-object.ts';
import type { JsonObject } from '../rpc/json.ts';

/** An element that hands on what it is fed: a fixed point to which others connect while its source changes. */
export class PassThrough extends MediaElement {
  override readonly passesThrough = true;

  override get description(): TypeDescription {
    return PASS_THROUGH;
  }

  override feed(): void {
    // The graph leads what comes in past it to its sinks.
  }

  override stats(): JsonObject {
    const fields = { id: this.id, inputLatency: [], timestampMillis: Date.now(), type: 'element' };
    return { [this.id]: complex('ElementStats', fields) };
  }

  override isFlowingIn(type: MediaType): boolean {
    return this.pipeline.graph.publisherOf(this, type)?.isFlowingOut(type) ?? false;
  }

  override isFlowingOut(type: MediaType): boolean {
    return this.isFlowingIn(type);
  }
}

export const PASS_THROUGH: TypeDescription = {
  type: 'PassThrough',
  hierarchy: ['kurento.MediaElement', 'kurento.MediaObject'],
  events: MEDIA_ELEMENT_EVENTS,
  operations: MEDIA_ELEMENT_OPERATIONS,
};
