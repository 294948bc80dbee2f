import { isLoopback } from '../loopback.ts';
import { nameIn } from './origin.ts';

/**
 * What the admin should know of origins that many pages share.
 * @param allowedOrigins as `originIn` writes them
 * @returns a sentence for each that is wide
 */
export function warningsOf(allowedOrigins: readonly string[]): string[] {
  return allowedOrigins.flatMap((origin) => {
    const sharers = sharersOf(origin);
    return sharers === undefined ? [] : `ALLOWED_ORIGINS has ${origin}, which lets in ${sharers}.`;
  });
}

function sharersOf(origin: string): string | undefined {
  if (origin === 'null') return 'every sandboxed frame and many local files, whichever site they come from';
  if (origin.startsWith('file://'))
    return 'every HTML file that a user opens, and every app that is made of files';
  if (isLoopback(nameIn(origin) ?? ''))
    return "whatever runs on a user's own machine, and every app of that kind";
  return undefined;
}
