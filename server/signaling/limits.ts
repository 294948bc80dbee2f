/** What one client may take, and for how long the server waits. Durations are milliseconds. */
export interface Limits {
  /** Between two ping frames. */
  readonly pingIntervalMs: number;
  /** Without any frame or pong until a connection counts as dead. */
  readonly silenceMs: number;
  /** Until a connection to `/signal` must have registered. */
  readonly registrationMs: number;
  /** For which a lost connection may be resumed. */
  readonly graceMs: number;
  /** Frames kept for a connection that is lost; with more it cannot be resumed. */
  readonly queuedFramesMax: number;
  /** Bad frames within `badFrameWindowMs`, the last of which closes the connection. */
  readonly badFramesMax: number;
  readonly badFrameWindowMs: number;
  /** Frames at once before registration, and how many more each second. */
  readonly unregistered: Rate;
  /** Frames at once, and how many more each second: joining a large room sends hundreds of candidates. */
  readonly registered: Rate;
  /** Connections at a time that have not registered. */
  readonly unregisteredConnectionsMax: number;
  /** Bytes waiting in a socket that its page does not read, until it is cut. */
  readonly unsentBytesMax: number;
}

/** How often something may be done. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

export const DEFAULT_LIMITS: Limits = {
  pingIntervalMs: 15_000,
  silenceMs: 45_000,
  registrationMs: 30_000,
  graceMs: 30_000,
  queuedFramesMax: 200,
  badFramesMax: 10,
  badFrameWindowMs: 10_000,
  unregistered: { burst: 20, perSecond: 2 },
  registered: { burst: 1000, perSecond: 100 },
  unregisteredConnectionsMax: 2000,
  unsentBytesMax: 4 * 1024 * 1024,
};

/** The largest frame a client may send, in bytes; a larger one closes its connection (1009). */
export const FRAME_MAX_BYTES = 65_536;
