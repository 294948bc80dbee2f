#!/usr/bin/env node
// `video-call` builds what is missing and starts the server, from whatever directory it is called;
// `video-call groups …` imports groups and their members.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';

const ROOT = new URL('../', import.meta.url);
const BUILT = ['dist/widget/video-call.js', 'dist/demo/index.html'];
const [command, ...rest] = process.argv.slice(2);

register({ tsconfig: false });
if (command === 'groups') {
  const { runGroupsCommand } = await import(new URL('server/groups/cli.ts', ROOT).href);
  process.exitCode = await runGroupsCommand(rest, process.env);
} else if (command === undefined) {
  buildWhatIsMissing();
  await import(new URL('server/main.ts', ROOT).href);
} else {
  console.error(`video-call knows no "${command}". It starts the server without a command; see also`);
  console.error('"video-call groups --help". Settings are environment variables.');
  process.exitCode = 2;
}

function buildWhatIsMissing() {
  if (BUILT.every((file) => existsSync(new URL(file, ROOT)))) return;
  const { status } = spawnSync(process.execPath, [fileURLToPath(new URL('scripts/build.js', ROOT))], {
    cwd: fileURLToPath(ROOT),
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}
