/**
 * Fails when the lockfile names anything but registry packages and our own folders, when a `ws` older than
 * the last memory-exhaustion fix is installed, or when a package does not support the Node that runs this
 * (npm only warns of that).
 */
import { readFileSync } from 'node:fs';
import semver from 'semver';

const WS_FLOOR = '8.21.1';
const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'));
const mistakes = [];

for (const [path, entry] of Object.entries(lock.packages)) {
  const resolved = entry.resolved ?? '';
  const ours = entry.link === true || !path.includes('node_modules/');
  if (!ours && /^(git|ssh|file)|codeload|github\.com|gitlab\.com/.test(resolved)) {
    mistakes.push(`${path} comes from ${resolved}, not from the registry`);
  }
  if (!ours && !entry.integrity) mistakes.push(`${path} has no integrity hash`);
  if (path.endsWith('node_modules/ws') && semver.lt(entry.version, WS_FLOOR)) {
    mistakes.push(`${path} is ${entry.version}; at least ${WS_FLOOR} is needed`);
  }
  const wanted = entry.engines?.node;
  if (wanted && !semver.satisfies(process.version, wanted)) {
    mistakes.push(`${path} ${entry.version} wants Node ${wanted}, this is ${process.version}`);
  }
}

for (const mistake of mistakes) console.error(mistake);
if (mistakes.length > 0) process.exit(1);
console.log(
  `${Object.keys(lock.packages).length} packages: all from the registry, all for Node ${process.version}`,
);
