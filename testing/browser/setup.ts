/** Runs once before all browser tests: they need a Chromium and the built widget and demo. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { findChromium, installChromium } from './browser.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** @throws the build failed, or there is no Chromium and none could be installed */
export default function setup(): void {
  if (findChromium() === undefined) installChromium();
  const { status, error } = spawnSync(process.execPath, ['scripts/build.js'], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (status !== 0)
    throw new Error('The widget and the demo could not be built (scripts/build.js).', { cause: error });
}
