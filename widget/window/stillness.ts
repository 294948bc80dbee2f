import { useEventListener, useMediaQuery, useTimeoutFn } from '@vueuse/core';
import { computed, ref, watch } from 'vue';
import type { Ref } from 'vue';

const STILL_AFTER_MS = 3000;

/**
 * Whether nobody has moved over, touched or typed into an element for 3 s, so that what
 * covers the picture may fade. Never while a control in it has keyboard focus, nor with
 * reduced motion. The touch that ends the stillness only shows the controls: it presses
 * nothing.
 *
 * @param allowed whether fading makes sense now
 */
export function useStillness(target: Ref<HTMLElement | null>, allowed: Ref<boolean>): Ref<boolean> {
  const quiet = ref(false);
  const reducedMotion = useMediaQuery('(prefers-reduced-motion: reduce)');
  const still = computed(() => quiet.value && allowed.value && !reducedMotion.value);
  const hasFocus = () => Boolean(target.value?.querySelector(':focus-visible'));

  const { start } = useTimeoutFn(() => {
    if (hasFocus()) start();
    else quiet.value = true;
  }, STILL_AFTER_MS);
  const stir = () => {
    quiet.value = false;
    start();
  };

  let swallow = false;
  const capture = { capture: true } as const;
  useEventListener(
    target,
    'pointerdown',
    (event: PointerEvent) => {
      swallow = still.value && event.pointerType === 'touch';
      stir();
    },
    capture,
  );
  useEventListener(
    target,
    'click',
    (event: MouseEvent) => {
      if (swallow) event.stopPropagation();
      swallow = false;
    },
    capture,
  );
  useEventListener(target, ['pointermove', 'keydown', 'focusin'], stir);
  watch(allowed, stir);
  return still;
}
