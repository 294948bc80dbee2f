/** Every code with which a socket is closed (RFC 6455, 7.4). */
export const CLOSE = {
  /** The page has ended its part on purpose. */
  normal: 1000,
  /** The page is being left, or the server stops. */
  goingAway: 1001,
  /** Too many bad frames, or none that registers. */
  policyViolation: 1008,
  /** More connections than the server takes. */
  tryAgainLater: 1013,
  /** Another socket has resumed this one's session. */
  superseded: 4001,
} as const;

/** Whether a close says that the page has ended its part, so that nothing is kept for it. */
export function isClean(code: number): boolean {
  return code === CLOSE.normal || code === CLOSE.goingAway;
}
