import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import type { Middleware, ParameterizedContext } from 'koa';

export interface StaticFile {
  readonly directory: string;
  /** The file's path in the directory, as it stands in the address. */
  readonly path: string;
  /** The `Cache-Control` of the answer. */
  readonly cacheControl: string;
  /** Whether pages of other origins may load it, as modules must. */
  readonly isOpen: boolean;
}

/** Serves the files of one directory below `prefix`, which has a slash at its end. */
export function staticFiles({
  prefix,
  ...options
}: Omit<StaticFile, 'path'> & { readonly prefix: string }): Middleware {
  return async (context, next) => {
    const path = context.path.slice(prefix.length) || 'index.html';
    if (!context.path.startsWith(prefix) || !(await sendFile(context, { ...options, path }))) await next();
  };
}

/**
 * Answers with a file. Dot files and everything outside of its directory do not exist.
 * @returns whether it did
 */
export async function sendFile(
  context: ParameterizedContext,
  { directory, path, cacheControl, isOpen }: StaticFile,
): Promise<boolean> {
  if (context.method !== 'GET' && context.method !== 'HEAD') return false;
  const file = fileFor(directory, path);
  const content = file && (await readFile(file).catch(() => undefined));
  if (!content) return false;
  if (isOpen) openToAll(context);
  context.status = 200;
  context.type = extname(file);
  // By content: packages are unpacked with the same time for every file of every version.
  context.etag = createHash('sha256').update(content).digest('base64url');
  context.set('Cache-Control', cacheControl);
  if (context.fresh) context.status = 304;
  else context.body = content;
  return true;
}

/** Lets pages of any origin load the answer; the IM page usually is of another one. */
function openToAll(context: ParameterizedContext): void {
  context.set('Access-Control-Allow-Origin', '*');
  context.set('Cross-Origin-Resource-Policy', 'cross-origin');
}

function fileFor(directory: string, path: string): string | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return undefined;
  }
  const isHidden = decoded.split(/[/\\]/).some((part) => part.startsWith('.'));
  const file = normalize(join(directory, decoded));
  return isHidden || decoded.includes('\0') || !file.startsWith(directory + sep) ? undefined : file;
}
