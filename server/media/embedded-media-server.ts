import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { retryDelayMs } from './timings.ts';
import type { MediaTimings } from './timings.ts';
import type { PortRange } from './media-ports.ts';

/** The build puts both programs into one folder; from the sources, as tests run them, Node needs a loader. */
const IS_BUILT = !import.meta.url.endsWith('.ts');
const PROGRAM = fileURLToPath(
  new URL(IS_BUILT ? './media-server.js' : '../../media-server/main.ts', import.meta.url),
);
const HOST = '127.0.0.1';
/** A process that ran for so long is started again without a pause. */
const STABLE_MS = 10_000;

export interface EmbeddedMediaServerOptions {
  readonly mediaPorts: PortRange;
  /** IP address to announce to browsers instead of the machine's own. */
  readonly mediaAddress?: string | undefined;
  readonly timings: MediaTimings;
  readonly logger: Logger;
  /** File that is run instead of the media server of this project. */
  readonly program?: string | undefined;
}

/**
 * A media server of this project in a process of its own, which is started again whenever it ends.
 *
 * `listening` is emitted at every start, with its WebSocket address, which stays the same as long as the
 * port can be had again; `exit` whenever the process is gone.
 */
export class EmbeddedMediaServer extends EventEmitter<{ listening: [uri: string]; exit: [] }> {
  readonly #options: EmbeddedMediaServerOptions;
  #process: ChildProcess | undefined;
  #port = 0;
  #failures = 0;
  #restartTimer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: EmbeddedMediaServerOptions) {
    super();
    this.#options = options;
    this.#start();
  }

  /** The process's id while it runs. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Ends the process by force; it is started again. */
  kill(): void {
    this.#process?.kill('SIGKILL');
  }

  /** Stops the process: politely, and after `closeMs` by force. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#restartTimer);
    const child = this.#process;
    if (!child) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), this.#options.timings.closeMs);
    await exited;
    clearTimeout(force);
  }

  #start(): void {
    const { logger, timings } = this.#options;
    const started = Date.now();
    const child = this.#fork();
    this.#process = child;
    let listened = false;
    child.on('message', (message) => {
      const port = listeningPort(message);
      if (port === undefined) return;
      listened = true;
      this.#port = port;
      this.emit('listening', `ws://${HOST}:${port}/kurento`);
    });
    child.on('error', (error) => {
      logger.error({ err: error, pid: child.pid }, 'Embedded media server failed');
      // What could not be started does not exit either.
      if (child.pid === undefined) child.emit('exit', null, null);
    });
    child.once('exit', (code, signal) => {
      this.#process = undefined;
      this.emit('exit');
      if (this.#closed) return;
      logger.error({ code, signal, pid: child.pid }, 'Embedded media server ended, starting it again');
      // What ended before it listened may have found its port taken by someone else.
      if (!listened) this.#port = 0;
      if (Date.now() - started > STABLE_MS) this.#failures = 0;
      this.#restartTimer = setTimeout(() => this.#start(), retryDelayMs(this.#failures, timings));
      this.#failures += 1;
    });
  }

  #fork(): ChildProcess {
    const { mediaPorts, mediaAddress, program = PROGRAM } = this.#options;
    const announce = mediaAddress === undefined ? [] : ['--media-address', mediaAddress];
    const ports = ['--media-ports', `${mediaPorts.min}-${mediaPorts.max}`];
    return fork(program, ['--host', HOST, '--port', String(this.#port), ...ports, ...announce], {
      execArgv: IS_BUILT ? ['--enable-source-maps'] : ['--import', import.meta.resolve('tsx')],
      // Out of reach of the terminal's Ctrl-C: it ends when this process tells it to, or is gone.
      detached: true,
    });
  }
}

function listeningPort(message: unknown): number | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  if (!('type' in message) || message.type !== 'listening') return undefined;
  return 'port' in message && typeof message.port === 'number' ? message.port : undefined;
}
