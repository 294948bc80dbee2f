import pino from 'pino';

/** What the media server logs with. */
export type Logger = Pick<pino.Logger, 'info' | 'warn' | 'error' | 'debug'>;

/** A logger of one JSON line per event to stderr. */
export function createLogger(level = 'info'): Logger {
  return pino({ name: 'media-server', level }, pino.destination({ fd: 2, sync: true }));
}
