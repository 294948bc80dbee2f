/**
 * Fails when what a page has to load outgrows its limits, in bytes after gzip: the script tag's file, and what
 * it and the first one-to-one ring load together. What is loaded later is printed apart.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { filesOf } from './build/browser.js';
import { DIST } from './build/paths.js';

const WIDGET = join(DIST, 'widget');
const SCRIPT = 'video-call.js';
const SCRIPT_LIMIT_BYTES = 15_000;
const FIRST_RING_LIMIT_BYTES = 90_000;

const { first, later } = filesOf(WIDGET);
const script = total('the script tag', [SCRIPT], SCRIPT_LIMIT_BYTES);
const firstRing = total('page and first ring', [SCRIPT, ...first], FIRST_RING_LIMIT_BYTES);
total('what comes later', later);

if (script > SCRIPT_LIMIT_BYTES || firstRing > FIRST_RING_LIMIT_BYTES) {
  console.error('The widget has outgrown its limit: see scripts/check-size.js.');
  process.exitCode = 1;
}

/** Prints the sizes of files and their sum. */
function total(title, files, limit) {
  const sizes = files.map((file) => gzipSync(readFileSync(join(WIDGET, file))).length);
  const sum = sizes.reduce((a, b) => a + b, 0);
  console.log(`${String(sum).padStart(7)} B gzip  ${title}${limit ? ` (limit ${limit})` : ''}`);
  files.forEach((file, index) => console.log(`${String(sizes[index]).padStart(16)}  ${file}`));
  return sum;
}
