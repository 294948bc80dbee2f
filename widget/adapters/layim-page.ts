/** The part of LayIM's interface that the widget uses (3.0 to 3.9.5 on PC, 2.x on mobile). */
export interface Layim {
  cache(): { readonly mine?: LayimMine | undefined } | undefined;
  on(event: 'ready', listener: () => void): unknown;
  thisChat?(): { readonly data?: LayimChat } | undefined;
  getMessage(message: LayimSystemMessage): unknown;
}

export interface LayimMine {
  readonly id?: string | number;
  readonly username?: string;
  readonly avatar?: string;
}

/** `obj.data` of a toolbar callback; see `targetOf`. */
export interface LayimChat {
  readonly id?: string | number;
  readonly type?: string;
  readonly name?: string;
  readonly username?: string;
  readonly groupname?: string;
  readonly avatar?: string;
}

interface LayimSystemMessage {
  readonly system: true;
  readonly id: string | number;
  readonly type: string;
  readonly username: string;
  readonly avatar: string;
  readonly content: string;
}

interface LayuiPage {
  readonly layui?: { readonly layim?: Layim; readonly mobile?: { readonly layim?: Layim } };
}

/** LayIM's own test for phones: there it listens to `touchend` instead of `click`. */
const TOUCH_DEVICE = /Android|iPhone|SymbianOS|Windows Phone|iPad|iPod/;

/** LayIM as found on the page. */
export interface FoundLayim {
  readonly layim: Layim;
  readonly mobile: boolean;
  /** The event its buttons react to. */
  readonly press: 'click' | 'touchend';
}

/** Looks for LayIM without loading it: `layui.use` before the page's own would load a wrong path. */
export function findLayim(page: Window): FoundLayim | undefined {
  const { layui } = page as LayuiPage;
  if (typeof layui?.layim?.on === 'function') return { layim: layui.layim, mobile: false, press: 'click' };
  const layim = layui?.mobile?.layim;
  if (typeof layim?.on !== 'function') return undefined;
  return { layim, mobile: true, press: TOUCH_DEVICE.test(page.navigator.userAgent) ? 'touchend' : 'click' };
}
