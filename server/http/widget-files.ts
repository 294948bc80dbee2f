import type { Middleware, ParameterizedContext } from 'koa';
import { sendFile } from './static-files.ts';

const SCRIPT = '/video-call.js';
const ASSETS = '/assets/';
/** As the build names them: a name, eight characters that stand for the content, and what kind of file it is. */
const HASHED = /^(.+)-[\w-]{8}(\.\w+)$/;

/** The script tag's file: its address stays, so an upgrade shows after five minutes. */
const SOON_FRESH = 'public, max-age=300';
/** A name with a hash never means anything else. */
const FOR_EVER = 'public, max-age=31536000, immutable';
const ALWAYS_ASKED = 'no-cache';

/**
 * Serves what the build made of the widget, to pages of every origin.
 *
 * Pages outlive an upgrade, and so does the script tag's file in their caches: they ask for a file of the build
 * they came from. Where that is gone, the present file of the same name answers, if the build made one without
 * a hash. It does for the entry only: what the entry loads later shares code with an entry that is already
 * in the page, and must be of the same build.
 * @param directory `dist/widget`
 */
export function widgetFiles(directory: string): Middleware {
  const send = (context: ParameterizedContext, path: string, cacheControl: string) =>
    sendFile(context, { directory, path, cacheControl, isOpen: true });

  const sendAsset = async (context: ParameterizedContext, file: string): Promise<boolean> => {
    const [, name, extension] = HASHED.exec(file) ?? [];
    if (name === undefined) return send(context, `assets/${file}`, ALWAYS_ASKED);
    return (
      (await send(context, `assets/${file}`, FOR_EVER)) ||
      (await send(context, `assets/${name}${extension}`, ALWAYS_ASKED))
    );
  };

  return async (context, next) => {
    const { path } = context;
    const isSent =
      path === SCRIPT
        ? await send(context, 'video-call.js', SOON_FRESH)
        : path.startsWith(ASSETS) && (await sendAsset(context, path.slice(ASSETS.length)));
    if (!isSent) await next();
  };
}
