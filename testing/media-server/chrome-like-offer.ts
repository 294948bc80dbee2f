import type { Direction, TransportParameters } from '../../media-server/sdp/session-description.ts';

/** Well-formed parameters of a peer that does not exist. */
export const TEST_TRANSPORT: TransportParameters = {
  iceUfrag: 'abcd',
  icePwd: 'a'.repeat(24),
  fingerprint: `sha-256 ${Array(32).fill('AB').join(':')}`,
  setup: 'actpass',
};

/** The media of a test browser's offer. */
export interface TestBrowserOptions {
  audio?: Direction | 'none';
  video?: Direction | 'none';
  audioPayloadType?: number;
  videoPayloadType?: number;
  transportCc?: boolean;
}

/** An offer in the form of Chrome's. */
export function chromeLikeOffer(transport: TransportParameters, options: TestBrowserOptions = {}): string {
  const { audio = 'sendrecv', video = 'sendrecv', transportCc = true } = options;
  const common = (mid: string, direction: Direction): string[] => [
    'c=IN IP4 0.0.0.0',
    'a=rtcp:9 IN IP4 0.0.0.0',
    `a=ice-ufrag:${transport.iceUfrag}`,
    `a=ice-pwd:${transport.icePwd}`,
    'a=ice-options:trickle',
    `a=fingerprint:${transport.fingerprint}`,
    `a=setup:${transport.setup}`,
    `a=mid:${mid}`,
    'a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
    ...(transportCc
      ? ['a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01']
      : []),
    'a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid',
    `a=${direction}`,
    'a=rtcp-mux',
    'a=rtcp-rsize',
  ];
  const sections: string[] = [];
  const mids: string[] = [];
  const open = (): string => {
    mids.push(String(mids.length));
    return mids.at(-1) ?? '0';
  };
  const fb = (pt: number, names: string[]): string[] => names.map((name) => `a=rtcp-fb:${pt} ${name}`);
  if (audio !== 'none') {
    const pt = options.audioPayloadType ?? 111;
    sections.push(
      `m=audio 9 UDP/TLS/RTP/SAVPF ${pt} 9 0 8`,
      ...common(open(), audio),
      'a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level',
      `a=rtpmap:${pt} opus/48000/2`,
      ...fb(pt, transportCc ? ['transport-cc'] : []),
      `a=fmtp:${pt} minptime=10;useinbandfec=1`,
    );
  }
  if (video !== 'none') {
    const pt = options.videoPayloadType ?? 96;
    sections.push(
      `m=video 9 UDP/TLS/RTP/SAVPF ${pt} 97 108`,
      ...common(open(), video),
      `a=rtpmap:${pt} VP8/90000`,
      ...fb(pt, ['goog-remb', ...(transportCc ? ['transport-cc'] : []), 'ccm fir', 'nack', 'nack pli']),
      'a=rtpmap:97 rtx/90000',
      `a=fmtp:97 apt=${pt}`,
      'a=rtpmap:108 H264/90000',
      'a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
    );
  }
  return [
    'v=0',
    'o=- 1 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    `a=group:BUNDLE ${mids.join(' ')}`,
    'a=extmap-allow-mixed',
    ...sections,
    '',
  ].join('\r\n');
}
