import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'vite';
import { ROOT } from './paths.js';

const WIDGET = join(ROOT, 'widget');
const DEMO_PAGE = join(ROOT, 'demo/page');

/** Browsers from 2022 on: private class members, `AbortSignal` in listeners, `Object.hasOwn`. */
const TARGET = ['chrome96', 'firefox115', 'safari15.4'];

/** On a slow machine the build would say which plugin took how long. */
const QUIET = { pluginTimings: false };

// Vite keeps one that is set already; the tests' own would ship Vue's development code.
process.env.NODE_ENV = 'production';

const COMMON = {
  configFile: join(ROOT, 'vite.config.ts'),
  base: './',
  logLevel: 'warn',
  mode: 'production',
};

/**
 * Builds the widget: `video-call.js`, `assets/` and Vite's manifest.
 * @returns {Promise<string[]>} the files that went into it
 */
export async function buildWidget(directory) {
  const calls = await buildCalls(directory);
  const { entry, later } = filesOf(directory);
  const files = { entry, later: later.filter((file) => file.endsWith('.js')) };
  // What a page of another build gets, which does not know the entry's present name.
  writeFileSync(join(directory, 'assets/calls.js'), `export * from './${basename(entry)}';\n`);
  return [...calls, ...(await buildLoader(directory, { __CALLS_FILES__: files }))];
}

/** @returns {Promise<string[]>} the files that went into the demo's page */
export async function buildDemo(directory) {
  return run({
    ...COMMON,
    root: DEMO_PAGE,
    build: { outDir: directory, emptyOutDir: true, target: TARGET, rolldownOptions: { checks: QUIET } },
  });
}

/** The calls and their interface, as modules: the entry, and what it loads later. */
function buildCalls(directory) {
  return run({
    ...COMMON,
    root: WIDGET,
    build: {
      outDir: directory,
      emptyOutDir: true,
      target: TARGET,
      modulePreload: false,
      manifest: true,
      rolldownOptions: {
        checks: QUIET,
        input: { calls: join(WIDGET, 'start.ts') },
        preserveEntrySignatures: 'allow-extension',
        output: { entryFileNames: 'assets/[name]-[hash].js', chunkFileNames: 'assets/[name]-[hash].js' },
      },
    },
  });
}

/** The script tag's file: classic, so that it knows where it came from. */
function buildLoader(directory, constants) {
  return run({
    ...COMMON,
    root: WIDGET,
    define: Object.fromEntries(
      Object.entries(constants).map(([name, value]) => [name, JSON.stringify(value)]),
    ),
    build: {
      outDir: directory,
      emptyOutDir: false,
      target: TARGET,
      modulePreload: false,
      rolldownOptions: {
        checks: QUIET,
        input: join(WIDGET, 'loader.ts'),
        output: { format: 'iife', entryFileNames: 'video-call.js' },
      },
    },
  });
}

/** @returns the files below a widget's build: the calls' entry, what it always loads, and what comes later */
export function filesOf(directory) {
  const manifest = JSON.parse(readFileSync(join(directory, '.vite/manifest.json'), 'utf8'));
  const chunks = Object.values(manifest);
  const entry = chunks.find(({ isEntry }) => isEntry);
  const first = new Set();
  const visit = (chunk) => {
    if (first.has(chunk.file)) return;
    first.add(chunk.file);
    for (const file of chunk.css ?? []) first.add(file);
    for (const key of chunk.imports ?? []) visit(manifest[key]);
  };
  visit(entry);
  const all = new Set(chunks.flatMap(({ file, css = [] }) => [file, ...css]));
  return { entry: entry.file, first: [...first], later: [...all].filter((file) => !first.has(file)).sort() };
}

async function run(options) {
  const { output } = await build(options);
  return output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
}
