import pino from 'pino';

/**
 * What the media server logs with. Levels: `error` for what an operator must look into, `warn` for what was refused or
 * works only in part, `info` for the life of the process, `debug` for single connections. Errors are logged under
 * `err`, the only key under which pino serialises them.
 */
export type Logger = Pick<pino.Logger, 'info' | 'warn' | 'error' | 'debug'>;

/** A logger of one JSON line per event to stderr. */
export function createLogger(level = 'info'): Logger {
  return pino({ name: 'media-server', level }, pino.destination({ fd: 2, sync: true }));
}
