import { copyAttributes } from './element-settings.ts';
import { setEnvironment, VideoCallElement } from './element.ts';

/** Name of the file with the calls and their interface, relative to this script; built in. */
declare const __CALLS_FILE__: string;

const TAG = 'video-call';

// Known only while the script itself runs.
const script = document.currentScript;
const scriptUrl = script instanceof HTMLScriptElement ? script.src : location.href;

/** Uses the page's element, or appends one; its attributes are set before it is brought to life. */
function addElement(): void {
  // A second script tag changes nothing.
  if (customElements.get(TAG)) return;
  setEnvironment({
    scriptUrl,
    loadCalls: () => import(/* @vite-ignore */ new URL(__CALLS_FILE__, scriptUrl).href),
  });
  const existing = document.querySelector(TAG);
  const element = existing ?? document.createElement(TAG);
  if (script instanceof HTMLElement) copyAttributes(script, element);
  customElements.define(TAG, VideoCallElement);
  if (!existing) document.body.append(element);
}

if (document.readyState !== 'loading' || document.querySelector(TAG)) addElement();
else document.addEventListener('DOMContentLoaded', addElement, { once: true });
