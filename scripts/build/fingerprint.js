/** Tells whether `dist/` was built from the sources as they are: by their content, as a checkout sets times anew. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.js';

const STAMP = 'build.json';

/** Everything that has a part in what is built: sources, configurations, and which packages are used. */
const INPUTS = [
  'protocol',
  'server',
  'media-server',
  'widget',
  'demo',
  'packages',
  'scripts/build.js',
  'scripts/build',
  'vite.config.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.base.json',
  'tsconfig.json',
];
/** Tests and what only they use; what editors and systems leave behind. */
const IS_NO_INPUT = /\.(test|testing)\.ts$|\/(test|testing|gallery|node_modules)$|\/\.[^/]*$|~$/;

/** @returns a hash of all that the build reads */
export function fingerprint(root = ROOT) {
  const hash = createHash('sha256');
  for (const path of INPUTS.flatMap((input) => filesIn(root, input))) {
    const content = readFileSync(join(root, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** Writes down what a finished build was built from and which files it consists of. */
export function writeStamp(directory, builtFrom) {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => join(parentPath, name).slice(directory.length + 1));
  writeFileSync(join(directory, STAMP), JSON.stringify({ builtFrom, files }));
}

/** @returns {'current' | 'stale' | 'missing'} what there is in `dist/` */
export function stateOfBuild(root = ROOT) {
  const dist = join(root, 'dist');
  if (!existsSync(join(dist, STAMP))) return 'missing';
  const { builtFrom, files } = JSON.parse(readFileSync(join(dist, STAMP), 'utf8'));
  if (!files.every((file) => existsSync(join(dist, file)))) return 'missing';
  return builtFrom === fingerprint(root) ? 'current' : 'stale';
}

/** The files at or below a path, in a fixed order. */
function filesIn(root, path) {
  if (IS_NO_INPUT.test(path) || !existsSync(join(root, path))) return [];
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path))
    .sort()
    .flatMap((name) => filesIn(root, `${path}/${name}`));
}
