import { copyFileSync, existsSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

const KEPT_FOR_DAYS = 30;
const DAY_MS = 86_400_000;
/** Who builds often has no such pages open. */
const KEPT_FILES = 64;

/**
 * Keeps the hashed files of earlier builds beside those of the new one: a page that was opened before the
 * upgrade asks for them at its first call.
 */
export function keepFormerAssets(from, to) {
  if (!existsSync(from)) return;
  const oldest = Date.now() - KEPT_FOR_DAYS * DAY_MS;
  const former = readdirSync(from)
    .filter((name) => !existsSync(join(to, name)))
    .map((name) => ({ name, mtime: statSync(join(from, name)).mtime }))
    .filter(({ mtime }) => mtime.getTime() > oldest)
    .sort((a, b) => b.mtime - a.mtime)
    .slice(0, KEPT_FILES);
  for (const { name, mtime } of former) {
    copyFileSync(join(from, name), join(to, name));
    utimesSync(join(to, name), mtime, mtime);
  }
}
