import { createApp } from 'vue';
import type { CallActions, CallView, Store } from './call/view.ts';
import CallApp from './components/CallApp.vue';
import type { RoomActions, RoomView } from './room/view.ts';
import { adoptStyles } from './styles/index.ts';
import type { Summons } from './window/minimized.ts';

export interface AppOptions {
  /** The element's shadow root; the app and its styles live in it, and nowhere else. */
  readonly root: ShadowRoot;
  readonly view: Store<CallView>;
  readonly actions: CallActions;
  /** Group calls; without both there are none. */
  readonly room?: Store<RoomView>;
  readonly roomActions?: RoomActions;
  /** BCP 47 tag of the interface's language. */
  readonly locale: string;
  readonly summons?: Summons;
}

/**
 * Mounts the call interface into a shadow root.
 *
 * @returns unmounts it and takes its styles away
 */
export function mountApp({ root, view, ...options }: AppOptions): () => void {
  const removeStyles = adoptStyles(root);
  const container = document.createElement('div');
  root.append(container);
  const app = createApp(CallApp, { store: view, ...options });
  app.mount(container);
  return () => {
    app.unmount();
    container.remove();
    removeStyles();
  };
}
