/** The process as it is started: from its binary, in a directory of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { TestClient } from '../testing/server/test-client.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const TSX = import.meta.resolve('tsx');
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
});

function start(environment: Record<string, string>) {
  const cwd = mkdtempSync(join(tmpdir(), 'main-'));
  const env = { PATH: process.env['PATH'] ?? '', MEDIA_WORKERS: '1', LOG_LEVEL: 'silent', ...environment };
  const child = spawn(process.execPath, ['--import', TSX, MAIN], { cwd, env });
  children.push(child);
  let output = '';
  let errors = '';
  child.stdout.on('data', (data: Buffer) => (output += String(data)));
  child.stderr.on('data', (data: Buffer) => (errors += String(data)));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  return { child, exited, output: () => output, errors: () => errors };
}

test('it says where it is and how two people try it, serves, and ends cleanly', async () => {
  const { child, exited, output } = start({ PORT: '0' });
  await expect.poll(output, { timeout: 15_000 }).toContain('两个窗口');
  const url = /http:\/\/localhost:\d+\//.exec(output())?.[0] ?? '';
  expect(output().match(/http/g)).toHaveLength(1);
  const client = await TestClient.register(url, 'a');
  const closed = client.closed();
  child.kill('SIGTERM');
  expect(await closed).toBe(1001);
  expect(await exited).toBe(0);
});

test('mistakes in the configuration stop it, all of them told', async () => {
  const { exited, errors } = start({ PORT: 'x', LOG_LEVEL: 'loud' });
  expect(await exited).toBe(2);
  expect(errors()).toMatch(/PORT must be/);
  expect(errors()).toMatch(/LOG_LEVEL must be/);
});

test('a port that is taken is told plainly', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const { exited, errors } = start({ PORT: String(port), HOST: '127.0.0.1' });
  expect(await exited).toBe(1);
  expect(errors().trim()).toMatch(new RegExp(`^Another program uses port ${port} .*set PORT`));
  taken.close();
});
