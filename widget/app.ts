import { createApp } from 'vue';
import type { CallActions, CallView } from './call/view.ts';
import CallApp from './components/CallApp.vue';
import { loadLater } from './components/later.ts';
import type { RoomActions, RoomView } from './room/view.ts';
import type { Store } from './session/store.ts';
import { adoptStyles, ROOT, STYLES } from './styles/index.ts';
import type { RestoreRequest } from './window/restore.ts';

/** How long the browser may put off loading what is needed later, in milliseconds. */
const IDLE_TIMEOUT_MS = 2_000;

export interface AppOptions {
  /** The element's shadow root; the app and its styles live in it, and nowhere else. */
  readonly root: ShadowRoot;
  readonly call: Store<CallView>;
  readonly callActions: CallActions;
  readonly room: Store<RoomView>;
  readonly roomActions: RoomActions;
  /** BCP 47 tag of the interface's language. */
  readonly locale: string;
  readonly restoreRequest?: RestoreRequest;
}

/**
 * Mounts the call interface into a shadow root.
 *
 * @returns unmounts it and takes its styles away
 */
export function mountApp({ root, ...options }: AppOptions): () => void {
  const removeStyles = adoptStyles(root, STYLES);
  const container = document.createElement('div');
  root.append(container);
  const app = createApp(CallApp, { ...options });
  app.provide(ROOT, root);
  // A fault in drawing must not end calling.
  app.config.errorHandler = reportError;
  app.mount(container);
  whenIdle(() => void loadLater());
  return () => {
    app.unmount();
    container.remove();
    removeStyles();
  };
}

function whenIdle(run: () => void): void {
  // Safari has no idle callbacks.
  if (typeof requestIdleCallback === 'undefined') setTimeout(run, IDLE_TIMEOUT_MS);
  else requestIdleCallback(run, { timeout: IDLE_TIMEOUT_MS });
}
