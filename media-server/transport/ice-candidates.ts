import { isIP, isIPv4 } from 'node:net';

const CANDIDATE =
  /^(?:a=)?candidate:([\w+/]{1,32}) (\d{1,3}) (udp|tcp) (\d{1,10}) (\S{1,253}) (\d{1,5}) typ (host|srflx|prflx|relay)( .*)?$/i;
const MAX_CANDIDATE_CHARACTERS = 1000;
const RTP_COMPONENT = '1';

/** A malformed ICE candidate (RFC 8839, section 5.1). */
export class IceCandidateError extends Error {
  readonly code = 'invalid-candidate';

  constructor(candidate: string) {
    super(`Not an ICE candidate: ${candidate.slice(0, 100)}`);
    this.name = 'IceCandidateError';
  }
}

/**
 * Checks a browser's candidate (RFC 8839, section 5.1).
 * @returns the candidate, or `null` for one that cannot be used: TCP, RTCP, or a host name (mDNS)
 * @throws IceCandidateError
 */
export function usableCandidate(text: string): string | null {
  // An empty candidate marks the end of candidates.
  if (text.trim() === '') return null;
  const match = text.length <= MAX_CANDIDATE_CHARACTERS ? CANDIDATE.exec(text.trim()) : null;
  if (!match) throw new IceCandidateError(text);
  const [, , component, protocol = '', , address = '', port] = match;
  const usable =
    component === RTP_COMPONENT &&
    protocol.toLowerCase() === 'udp' &&
    isIP(address) !== 0 &&
    Number(port) > 0;
  return usable ? text.trim().replace(/^a=/, '') : null;
}

/** Replaces the address of a host candidate by the announced one, if both are of the same family. */
export function announceCandidate(candidate: string, announcedAddress: string | undefined): string {
  if (!announcedAddress) return candidate;
  const match = CANDIDATE.exec(candidate);
  const address = match?.[5] ?? '';
  if (match?.[7] !== 'host' || isIPv4(address) !== isIPv4(announcedAddress)) return candidate;
  return candidate.replace(` ${address} `, ` ${announcedAddress} `);
}
