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

  /**
   * @param code what went wrong; stable
   * @param message one sentence, shown to the site's admin
   */
  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
