import { nextTick, ref } from 'vue';
import type { Ref } from 'vue';
import { useDrag } from './drag.ts';
import { glide } from './glide.ts';
import { cornerTowards, nearestCorner } from './place.ts';
import type { Corner, Place } from './place.ts';
import { recall, remember } from './remembered.ts';

export interface CornerOptions {
  /** Under which name the corner is remembered. */
  readonly key: 'self-corner' | 'tile-corner';
  readonly initial: Corner;
  /** The box whose corners count, in viewport pixels. */
  readonly box: () => Place;
  readonly enabled: () => boolean;
}

export interface CornerState {
  readonly corner: Ref<Corner>;
  readonly dragging: Ref<boolean>;
  /** For `@keydown`: arrow keys do what dragging does. */
  readonly onKeydown: (event: KeyboardEvent) => void;
}

/** An element that lives in a corner of a box: dragged anywhere, it glides to the nearest one. */
export function useCorner(target: Ref<HTMLElement | null>, options: CornerOptions): CornerState {
  const corner = ref<Corner>(recall(options.key) ?? options.initial);

  const settle = async (next: Corner) => {
    const element = target.value;
    if (!element) return;
    const from = element.getBoundingClientRect();
    element.style.translate = '';
    corner.value = next;
    remember(options.key, next);
    await nextTick();
    glide(element, from);
  };

  const dragging = useDrag(target, {
    enabled: options.enabled,
    move: (dx, dy) => {
      if (target.value) target.value.style.translate = `${dx}px ${dy}px`;
    },
    end: () => {
      const element = target.value;
      if (!element) return;
      const { left, top, width, height } = element.getBoundingClientRect();
      void settle(nearestCorner(left + width / 2, top + height / 2, options.box()));
    },
  });

  return {
    corner,
    dragging,
    onKeydown: (event) => {
      const next = options.enabled() ? cornerTowards(corner.value, event.key) : undefined;
      if (!next) return;
      event.preventDefault();
      void settle(next);
    },
  };
}
