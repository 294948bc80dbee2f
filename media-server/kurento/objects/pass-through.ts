import { MEDIA_ELEMENT_EVENTS, MEDIA_ELEMENT_OPERATIONS, MediaElement } from './media-element.ts';
import type { MediaType } from './media-graph.ts';
import { complex, type TypeDescription } from './media-object.ts';
import type { JsonObject } from '../rpc/json.ts';

/** Kurento's `PassThrough` forwards what it receives: a fixed point for sinks while its source changes. */
export class PassThrough extends MediaElement {
  override readonly passesThrough = true;

  override get description(): TypeDescription {
    return PASS_THROUGH;
  }

  override setPublisher(): void {
    // Nothing to do: the graph connects its sinks to its source directly.
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
