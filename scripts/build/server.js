import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { ROOT } from './paths.js';

/** What is started: the server, the media server's process, and the command that imports groups. */
const ENTRIES = {
  main: 'server/main.ts',
  'media-server': 'media-server/main.ts',
  groups: 'server/groups/cli.ts',
};

/** What kurento-client wants and what cannot be installed from a registry without a compiler. */
const STAND_INS = {
  bufferutil: join(ROOT, 'packages/bufferutil/index.cjs'),
  'reconnect-ws': join(ROOT, 'packages/reconnect-ws/index.cjs'),
};

/** Installed beside the package; everything else is bundled. */
const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const isInstalled = (id) =>
  isBuiltin(id) || Object.keys(dependencies).some((name) => id === name || id.startsWith(`${name}/`));

/**
 * Bundles the server for Node.
 * @returns {Promise<string[]>} the files that went into it
 */
export async function buildServer(directory) {
  const bundle = await rolldown({
    cwd: ROOT,
    input: ENTRIES,
    platform: 'node',
    external: isInstalled,
    resolve: { alias: STAND_INS },
  });
  const { output } = await bundle.write({
    dir: directory,
    format: 'esm',
    // All in one folder: files find each other by addresses relative to their own.
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    sourcemap: true,
    // The sources' names and lines are enough for a stack trace.
    sourcemapExcludeSources: true,
  });
  await bundle.close();
  return output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
}
