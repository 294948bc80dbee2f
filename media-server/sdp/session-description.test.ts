import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutatedOffer } from '../../testing/media-server/arbitraries.ts';
import { planAnswer } from './negotiation.ts';
import type { DirectionPolicy } from './negotiation.ts';
import { parseSessionDescription } from './session-description.ts';
import type { MediaSection } from './session-description.ts';
import { sdpErrorCodeOf } from '../../testing/media-server/sdp-error-code.ts';

const BOTH: DirectionPolicy = { mayReceive: true, maySend: true };

describe('parseSessionDescription', () => {
  const video = (...lines: string[]): MediaSection | undefined =>
    parseSessionDescription(['v=0', 'm=video 9 UDP/TLS/RTP/SAVPF 96 096 97', ...lines].join('\n')).media[0];

  it('lists the feedback of a payload type and of all, each once', () => {
    const codecs = video(
      'a=rtpmap:96 VP8/90000',
      'a=rtcp-fb:96 nack pli',
      ...Array<string>(1000).fill('a=rtcp-fb:* nack'),
      'a=rtcp-fb:96 nack',
      'a=rtcp-fb:97 goog-remb',
    )?.codecs;
    expect(codecs?.map(({ feedback }) => feedback)).toEqual([['nack', 'nack pli']]);
  });

  it('takes a payload type in one form only', () => {
    const codecs = video('a=rtpmap:96 VP8/90000', 'a=rtpmap:096 VP8/90000', 'a=rtpmap:97 H264/90000')?.codecs;
    expect(codecs?.map(({ payloadType, name }) => [payloadType, name])).toEqual([
      [96, 'vp8'],
      [97, 'h264'],
    ]);
  });

  it('refuses with SdpError or gives a plan, whatever comes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), mutatedOffer), (text) => {
        const code = sdpErrorCodeOf(() => planAnswer(parseSessionDescription(text), BOTH));
        expect(['none', 'empty', 'invalid']).toContain(code);
      }),
      { numRuns: 500 },
    );
  });
});
