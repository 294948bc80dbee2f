/** Why a session description was refused. */
export type SdpErrorCode = 'empty' | 'invalid' | 'already-negotiated' | 'offer-not-generated' | 'closed';

const SDP_MESSAGES: Record<SdpErrorCode, string> = {
  empty: 'Empty offer not valid',
  invalid: 'Invalid SDP',
  'already-negotiated': 'Endpoint already negotiated',
  'offer-not-generated': 'Offer not generated. It is not possible to process an answer.',
  closed: 'Endpoint is closed',
};

/** A session description that cannot be used, or not in the endpoint's present state. */
export class SdpError extends Error {
  readonly code: SdpErrorCode;
  /** What exactly is wrong, for the log. */
  readonly detail: string;

  constructor(code: SdpErrorCode, detail = '') {
    super(SDP_MESSAGES[code]);
    this.name = 'SdpError';
    this.code = code;
    this.detail = detail;
  }
}
