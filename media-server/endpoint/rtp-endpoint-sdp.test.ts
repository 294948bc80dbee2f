import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutatedOffer } from '../../testing/media-server/arbitraries.ts';
import { chromeLikeOffer, TEST_TRANSPORT } from '../../testing/media-server/chrome-like-offer.ts';
import { parseSessionDescription } from '../sdp/session-description.ts';
import { RtpEndpoint } from './rtp-endpoint.ts';
import { sdpErrorCodeOf } from '../../testing/media-server/sdp-error-code.ts';

const OFFER = chromeLikeOffer(TEST_TRANSPORT);

function answer(offer: string): string {
  const endpoint = new RtpEndpoint({ bindAddress: '127.0.0.1' });
  try {
    return endpoint.processOffer(offer);
  } finally {
    endpoint.close();
  }
}

describe('an answer', () => {
  it('has the offer’s payload types, extension ids and feedback, and names the streams at once', () => {
    const text = answer(OFFER);
    const [audio, video] = parseSessionDescription(text).media;
    expect(audio?.codecs.map(({ payloadType, fmtp }) => [payloadType, fmtp])).toEqual([
      [111, 'minptime=10;useinbandfec=1'],
    ]);
    expect(video?.codecs[0]?.feedback).toEqual(['goog-remb', 'transport-cc', 'ccm fir', 'nack', 'nack pli']);
    expect(Object.fromEntries(video?.extensions ?? [])).toEqual({
      'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time': 2,
      'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01': 3,
      'urn:ietf:params:rtp-hdrext:sdes:mid': 4,
    });
    expect(text.match(/^a=msid:/gm)).toHaveLength(2);
    expect(text.match(/^a=ssrc:\d+ cname:/gm)).toHaveLength(2);
    expect(text).toMatch(/^a=group:BUNDLE 0 1\r$/m);
    expect(text).not.toMatch(/rtx/);
  });

  it('rejects data and unknown m-lines and keeps their place', () => {
    const data = 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\na=sctp-port:5000\r\n';
    const { media } = parseSessionDescription(answer(OFFER + data));
    expect(media.map(({ type, port }) => [type, port])).toEqual([
      ['audio', 9],
      ['video', 9],
      ['application', 0],
    ]);
  });

  it('is given, with nothing accepted, where there is nothing to accept', () => {
    expect(answer('v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n')).not.toContain('m=');
    expect(answer(OFFER.replace(/a=fingerprint.*\r\n/g, ''))).toMatch(/m=audio 0 /);
    expect(answer('v=0\ns=-\nm=audio 5000 RTP/AVP 0\n')).toMatch(/m=audio 0 RTP\/AVP 0/);
    expect(answer('v=0\ns=-\nm=audio\n')).toMatch(/m=audio 0/);
  });

  it('is refused for garbage, at the wrong time, and twice', () => {
    expect(sdpErrorCodeOf(() => answer(''))).toBe('empty');
    expect(sdpErrorCodeOf(() => answer('garbage'))).toBe('invalid');
    const endpoint = new RtpEndpoint({ bindAddress: '127.0.0.1' });
    expect(sdpErrorCodeOf(() => endpoint.processAnswer(OFFER))).toBe('offer-not-generated');
    endpoint.processOffer(OFFER);
    expect(sdpErrorCodeOf(() => endpoint.processOffer(OFFER))).toBe('already-negotiated');
    expect(sdpErrorCodeOf(() => endpoint.generateOffer())).toBe('already-negotiated');
    expect(sdpErrorCodeOf(() => endpoint.processAnswer(OFFER))).toBe('offer-not-generated');
    endpoint.close();
    expect(sdpErrorCodeOf(() => endpoint.processOffer(OFFER))).toBe('closed');
  });

  it.each([
    ['no port', 'garbage'],
    ['[:::]:3478', 'user:secret@[:::]:3478'],
    ['127.0.0.1:70000', 'user:secret@127.0.0.1:0'],
  ])('is given in spite of the STUN server %s and the TURN server %s', (stunServer, turnUrl) => {
    const endpoint = new RtpEndpoint({ bindAddress: '127.0.0.1', stunServer, turnUrl });
    expect(endpoint.processOffer(OFFER)).toContain('a=ice-ufrag');
    endpoint.close();
  });

  it('takes no transport-wide numbering without its feedback', () => {
    expect(answer(OFFER.replace(/a=rtcp-fb:\d+ transport-cc\r\n/g, ''))).not.toContain('transport-wide');
  });

  it('limits Opus when asked to', () => {
    const endpoint = new RtpEndpoint({ bindAddress: '127.0.0.1' });
    endpoint.setBandwidth({ maxAudioRecvKbps: 32 });
    expect(endpoint.processOffer(OFFER)).toContain('useinbandfec=1;maxaveragebitrate=32000');
    endpoint.close();
  });

  it('is given or refused with SdpError, whatever is changed in the offer', () => {
    fc.assert(
      fc.property(mutatedOffer, (text) => {
        expect(['none', 'empty', 'invalid']).toContain(sdpErrorCodeOf(() => answer(text)));
      }),
      { numRuns: 40 },
    );
  });
});
