import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** A folder with the command and, for a checkout, the sources, but without any package. */
function folderWith(...entries: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'video-call-'));
  for (const entry of ['bin', 'package.json', ...entries]) {
    cpSync(join(ROOT, entry), join(folder, entry), { recursive: true });
  }
  return folder;
}

function start(folder: string) {
  return spawnSync(process.execPath, [join(folder, 'bin/video-call.js')], { encoding: 'utf8' });
}

test('a checkout that is not built, without the packages that build it, says what to do', () => {
  const { status, stderr } = start(folderWith('scripts', 'server'));
  expect(status).toBe(1);
  expect(stderr).toContain('Nothing is built yet');
  expect(stderr).toContain('npm install && npm run build');
});

test('an installed package starts what it came with', () => {
  const folder = folderWith();
  mkdirSync(join(folder, 'dist/server'), { recursive: true });
  writeFileSync(join(folder, 'dist/server/main.js'), 'console.log("started");');
  expect(start(folder)).toMatchObject({ status: 0, stdout: 'started\n' });
});

test('an unknown command is told, and starts nothing', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'bin/video-call.js'), 'grups'], {
    encoding: 'utf8',
  });
  expect(status).toBe(2);
  expect(stderr).toContain('knows no "grups"');
});
