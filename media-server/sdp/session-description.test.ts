import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SdpError } from './sdp-error.ts';
import { planAnswer } from './negotiation.ts';
import type { DirectionPolicy } from './negotiation.ts';
import { RtpEndpoint } from '../endpoint/rtp-endpoint.ts';
import { parseSessionDescription } from './session-description.ts';
import { chromeLikeOffer } from '../../testing/media-server/chrome-like-offer.ts';
import type { TransportParameters } from '../transport/transport.ts';

const BOTH: DirectionPolicy = { mayReceive: true, maySend: true };
const TRANSPORT: TransportParameters = {
  iceUfrag: 'abcd',
  icePwd: 'a'.repeat(24),
  fingerprint: `sha-256 ${Array(32).fill('AB').join(':')}`,
  setup: 'actpass',
};
const OFFER = chromeLikeOffer(TRANSPORT);

function answer(offer: string): string {
  const endpoint = new RtpEndpoint({ bindAddress: '127.0.0.1' });
  try {
    return endpoint.processOffer(offer);
  } finally {
    endpoint.close();
  }
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof SdpError) return error.code;
    throw error;
  }
  return 'none';
}

describe('planAnswer', () => {
  it('mirrors directions, and honours what the endpoint may do', () => {
    const direction = (
      audio: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive',
      policy = BOTH,
    ): string | undefined =>
      planAnswer(parseSessionDescription(chromeLikeOffer(TRANSPORT, { audio })), policy).sections[0]
        ?.direction;
    expect(direction('sendrecv')).toBe('sendrecv');
    expect(direction('sendonly')).toBe('recvonly');
    expect(direction('recvonly')).toBe('sendonly');
    expect(direction('inactive')).toBe('inactive');
    expect(direction('sendrecv', { mayReceive: true, maySend: false })).toBe('recvonly');
    expect(direction('sendrecv', { mayReceive: false, maySend: true })).toBe('sendonly');
  });

  it('receives on one m-line of a kind and sends on another', () => {
    const [head = '', video = ''] = OFFER.split(/(?=m=video)/);
    const two = [
      head.replace('BUNDLE 0 1', 'BUNDLE 0 1 2 3'),
      video.replace('a=sendrecv', 'a=sendonly'),
      video.replace('a=sendrecv', 'a=recvonly').replace('a=mid:1', 'a=mid:2'),
      video.replace('a=mid:1', 'a=mid:3'),
    ].join('');
    const plan = planAnswer(parseSessionDescription(two), BOTH);
    expect(plan.sections.map((section) => section.direction)).toEqual([
      'sendrecv',
      'recvonly',
      'sendonly',
      'inactive',
    ]);
    expect([plan.received.video?.mid, plan.sent.video?.mid]).toEqual(['1', '2']);
  });

  it('takes VP8, or H.264 when there is no VP8, and rejects what it cannot forward', () => {
    const chosen = (offer: string): unknown =>
      planAnswer(parseSessionDescription(offer), BOTH).sections[1]?.codecs.map(({ name }) => name);
    expect(chosen(OFFER)).toEqual(['vp8']);
    const withoutVp8 = OFFER.replace('VP8/90000', 'VP9/90000');
    expect(chosen(withoutVp8)).toEqual(['h264']);
    expect(chosen(withoutVp8.replace('packetization-mode=1', 'packetization-mode=0'))).toEqual([]);
  });

  it('accepts bundle-only m-lines and leaves m-lines outside the bundle alone', () => {
    const bundleOnly = OFFER.replace('m=video 9', 'm=video 0').replace('a=mid:1', 'a=mid:1\r\na=bundle-only');
    expect(planAnswer(parseSessionDescription(bundleOnly), BOTH).received.video).toBeDefined();
    const unbundled = OFFER.replace('BUNDLE 0 1', 'BUNDLE 0');
    expect(planAnswer(parseSessionDescription(unbundled), BOTH).received.video).toBeUndefined();
  });
});

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
    expect(codeOf(() => answer(''))).toBe('empty');
    expect(codeOf(() => answer('garbage'))).toBe('invalid');
    const endpoint = new RtpEndpoint({ bindAddress: '127.0.0.1' });
    expect(codeOf(() => endpoint.processAnswer(OFFER))).toBe('offer-not-generated');
    endpoint.processOffer(OFFER);
    expect(codeOf(() => endpoint.processOffer(OFFER))).toBe('already-negotiated');
    expect(codeOf(() => endpoint.generateOffer())).toBe('already-negotiated');
    expect(codeOf(() => endpoint.processAnswer(OFFER))).toBe('offer-not-generated');
    endpoint.close();
    expect(codeOf(() => endpoint.processOffer(OFFER))).toBe('closed');
  });

  it('is given in spite of STUN and TURN servers that make no sense', () => {
    const endpoint = new RtpEndpoint({ bindAddress: '127.0.0.1', stunServer: 'no port', turnUrl: 'garbage' });
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
});

describe('parseSessionDescription', () => {
  /** Offers with characters and lines removed, repeated and replaced. */
  const mutated = fc
    .array(fc.tuple(fc.nat(OFFER.length), fc.nat(40), fc.string({ maxLength: 20 })), { maxLength: 6 })
    .map((edits) =>
      edits.reduce(
        (text, [at, length, insert]) => text.slice(0, at) + insert + text.slice(at + length),
        OFFER,
      ),
    );

  it('refuses with SdpError or gives a plan, whatever comes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), mutated), (text) => {
        const code = codeOf(() => planAnswer(parseSessionDescription(text), BOTH));
        expect(['none', 'empty', 'invalid']).toContain(code);
      }),
      { numRuns: 500 },
    );
  });

  it('never lets an offer through that the transport chokes on', () => {
    fc.assert(
      fc.property(mutated, (text) => {
        expect(['none', 'empty', 'invalid']).toContain(codeOf(() => answer(text)));
      }),
      { numRuns: 40 },
    );
  });
});
