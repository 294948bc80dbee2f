import type { SessionHost, SessionControls } from './session/host.ts';

/** Names of the build's files, relative to the script. */
export interface CallsFiles {
  /** The calls' module, which brings along what a first ring needs. */
  readonly entry: string;
  /** Modules that the calls import only when they need them. */
  readonly later: readonly string[];
}

/** The module with the calls. */
interface CallsModule {
  startCalls(host: SessionHost): SessionControls;
}

/** The present calls under a name that stays, whatever build the script is of. */
const STABLE_ENTRY = 'assets/calls.js';
/** How long the first ring has the connection for itself. */
const PRELOAD_DELAY_MS = 5_000;

/**
 * Makes the function that loads the calls.
 *
 * After an upgrade of the server, the script in a page or in a cache is older than the files: then the name
 * that stays is tried. Some time after the calls the rest of their build is fetched too, so that a page which
 * is in the middle of something does not miss it after an upgrade.
 * @param scriptUrl where the script came from
 * @param importModule imports the module at an address
 */
export function callsLoader(
  scriptUrl: string,
  { entry, later }: CallsFiles,
  importModule: (url: string) => Promise<CallsModule>,
): () => Promise<CallsModule> {
  const urlOf = (file: string) => new URL(file, scriptUrl).href;
  let preloading: ReturnType<typeof setTimeout> | undefined;
  return async () => {
    const calls = await importModule(urlOf(entry)).catch(() => undefined);
    if (!calls) return importModule(urlOf(STABLE_ENTRY));
    preloading ??= setTimeout(() => later.forEach((file) => preload(urlOf(file))), PRELOAD_DELAY_MS);
    return calls;
  };
}

/** Fetches a module without running it. */
function preload(url: string): void {
  const link = document.createElement('link');
  link.rel = 'modulepreload';
  link.href = url;
  document.head.append(link);
}
