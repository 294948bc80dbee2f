import type { Candidate } from '../../protocol/index.ts';

/**
 * Which of the media server's candidates a browser can use.
 *
 * Kurento finds each address once for every m-line and for RTP and RTCP, even where they all share one
 * transport: 36 candidates where 9 would do.
 * @param sdpAnswer what was agreed on: BUNDLE (RFC 9143), `rtcp-mux` (RFC 5761)
 */
export function candidateFilter(sdpAnswer: string): (candidate: Candidate) => boolean {
  const bundle = /^a=group:BUNDLE (.*?)\r?$/m.exec(sdpAnswer)?.[1]?.split(' ') ?? [];
  const sharing = new Set(bundle.slice(1));
  // Without what was refused (port 0) and data channels, which have no RTCP.
  const media = sdpAnswer.split(/^m=/m).filter((section) => /^(audio|video) [1-9]/.test(section));
  const rtcpMux = media.every((section) => section.includes('a=rtcp-mux'));
  return ({ candidate, sdpMid }) => {
    // candidate:<foundation> <component> …; component 2 is RTCP (RFC 8839, 5.1)
    const ofRtcp = candidate.split(' ')[1] === '2';
    return !(ofRtcp && rtcpMux) && !sharing.has(sdpMid ?? '');
  };
}
