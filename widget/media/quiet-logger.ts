/**
 * kurento-utils takes `window.Logger` when it is loaded, else the console, and writes whole session
 * descriptions there. It gets a silent one; import this before it.
 */
interface LoggerHolder {
  Logger?: unknown;
}

const holder = window as LoggerHolder;
const pagesLogger = holder.Logger;
const silence = (): void => undefined;

holder.Logger = { debug: silence, log: silence, info: silence, warn: silence, error: silence };

/** Gives the page its own `Logger` back. */
export function restoreLogger(): void {
  if (pagesLogger === undefined) delete holder.Logger;
  else holder.Logger = pagesLogger;
}
