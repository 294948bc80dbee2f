import { useEventListener } from '@vueuse/core';
import { onScopeDispose, ref } from 'vue';
import type { Ref } from 'vue';

/** A press that moves less than this is a tap. */
const TAP_TOLERANCE_PX = 4;

export interface DragOptions {
  /** Whether a drag may begin with this press. */
  readonly enabled: (event: PointerEvent) => boolean;
  readonly start?: () => void;
  /** The distance from where the press began, in CSS pixels. */
  readonly move: (dx: number, dy: number) => void;
  readonly end: () => void;
}

/**
 * Makes an element draggable by mouse, pen or finger. A tap stays a click; the click that
 * follows a drag is swallowed.
 *
 * @returns whether a drag is under way
 */
export function useDrag(target: Ref<HTMLElement | null>, options: DragOptions): Ref<boolean> {
  const dragging = ref(false);
  let moved = false;
  let press: AbortController | undefined;

  function follow(down: PointerEvent, signal: AbortSignal) {
    // Whose cursor to keep; after its dispatch the event no longer tells.
    const pressed = down.target as Element;
    const same = (event: PointerEvent) => event.pointerId === down.pointerId;
    const move = (event: PointerEvent) => {
      if (!same(event)) return;
      const dx = event.clientX - down.clientX;
      const dy = event.clientY - down.clientY;
      if (!dragging.value) {
        if (Math.hypot(dx, dy) < TAP_TOLERANCE_PX) return;
        moved = dragging.value = true;
        // Not before: a captured press would click this element instead of the button in it.
        pressed.setPointerCapture(down.pointerId);
        options.start?.();
      }
      options.move(dx, dy);
    };
    const finish = (event: PointerEvent) => {
      if (!same(event)) return;
      press?.abort();
      press = undefined;
      if (dragging.value) options.end();
      dragging.value = false;
    };
    // A quick pointer is outside the element with its first move.
    addEventListener('pointermove', move, { signal });
    addEventListener('pointerup', finish, { signal });
    addEventListener('pointercancel', finish, { signal });
  }

  useEventListener(target, 'pointerdown', (event: PointerEvent) => {
    moved = false;
    if (press || event.button !== 0 || !options.enabled(event)) return;
    press = new AbortController();
    follow(event, press.signal);
  });
  useEventListener(
    target,
    'click',
    (event: MouseEvent) => {
      if (moved) event.stopPropagation();
      moved = false;
    },
    { capture: true },
  );
  onScopeDispose(() => press?.abort());
  return dragging;
}
