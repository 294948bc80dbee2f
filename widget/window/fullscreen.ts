import { useEventListener } from '@vueuse/core';
import { ref } from 'vue';
import type { Ref } from 'vue';

export interface Fullscreen {
  /** Phones' browsers have no fullscreen for elements other than video. */
  readonly supported: boolean;
  readonly active: Ref<boolean>;
  readonly toggle: () => void;
}

/** Fullscreen of an element in a shadow root, where `document.fullscreenElement` is the host. */
export function useFullscreen(target: Ref<HTMLElement | null>): Fullscreen {
  const active = ref(false);
  useEventListener(document, 'fullscreenchange', () => {
    const root = target.value?.getRootNode() as ShadowRoot | Document | undefined;
    active.value = Boolean(root?.fullscreenElement && root.fullscreenElement === target.value);
  });
  return {
    supported: document.fullscreenEnabled === true,
    active,
    toggle: () => {
      const change = active.value
        ? document.exitFullscreen()
        : target.value?.requestFullscreen({ navigationUI: 'hide' });
      // Refused (an iframe without permission, no gesture): the window just stays as it is.
      change?.catch(() => undefined);
    },
  };
}
