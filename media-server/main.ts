/**
 * The media server's process: started by `child_process.fork`, or by `bin/video-call-media.js`. With a parent it
 * sends `{type: 'listening', port}`, and ends when the parent does.
 */
import { HELP, readCommand } from './arguments.ts';
import { createLogger } from './logger.ts';
import { startMediaServer, type MediaServerOptions } from './server.ts';

const EXIT_MISTAKES = 2;

const forked = process.send !== undefined;
const command = readCommand(process.argv.slice(2), process.env, forked ? 0 : undefined);

switch (command.kind) {
  case 'help':
    process.stdout.write(HELP);
    break;
  case 'mistakes':
    process.stderr.write(`${command.mistakes.join('\n')}\n\n${HELP}`);
    process.exitCode = EXIT_MISTAKES;
    if (process.connected) process.disconnect();
    break;
  case 'run':
    await run(command.options);
    break;
  default:
    command satisfies never;
}

async function run(options: MediaServerOptions): Promise<void> {
  const logger = createLogger(process.env.LOG_LEVEL);
  try {
    const server = await startMediaServer({ ...options, logger });
    logger.info({ url: server.url }, 'listening');
    const stop = (): void => {
      // The native media threads must not keep the process alive.
      void server.close().then(() => process.exit(0));
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
    if (forked) {
      process.once('disconnect', stop);
      if (process.connected) process.send?.({ type: 'listening', port: server.port });
      else stop();
    }
  } catch (error) {
    logger.error({ err: error }, 'cannot start');
    process.exitCode = 1;
    if (process.connected) process.disconnect();
  }
}
