/** What one client may take, and for how long the server waits. Durations are milliseconds. */
export interface Limits {
  /** Between two ping frames. */
  readonly pingIntervalMs: number;
  /** Without any frame or pong until a connection counts as dead. */
  readonly silenceMs: number;
  /** Until a connection to `/signal` must have registered. */
  readonly registrationMs: number;
  /** The same on the tutorials' paths: their pages connect first, and then ask their user for a name. */
  readonly tutorialRegistrationMs: number;
  /** For which a lost connection may be resumed. */
  readonly graceMs: number;
  /** Between two looks at whether the call has ended that keeps a connection whose token has run out. */
  readonly expiredTokenRecheckMs: number;
  /** Frames kept until they have arrived; a lost connection with more of them cannot be resumed. */
  readonly queuedFramesMax: number;
  /**
   * Bytes of the frames that are kept until they have arrived, those not yet written included. Who lets more
   * pile up is cut and cannot resume.
   */
  readonly queuedBytesMax: number;
  /** Bytes in a socket that the network has not taken yet; from there on frames wait in the queue. */
  readonly unsentBytesMax: number;
  /** Bytes of a client's frames that wait to be handled; from there on its socket is not read. */
  readonly unhandledBytesMax: number;
  /** The same before registration. */
  readonly unhandledBytesMaxUnregistered: number;
  /** Bad frames within `badFrameWindowMs`, the last of which closes the connection. */
  readonly badFramesMax: number;
  readonly badFrameWindowMs: number;
  /** Frames at once before registration, and how many more each second. */
  readonly unregistered: Rate;
  /** Frames at once, and how many more each second: joining a large room sends hundreds of candidates. */
  readonly registered: Rate;
  /** Connections of one address that have not registered; one more sends the oldest away. */
  readonly unregisteredPerAddressMax: number;
  /** The same for all addresses together. */
  readonly unregisteredMax: number;
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
  tutorialRegistrationMs: 5 * 60_000,
  graceMs: 30_000,
  expiredTokenRecheckMs: 5_000,
  queuedFramesMax: 200,
  queuedBytesMax: 4 * 1024 * 1024,
  unsentBytesMax: 256 * 1024,
  unhandledBytesMax: 256 * 1024,
  unhandledBytesMaxUnregistered: 64 * 1024,
  badFramesMax: 10,
  badFrameWindowMs: 10_000,
  unregistered: { burst: 20, perSecond: 2 },
  registered: { burst: 1000, perSecond: 100 },
  unregisteredPerAddressMax: 50,
  unregisteredMax: 2000,
};

/** The largest frame a client may send, in bytes; a larger one closes its connection (1009). */
export const FRAME_MAX_BYTES = 65_536;

/** How long a page has to answer a close, in milliseconds; then its socket is cut. */
export const CLOSE_TIMEOUT_MS = 5000;

/** What a frame takes up in a queue besides its text, in bytes: many tiny ones must not be free. */
const FRAME_OVERHEAD_BYTES = 100;

/** What a frame counts as in a queue, in bytes. */
export function queuedSizeOf(frame: string): number {
  return Buffer.byteLength(frame) + FRAME_OVERHEAD_BYTES;
}
