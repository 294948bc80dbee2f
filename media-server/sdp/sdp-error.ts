/** Why a session description was refused. */
export type SdpErrorCode = 'empty' | 'invalid' | 'already-negotiated' | 'offer-not-generated' | 'closed';

const SDP_MESSAGES: Record<SdpErrorCode, string> = {
  empty: 'Empty offer not valid',
  invalid: 'Invalid SDP',
  'already-negotiated': 'Endpoint already negotiated',
  'offer-not-generated': 'Offer not generated. It is not possible to process an answer.',
  closed: 'Endpoint is closed',
};

/** A session description that cannot be used, or that comes at the wrong time. */
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

/** An ICE candidate that is not one (RFC 8839, section 5.1). */
export class IceCandidateError extends Error {
  readonly code = 'invalid-candidate';

  constructor(candidate: string) {
    super(`Not an ICE candidate: ${candidate.slice(0, 100)}`);
    this.name = 'IceCandidateError';
  }
}

/** No socket can be opened for media: the ports that may be used are taken, or the process has no descriptor left. */
export class NoPortError extends Error {
  readonly code = 'no-port';

  constructor() {
    super('No UDP port is free for media');
    this.name = 'NoPortError';
  }
}
