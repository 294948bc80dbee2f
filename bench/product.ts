import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const START_TIMEOUT_MS = 60_000;
const BIN = fileURLToPath(new URL('../bin/video-call.js', import.meta.url));

/** The product as `npm start` runs it, in a process of its own. */
export interface Product {
  readonly url: string;
  /** The database's file. */
  readonly database: string;
  /** CPU seconds of the signaling process so far; NaN where there is no /proc. */
  cpuSeconds(): number;
  /** Memory that the signaling process has in use; NaN where there is no /proc. */
  memoryBytes(): number;
  close(): Promise<void>;
}

/**
 * Starts the product on a free port of loopback and waits until a media server is ready.
 * @param settings environment variables beside the defaults
 * @throws Error if it is not ready within a minute
 */
export async function startProduct(settings: Readonly<Record<string, string>> = {}): Promise<Product> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'video-call-bench-'));
  const database = join(folder, 'bench.db');
  const child = spawn(process.execPath, [BIN], {
    env: {
      ...process.env,
      PORT: String(port),
      DATABASE_URL: `file:${database}`,
      LOG_LEVEL: 'error',
      ...settings,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://localhost:${port}`;
  await untilReady(url, child);
  return {
    url,
    database,
    memoryBytes: () => memoryBytesOf(child.pid),
    cpuSeconds: () => cpuSecondsOf(child.pid),
    async close() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** See proc(5): fields 14 and 15 of `stat` are user and system time in ticks of 10 ms. */
function cpuSecondsOf(pid: number | undefined): number {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return Number.NaN;
  const afterName = readFileSync(file, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(afterName[11]) + Number(afterName[12])) / 100;
}

/** See proc(5): `VmRSS` of `status` is in kB. */
function memoryBytesOf(pid: number | undefined): number {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return Number.NaN;
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(file, 'utf8'))?.[1]) * 1024;
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}`);
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  child.kill('SIGKILL');
  throw new Error(`The server was not ready within ${START_TIMEOUT_MS} ms`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
