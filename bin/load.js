import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../', import.meta.url);
const BUILD = fileURLToPath(new URL('scripts/build.js', ROOT));

/**
 * Loads a program of the built server. An installed package comes built; a checkout, which has the sources, is
 * built first if they have changed since.
 * @param {'main' | 'media-server' | 'groups'} program
 * @returns {Promise<object>} its module
 */
export async function load(program) {
  if (existsSync(BUILD)) await buildWhatHasChanged();
  process.setSourceMapsEnabled(true);
  return import(new URL(`dist/server/${program}.js`, ROOT).href);
}

async function buildWhatHasChanged() {
  const { stateOfBuild } = await import(new URL('scripts/build/fingerprint.js', ROOT).href);
  const state = stateOfBuild();
  if (state === 'current') return;
  if (!canBuild()) {
    const what =
      state === 'missing' ? 'Nothing is built yet' : 'The sources have changed since the last build';
    console.error(`${what}, and what builds it is not installed.`);
    console.error('Run "npm install && npm run build" with the development packages (without --omit=dev).');
    process.exit(1);
  }
  const parent = process.ppid;
  if (process.stderr.isTTY) console.error('Building what has changed …');
  const { status, stdout, stderr } = spawnSync(process.execPath, [BUILD], { encoding: 'utf8' });
  if (status !== 0) {
    console.error(stdout + stderr);
    process.exit(status ?? 1);
  }
  // npm passes no signal on: while it was building nothing else tells that npm is gone.
  if (process.ppid !== parent) process.exit(1);
}

function canBuild() {
  try {
    import.meta.resolve('vite');
    import.meta.resolve('rolldown');
    return true;
  } catch {
    return false;
  }
}
