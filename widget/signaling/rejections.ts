import type { Received, RegisterRejectionCode } from '../../protocol/index.ts';

/** Why the server does not let the page in, as far as this version knows. */
export type RejectionCode = Received<RegisterRejectionCode>;

const PASSING: readonly RejectionCode[] = ['rate-limited', 'overloaded', 'token-not-yet-valid'];
const STALE_TOKEN: readonly RejectionCode[] = ['token-expired', 'token-invalid'];

/** Whether another attempt, a little later, may not be rejected. */
export function mayPass(code: RejectionCode): boolean {
  return PASSING.includes(code);
}

/** Whether a fresh token may cure it. */
export function mayBeStale(code: RejectionCode): boolean {
  return STALE_TOKEN.includes(code);
}
