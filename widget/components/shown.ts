import { computed, onScopeDispose, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue';
import type { Store } from '../session/store.ts';

/** What is shown of calls or of rooms. */
interface Shown<View extends { readonly phase: string }> {
  readonly view: ShallowRef<View>;
  /** Whether the call ended while the card was up: then the card says so, not a window. */
  readonly missed: Ref<boolean>;
  /** What has a window. */
  readonly inWindow: ComputedRef<Exclude<View, { readonly phase: 'idle' | 'incoming' }> | undefined>;
}

/** Follows a store. */
export function useShown<View extends { readonly phase: string }>(store: Store<View>): Shown<View> {
  const view = shallowRef(store.get()) as ShallowRef<View>;
  const missed = ref(false);
  onScopeDispose(
    store.subscribe((next) => {
      const { phase } = view.value;
      missed.value = next.phase === 'ended' && (phase === 'incoming' || (phase === 'ended' && missed.value));
      view.value = next;
    }),
  );
  const inWindow = computed(() => {
    const now = view.value;
    if (now.phase === 'idle' || now.phase === 'incoming' || (now.phase === 'ended' && missed.value)) {
      return undefined;
    }
    return now as Exclude<View, { readonly phase: 'idle' | 'incoming' }>;
  });
  return { view, missed, inWindow };
}
