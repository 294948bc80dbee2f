import { copyAttributes } from './element-settings.ts';
import { setEnvironment, VideoCallElement } from './element.ts';
import { type CallsFiles, callsLoader } from './load-calls.ts';

/** Names of the files with the calls and their interface, relative to this script; built in. */
declare const __CALLS_FILES__: CallsFiles;

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
    loadCalls: callsLoader(scriptUrl, __CALLS_FILES__, (url) => import(/* @vite-ignore */ url)),
  });
  const existing = document.querySelector(TAG);
  const element = existing ?? document.createElement(TAG);
  if (script instanceof HTMLElement) copyAttributes(script, element);
  customElements.define(TAG, VideoCallElement);
  if (!existing) document.body.append(element);
}

if (document.readyState !== 'loading' || document.querySelector(TAG)) addElement();
else document.addEventListener('DOMContentLoaded', addElement, { once: true });
