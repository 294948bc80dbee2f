/** Every code with which a socket is closed, by either side (RFC 6455, 7.4). */
export const CLOSE = {
  /** The page has ended its part on purpose. */
  normal: 1000,
  /** The page is being left, or the server stops. */
  goingAway: 1001,
  /** Too many bad frames, or none that registers. */
  policyViolation: 1008,
  /** A frame is larger than the server takes. */
  messageTooBig: 1009,
  /** More connections wait for their registration than the server lets wait. */
  tryAgainLater: 1013,
  /** The page has given up a socket that seems dead, and comes back on another one. */
  abandoned: 4000,
  /** Another socket has resumed this one's session. */
  superseded: 4001,
  /** The token has run out and was not renewed: the page registers afresh, with another one. */
  tokenExpired: 4002,
} as const;

/** Whether a close says that the page has ended its part, so that nothing is kept for it. */
export function isClean(code: number): boolean {
  return code === CLOSE.normal || code === CLOSE.goingAway;
}
