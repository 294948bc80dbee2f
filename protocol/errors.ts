/**
 * The general code: what a code counts as that a newer version has added and this one does not know.
 * Nobody sends it.
 */
export const GENERAL_CODE = 'failed' as const;

/** A code as the receiver knows it. */
export type Received<Code extends string> = Code | typeof GENERAL_CODE;

/** Codes of the `error` message. They are stable: clients decide by them. */
export const ERROR_CODES = [
  'bad-message',
  'unknown-message',
  'not-registered',
  'already-registered',
  'not-allowed',
  'already-in-call',
  'unknown-call',
  'unknown-group',
  'unknown-room',
  'not-a-member',
  'group-of-one',
  'no-such-participant',
  'bad-sdp',
  'need-offer',
  'media-unavailable',
  'store-unavailable',
  'rate-limited',
  'overloaded',
  'token-expired',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** Why a one-to-one call did not come about, as the caller is told in `callResponse`. */
export const REFUSAL_CODES = [
  'declined',
  'busy',
  'no-answer',
  'offline',
  'not-allowed',
  'no-device',
  'media-failed',
  'media-unavailable',
] as const;

export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** Why a call or one's part in it ended, as told in `stopCommunication`. */
export const STOP_REASONS = [
  'hangup',
  'cancelled',
  'answered-elsewhere',
  'declined-elsewhere',
  'no-answer',
  'peer-lost',
  'media-failed',
  'replaced',
  'removed',
  'ended',
  'shutdown',
] as const;

export type StopReason = (typeof STOP_REASONS)[number];

/** Why `register` or `resume` was refused. */
export const REGISTER_REJECTION_CODES = [
  'bad-message',
  'not-allowed',
  'token-missing',
  'token-expired',
  'token-invalid',
  'token-not-yet-valid',
  'resume-expired',
  'rate-limited',
  'overloaded',
] as const;

export type RegisterRejectionCode = (typeof REGISTER_REJECTION_CODES)[number];

/**
 * A request that the server refuses: sent to the client as the `error` message.
 * Its message is one English sentence that a site admin can act on.
 */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly code: ErrorCode;
  /** When the same request may succeed, in milliseconds from now. */
  readonly retryAfterMs: number | undefined;

  /**
   * @param code what went wrong; stable
   * @param message one sentence, shown to the site's admin
   * @param options.retryAfterMs when to try again, in milliseconds; who is told so has sent no bad frame
   */
  constructor(code: ErrorCode, message: string, options: { readonly retryAfterMs?: number } = {}) {
    super(message);
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
  }
}
