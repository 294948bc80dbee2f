import { copyFileSync, existsSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

const KEPT_FOR_DAYS = 30;
const DAY_MS = 86_400_000;

/**
 * Keeps the hashed files of earlier builds beside those of the new one: a page that was opened before the
 * upgrade asks for them at its first call.
 */
export function keepFormerAssets(from, to) {
  if (!existsSync(from)) return;
  const oldest = Date.now() - KEPT_FOR_DAYS * DAY_MS;
  for (const name of readdirSync(from)) {
    const { mtime, mtimeMs } = statSync(join(from, name));
    if (mtimeMs < oldest || existsSync(join(to, name))) continue;
    copyFileSync(join(from, name), join(to, name));
    utimesSync(join(to, name), mtime, mtime);
  }
}
