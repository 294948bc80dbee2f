/** Fails when what a page has to load outgrows its limits; prints the sizes. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const DIST_WIDGET = fileURLToPath(new URL('../dist/widget', import.meta.url));

/** The script tag's file, which every page loads, in bytes after gzip. */
const LOADER_LIMIT_BYTES = 15_000;
/** All files together, as loaded by the first call, in bytes after gzip. */
const TOTAL_LIMIT_BYTES = 90_000;

const sizes = readdirSync(DIST_WIDGET, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.(js|css)$/.test(entry.name))
  .map(({ name, parentPath }) => ({ name, bytes: gzipSync(readFileSync(join(parentPath, name))).length }));

const loader = sizes.find(({ name }) => name === 'video-call.js')?.bytes ?? Infinity;
const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);

for (const { name, bytes } of sizes) console.log(`${String(bytes).padStart(7)} B gzip  ${name}`);
console.log(
  `${String(total).padStart(7)} B gzip  together (limit ${TOTAL_LIMIT_BYTES}; video-call.js ${LOADER_LIMIT_BYTES})`,
);

if (loader > LOADER_LIMIT_BYTES || total > TOTAL_LIMIT_BYTES) {
  console.error('The widget has outgrown its limit: see scripts/check-size.js.');
  process.exitCode = 1;
}
