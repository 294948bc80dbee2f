/**
 * Builds what browsers load into `dist/`: the widget (`dist/widget/video-call.js` and `dist/widget/assets/`)
 * and the demo's page (`dist/demo/`). With `--missing` only what is not there yet.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const WIDGET = join(ROOT, 'widget');
const DEMO_PAGE = join(ROOT, 'demo/page');
const DIST_WIDGET = join(ROOT, 'dist/widget');
const DIST_DEMO = join(ROOT, 'dist/demo');

/** Browsers from 2022 on: private class members, `AbortSignal` in listeners, `Object.hasOwn`. */
const TARGET = ['chrome96', 'firefox115', 'safari15.4'];

// Vite keeps one that is set already; the tests' own would ship Vue's development code.
process.env.NODE_ENV = 'production';

const COMMON = {
  configFile: join(ROOT, 'vite.config.ts'),
  base: './',
  logLevel: 'warn',
  mode: 'production',
};

/** @returns the calls' file name relative to `dist/widget` */
async function buildCalls() {
  const { output } = await build({
    ...COMMON,
    root: WIDGET,
    build: {
      outDir: DIST_WIDGET,
      emptyOutDir: true,
      target: TARGET,
      modulePreload: false,
      rolldownOptions: {
        input: join(WIDGET, 'call/start.ts'),
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: 'assets/calls-[hash].js', chunkFileNames: 'assets/[name]-[hash].js' },
      },
    },
  });
  return output.find((file) => file.type === 'chunk' && file.isEntry).fileName;
}

/** The script tag's file: classic, so that it knows where it came from. */
async function buildLoader(callsFile) {
  await build({
    ...COMMON,
    root: WIDGET,
    define: { __CALLS_FILE__: JSON.stringify(callsFile) },
    build: {
      outDir: DIST_WIDGET,
      emptyOutDir: false,
      target: TARGET,
      modulePreload: false,
      rolldownOptions: {
        input: join(WIDGET, 'loader.ts'),
        output: { format: 'iife', entryFileNames: 'video-call.js' },
      },
    },
  });
}

async function buildDemo() {
  await build({
    ...COMMON,
    root: DEMO_PAGE,
    build: { outDir: DIST_DEMO, emptyOutDir: true, target: TARGET },
  });
}

const onlyMissing = process.argv.includes('--missing');
const wanted = (file) => !onlyMissing || !existsSync(file);

if (wanted(join(DIST_WIDGET, 'video-call.js'))) await buildLoader(await buildCalls());
if (existsSync(join(DEMO_PAGE, 'index.html')) && wanted(join(DIST_DEMO, 'index.html'))) await buildDemo();
