import type { Emitter } from 'mitt';
import { inject, onScopeDispose, provide, ref, type InjectionKey, type Ref } from 'vue';

/** Calls a minimised window back: its user wants to call somebody, and is in a call. */
export type Summons = Emitter<{ summon: undefined }>;

const KEY: InjectionKey<Summons> = Symbol('summons');

/** For the windows below the component. */
export function provideSummons(summons: Summons | undefined): void {
  if (summons) provide(KEY, summons);
}

/** Whether the window is minimised; not any more once it is summoned. */
export function useMinimized(): Ref<boolean> {
  const minimized = ref(false);
  const summons = inject(KEY, undefined);
  const restore = () => (minimized.value = false);
  summons?.on('summon', restore);
  onScopeDispose(() => summons?.off('summon', restore));
  return minimized;
}
