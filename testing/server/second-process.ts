import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CLI = new URL('../../server/groups/cli.ts', import.meta.url).href;

const HOLD_LOCK = `
  import Libsql from 'libsql';
  const database = new Libsql(process.env.FILE, { timeout: 5000 });
  process.on('message', (command) => {
    database.exec(command === 'lock' ? 'begin immediate' : 'commit');
    process.send(command);
  });
  process.send('ready');
`;

/** Another process that takes and gives back the write lock of a SQLite file. */
export class LockHolder {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** @param path the file's path */
  static async start(path: string): Promise<LockHolder> {
    const child = spawn(process.execPath, ['--input-type=module', '-e', HOLD_LOCK], {
      cwd: ROOT,
      env: { ...process.env, FILE: path },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    await once(child, 'message');
    return new LockHolder(child);
  }

  async lock(): Promise<void> {
    await this.#order('lock');
  }

  async unlock(): Promise<void> {
    await this.#order('unlock');
  }

  async stop(): Promise<void> {
    const exit = once(this.#child, 'exit');
    this.#child.disconnect();
    await exit;
  }

  async #order(command: 'lock' | 'unlock'): Promise<void> {
    const done = once(this.#child, 'message');
    this.#child.send(command);
    await done;
  }
}

/** Runs `video-call groups …` in a process of its own. */
export async function runGroupsProcess(
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const program = `
    const { runGroupsCommand } = await import(${JSON.stringify(CLI)});
    process.exitCode = await runGroupsCommand(${JSON.stringify(argv)}, process.env);
  `;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}
