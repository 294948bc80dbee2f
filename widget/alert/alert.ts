import { notifyWhenHidden } from './notification.ts';
import type { NotificationText } from './notification.ts';
import { ring } from './ringtone.ts';
import { flashTitle } from './title.ts';

const VIBRATION_PATTERN_MS = [400, 200, 400];
const VIBRATION_CYCLE_MS = 2800;

/** Shakes a phone in the ringtone's rhythm; browsers allow it only on a page that was touched. */
function vibrate(): () => void {
  if (!('vibrate' in navigator) || !navigator.userActivation?.hasBeenActive) return () => undefined;
  const shake = () => navigator.vibrate(VIBRATION_PATTERN_MS);
  shake();
  const timer = setInterval(shake, VIBRATION_CYCLE_MS);
  return () => {
    clearInterval(timer);
    navigator.vibrate(0);
  };
}

/**
 * Calls for attention in every way that takes neither focus nor keys: sound, vibration, the
 * page's title, and a system notification when the page is hidden.
 *
 * @returns stops all of it
 */
export function alertIncoming(text: NotificationText): () => void {
  const stops = [ring('incoming'), vibrate(), flashTitle(text.title), notifyWhenHidden(text)];
  return () => {
    for (const stop of stops) stop();
  };
}
