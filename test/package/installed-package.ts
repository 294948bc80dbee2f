/** The package as a user gets it: packed, and installed into an empty folder of a machine that has Node only. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const START_TIMEOUT_MS = 30_000;
const POLL_MS = 20;
/** A block in which `lstat` counts, and a tick in which `/proc/<pid>/stat` does. */
const BLOCK_BYTES = 512;
const TICK_MS = 10;

export const run = promisify(execFile);

export class InstalledPackage {
  /** The file that `npm publish` would send. */
  readonly tarball: string;
  readonly folder: string;
  /** Without a compiler, git, or anything else to fall back to. */
  readonly #environment: NodeJS.ProcessEnv;

  private constructor(tarball: string, folder: string, environment: NodeJS.ProcessEnv) {
    this.tarball = tarball;
    this.folder = folder;
    this.#environment = environment;
  }

  /** Packs the checkout and installs it. */
  static async install(): Promise<InstalledPackage> {
    const place = mkdtempSync(join(tmpdir(), 'video-call-package-'));
    const [folder, commands] = [join(place, 'empty'), join(place, 'bin')];
    mkdirSync(folder);
    mkdirSync(commands);
    symlinkSync(process.execPath, join(commands, 'node'));
    const npm = npmProgram();
    const { stdout } = await run(process.execPath, [npm, 'pack', '--json', '--pack-destination', place], {
      cwd: ROOT,
    });
    const tarball = join(place, nameOfTarball(stdout));
    const environment = { HOME: process.env['HOME'], PATH: commands };
    await run(process.execPath, [npm, 'install', tarball], { cwd: folder, env: environment });
    return new InstalledPackage(tarball, folder, environment);
  }

  /** What the installation takes on the disk, in megabytes of 10⁶ bytes. */
  get megabytes(): number {
    return bytesBelow(join(this.folder, 'node_modules')) / 1e6;
  }

  /** How many packages were installed, this one among them. */
  get packages(): number {
    const lock = JSON.parse(readFileSync(join(this.folder, 'node_modules/.package-lock.json'), 'utf8'));
    return Object.keys(lock.packages).length;
  }

  /** Runs one of the package's commands to its end, as `npx` does. */
  run(command: string, args: readonly string[], settings: Readonly<Record<string, string>> = {}) {
    return run(this.#path(command), [...args], { cwd: this.folder, env: this.#with(settings) });
  }

  /** Starts the server and waits until it is ready. */
  async start(settings: Readonly<Record<string, string>> = {}): Promise<StartedServer> {
    const child = spawn(this.#path('video-call'), [], {
      cwd: this.folder,
      env: this.#with({ PORT: '0', LOG_LEVEL: 'warn', ...settings }),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const origin = await originOf(child);
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await fetch(`${origin}/readyz`)).ok) {
      if (Date.now() > deadline) throw new Error('The installed server was not ready in time.');
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return { origin, readyAfterCpuMs: cpuMsOf(child.pid), stop: () => stop(child) };
  }

  #path(command: string): string {
    return join(this.folder, 'node_modules/.bin', command);
  }

  #with(settings: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
    return { ...this.#environment, ...settings };
  }
}

export interface StartedServer {
  /** `http://localhost:<port>` */
  readonly origin: string;
  /** What the main process itself had computed when it was ready; NaN where there is no /proc. */
  readonly readyAfterCpuMs: number;
  /** Tells it to end; gives its exit code. */
  stop(): Promise<number | null>;
}

/** npm's own file, as its command cannot be found by who has no PATH. */
function npmProgram(): string {
  const told = process.env['npm_execpath'];
  if (told?.endsWith('npm-cli.js')) return told;
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const npm = join(folder, 'npm');
    if (lstatSync(npm, { throwIfNoEntry: false })) return realpathSync(npm);
  }
  return join(dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js');
}

/** Newer versions of npm give an object by package name, older ones a list. */
function nameOfTarball(json: string): string {
  const [packed] = Object.values(JSON.parse(json) as Record<string, { filename: string }>);
  if (!packed) throw new Error('npm packed nothing.');
  return packed.filename;
}

/** From the line in which the server says where it is. */
function originOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (data: Buffer) => {
      output += String(data);
      const origin = /http:\/\/localhost:\d+/.exec(output)?.[0];
      if (origin) resolve(origin);
    });
    child.once('exit', (code) => reject(new Error(`The installed server ended with ${code}: ${output}`)));
  });
}

/** See proc(5): fields 14 and 15 of `stat` are user and system time. */
function cpuMsOf(pid: number | undefined): number {
  const file = `/proc/${pid}/stat`;
  if (!lstatSync(file, { throwIfNoEntry: false })) return Number.NaN;
  const afterName = readFileSync(file, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(afterName[11]) + Number(afterName[12])) * TICK_MS;
}

async function stop(child: ChildProcess): Promise<number | null> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const [code] = await ended;
  return code;
}

function bytesBelow(folder: string): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    return sum + lstatSync(path).blocks * BLOCK_BYTES + (entry.isDirectory() ? bytesBelow(path) : 0);
  }, 0);
}
