import { execFile, fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { RawClient } from '../testing/media-server/raw-client.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const BIN = fileURLToPath(new URL('../bin/video-call-media.js', import.meta.url));

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function forkMain(...args: string[]): ChildProcess {
  const child = fork(MAIN, args, {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  children.push(child);
  return child;
}

/** The JSON line that tells where the server listens. */
async function urlFromLog(child: ChildProcess): Promise<string> {
  const [line] = (await once(child.stderr as NonNullable<typeof child.stderr>, 'data')) as [Buffer];
  return (JSON.parse(line.toString()) as { url: string }).url;
}

describe('the process', { timeout: 30_000 }, () => {
  it('tells its parent the port, and ends with it', async () => {
    const child = forkMain();
    const [message] = (await once(child, 'message')) as [{ type: string; port: number }];
    expect(message).toEqual({ type: 'listening', port: expect.any(Number) });
    const client = await RawClient.open(`ws://127.0.0.1:${message.port}/kurento`);
    expect(await client.value('ping')).toBe('pong');
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([0, null]);
    await client.closed;
  });

  it('ends when its parent has gone before it listens', async () => {
    const child = forkMain();
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('refuses wrong arguments with status 2', async () => {
    const child = forkMain('--port', 'x');
    expect(await once(child, 'exit')).toEqual([2, null]);
  });

  it('ends cleanly on SIGTERM when started by the command', async () => {
    const child = spawn(process.execPath, [BIN, '--port', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
    children.push(child);
    const client = await RawClient.open(await urlFromLog(child));
    await client.create('MediaPipeline');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('lists mistakes and help', async () => {
    const run = promisify(execFile);
    await expect(run(process.execPath, [BIN, '--nope', '--media-ports', '1'])).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/unknown option --nope\n--media-ports must be like/),
    });
    expect((await run(process.execPath, [BIN, '--help'])).stdout).toContain('Usage: video-call-media');
  });
});
