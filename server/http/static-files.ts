import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import type { Middleware, ParameterizedContext } from 'koa';

export interface StaticFiles {
  /** The address below which the files are found, with a slash at its end. */
  readonly prefix: string;
  readonly directory: string;
  /** The `Cache-Control` of a file. */
  readonly cacheControl: string;
  /** Whether pages of other origins may load them, as modules must. */
  readonly isOpen: boolean;
}

/** Serves the files of one directory. Dot files and everything outside of it do not exist. */
export function staticFiles({ prefix, directory, cacheControl, isOpen }: StaticFiles): Middleware {
  return async (context, next) => {
    if (!context.path.startsWith(prefix) || !['GET', 'HEAD'].includes(context.method)) return next();
    const file = fileFor(directory, context.path.slice(prefix.length) || 'index.html');
    if (file && (await sendFile(context, file, cacheControl)) && isOpen) openToAll(context);
  };
}

/** Serves one file; missing, it is left to who comes next. */
export function staticFile(
  path: string,
  { prefix, directory, cacheControl, isOpen }: StaticFiles,
): Middleware {
  const file = fileFor(directory, path) ?? '';
  return async (context, next) => {
    if (context.path !== prefix + path || !['GET', 'HEAD'].includes(context.method)) return next();
    if ((await sendFile(context, file, cacheControl)) && isOpen) openToAll(context);
  };
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

async function sendFile(context: ParameterizedContext, file: string, cacheControl: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) return false;
  context.status = 200;
  context.type = extname(file);
  context.length = found.size;
  context.lastModified = found.mtime;
  context.etag = `W/"${found.size.toString(16)}-${Math.floor(found.mtimeMs).toString(16)}"`;
  context.set('Cache-Control', cacheControl);
  if (context.fresh) context.status = 304;
  else if (context.method === 'GET') context.body = createReadStream(file);
  return true;
}
