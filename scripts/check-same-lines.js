/**
 * Fails when files that should be two policies on one kernel have much in common: the lines they share in the
 * same order, imports, comments, blank lines and bare punctuation aside. Prints the pairs that share most.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './build/paths.js';

const LIMIT_LINES = 25;
const PRINTED_PAIRS = 5;

/** Every file of the one folder is compared with every file of the other. */
const COMPARED = [
  ['server/calls', 'server/rooms'],
  ['widget/call', 'widget/room'],
  ['widget/components', 'widget/components'],
];

const pairs = COMPARED.flatMap(([left, right]) => pairsOf(sourcesIn(left), sourcesIn(right)))
  .map(([a, b]) => ({ files: `${a.path} ~ ${b.path}`, lines: countShared(a.lines, b.lines) }))
  .sort((a, b) => b.lines - a.lines);

for (const { lines, files } of pairs.slice(0, PRINTED_PAIRS)) {
  console.log(`${String(lines).padStart(4)} lines  ${files}`);
}
const tooMuch = pairs.filter(({ lines }) => lines >= LIMIT_LINES);
if (tooMuch.length > 0) {
  console.error(
    `${tooMuch.length} pairs share ${LIMIT_LINES} lines or more: move them to what both stand on.`,
  );
  process.exitCode = 1;
}

function sourcesIn(folder) {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true })
    .filter((name) => /\.(ts|vue)$/.test(name) && !/\.(test|testing)\.ts$/.test(name))
    .map((name) => ({ path: `${folder}/${name}`, lines: meaningfulLines(join(ROOT, folder, name)) }));
}

/** Pairs of files of two folders; of one folder, each pair once. */
function pairsOf(left, right) {
  const isOneFolder = left[0]?.path === right[0]?.path;
  return left.flatMap((a) => right.filter((b) => !isOneFolder || a.path < b.path).map((b) => [a, b]));
}

function meaningfulLines(file) {
  return readFileSync(file, 'utf8')
    .replace(/\/\*[^]*?\*\/|<!--[^]*?-->|^import [^;]*;/gm, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\/\/.*/, '').trim())
    .filter((line) => /\w/.test(line));
}

/** The length of the longest common subsequence, which is what `diff` leaves unmarked. */
function countShared(left, right) {
  let previous = new Array(right.length + 1).fill(0);
  for (const line of left) {
    const current = [0];
    right.forEach((other, index) => {
      current.push(line === other ? previous[index] + 1 : Math.max(previous[index + 1], current[index]));
    });
    previous = current;
  }
  return previous.at(-1);
}
