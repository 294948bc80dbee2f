/** Lets a window be dragged by its title, and keeps it reachable. */
import { useEventListener } from '@vueuse/core';
import { computed, reactive, type Ref } from 'vue';

/** What stays inside the page of a window that is dragged out of it, in pixels. */
const REACHABLE_PX = 120;

/**
 * @param frame the window's element
 * @param top the smallest distance to the page's top, in pixels
 * @returns the style that moves it, and what to call when its title is grabbed
 */
export function useDrag(frame: Readonly<Ref<HTMLElement | null>>, top: number) {
  const moved = reactive({ x: 0, y: 0 });
  let grabbed: { readonly pointer: number; readonly x: number; readonly y: number } | undefined;

  function moveTo(x: number, y: number): void {
    const box = frame.value?.getBoundingClientRect();
    if (box === undefined) return;
    const home = { left: box.left - moved.x, top: box.top - moved.y };
    const left = Math.min(innerWidth - REACHABLE_PX, Math.max(REACHABLE_PX - box.width, home.left + x));
    moved.x = left - home.left;
    moved.y = Math.min(innerHeight - REACHABLE_PX / 2, Math.max(top, home.top + y)) - home.top;
  }

  function grab(event: PointerEvent): void {
    if (event.button !== 0 || (event.target as Element).closest('button') !== null) return;
    grabbed = { pointer: event.pointerId, x: event.clientX - moved.x, y: event.clientY - moved.y };
  }

  useEventListener(window, 'pointermove', (event: PointerEvent) => {
    if (grabbed?.pointer === event.pointerId) moveTo(event.clientX - grabbed.x, event.clientY - grabbed.y);
  });
  useEventListener(window, ['pointerup', 'pointercancel'], () => (grabbed = undefined));
  useEventListener(window, 'resize', () => moveTo(moved.x, moved.y));

  const style = computed(() => ({ transform: `translate(${moved.x}px, ${moved.y}px)` }));
  return { grab, style };
}
