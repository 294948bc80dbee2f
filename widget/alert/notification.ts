/** What the system notification says. */
export interface NotificationText {
  readonly title: string;
  readonly body: string;
  readonly icon?: string | undefined;
  /** Notifications with the same tag replace each other, also those of other tabs. */
  readonly tag?: string | undefined;
}

/**
 * Shows a system notification while the page is hidden. Never asks for permission: that
 * belongs to a click, not to a call that comes in.
 *
 * @returns closes it
 */
export function notifyWhenHidden(text: NotificationText): () => void {
  if (typeof Notification === 'undefined' || Notification.permission !== 'granted') {
    return () => undefined;
  }
  let shown: Notification | undefined;
  const show = () => {
    if (!document.hidden || shown) return;
    try {
      shown = new Notification(text.title, {
        body: text.body,
        requireInteraction: true,
        ...(text.icon && { icon: text.icon }),
        ...(text.tag && { tag: text.tag }),
      });
      shown.onclick = () => {
        window.focus();
        shown?.close();
      };
    } catch {
      // Chrome on Android has the constructor but allows only service workers to use it.
    }
  };
  show();
  document.addEventListener('visibilitychange', show);
  return () => {
    document.removeEventListener('visibilitychange', show);
    shown?.close();
  };
}
