/** The process: reads the configuration, starts the server, and stops it when it is told to. */
import { type Logger, pino } from 'pino';
import { type Config, ConfigError, readConfig } from './config.ts';
import { ListenError } from './listen.ts';
import { type RunningServer, startServer } from './server.ts';

/** Exit codes: a mistake of who started it is not a failure of the server. */
const EXIT = { failure: 1, badConfiguration: 2 } as const;
const ORPHAN_CHECK_MS = 500;
/** As it was at first: it may be gone before the server is up. */
const PARENT_PID = process.ppid;

const write = (text: string) => process.stdout.write(`${text}\n`);

function read(): Config | undefined {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = EXIT.badConfiguration;
    return undefined;
  }
}

function announce({ url }: RunningServer, { isDemoOn }: Config): void {
  write(`\n  video-call is at ${url}\n`);
  if (!isDemoOn) return;
  write('  Open it in two windows: each becomes another person. In one, click the camera to call the other.');
  write('  用两个窗口打开：每个窗口是不同的人；在其中一个点击摄像头图标，呼叫另一个。\n');
}

function stopWhenTold(server: RunningServer, logger: Logger): void {
  let isStopping = false;
  const stop = () => {
    if (isStopping) return;
    isStopping = true;
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'the server did not stop cleanly');
        process.exit(EXIT.failure);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  if (process.env['npm_lifecycle_event'] !== undefined) whenOrphaned(stop);
}

/** npm passes a SIGTERM on to its shell only, which ends without a word to what it runs. */
function whenOrphaned(stop: () => void): void {
  setInterval(() => process.ppid !== PARENT_PID && stop(), ORPHAN_CHECK_MS).unref();
}

const config = read();
if (config) {
  const logger = pino({ level: config.logLevel }, pino.destination(2));
  try {
    const server = await startServer(config, { logger });
    stopWhenTold(server, logger);
    announce(server, config);
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = EXIT.failure;
  }
}
