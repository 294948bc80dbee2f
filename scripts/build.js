/**
 * Builds `dist/`: the server (`dist/server`), what browsers load (`dist/widget`, `dist/demo`) and the notices
 * of the packages bundled into them. It is put in place when all of it is built, so a failure leaves the
 * former build as it was.
 *
 *     node scripts/build.js             keeps the former build's widget files, for pages that are open
 *     node scripts/build.js --package   without them, and with the element's types and its manifest
 */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildDemo, buildWidget } from './build/browser.js';
import { fingerprint, writeStamp } from './build/fingerprint.js';
import { keepFormerAssets } from './build/former-assets.js';
import { writeNotices } from './build/notices.js';
import { DIST, ROOT } from './build/paths.js';
import { buildServer } from './build/server.js';

const SWAP_ATTEMPTS = 5;

const staging = join(ROOT, `dist.${process.pid}`);
const isForPackage = process.argv.includes('--package');
const built = fingerprint();

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    discard();
    process.exit(1);
  });
}
try {
  mkdirSync(staging);
  const bundled = [
    ...(await buildServer(join(staging, 'server'))),
    ...(await buildWidget(join(staging, 'widget'))),
    ...(await buildDemo(join(staging, 'demo'))),
  ];
  writeNotices(join(staging, 'NOTICES.md'), bundled);
  if (isForPackage) await describeElement();
  else keepFormerAssets(join(DIST, 'widget/assets'), join(staging, 'widget/assets'));
  writeStamp(staging, built);
  putInPlace();
} finally {
  discard();
}

function discard() {
  rmSync(staging, { recursive: true, force: true });
}

/** For editors and compilers of pages; what they are made with takes too long to load at every start. */
async function describeElement() {
  const { writeTypes } = await import('./build/types.js');
  const { elementManifest } = await import('./build/element-manifest.js');
  writeTypes(join(staging, 'types'));
  writeFileSync(join(staging, 'custom-elements.json'), JSON.stringify(elementManifest(), undefined, 2));
}

/** Two builds may end at the same time; the later one stays. */
function putInPlace() {
  const former = `${staging}.former`;
  for (let attempt = 1; ; attempt += 1) {
    try {
      renameSync(DIST, former);
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
    try {
      renameSync(staging, DIST);
      break;
    } catch (error) {
      if (attempt === SWAP_ATTEMPTS || !['ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error;
    } finally {
      rmSync(former, { recursive: true, force: true });
    }
  }
}
