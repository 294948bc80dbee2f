import type { Emitter } from 'mitt';
import { inject, onScopeDispose, provide, ref, type InjectionKey, type Ref } from 'vue';

/** Brings a minimised window back: its user wants to call somebody, and is in a call. */
export type RestoreRequest = Emitter<{ restore: undefined }>;

const KEY: InjectionKey<RestoreRequest> = Symbol('restore');

/** For the windows below the component. */
export function provideRestoreRequest(request: RestoreRequest | undefined): void {
  if (request) provide(KEY, request);
}

/** Whether the window is minimised; not any more once it is asked back. */
export function useMinimized(): Ref<boolean> {
  const minimized = ref(false);
  const request = inject(KEY, undefined);
  const restore = () => (minimized.value = false);
  request?.on('restore', restore);
  onScopeDispose(() => request?.off('restore', restore));
  return minimized;
}
