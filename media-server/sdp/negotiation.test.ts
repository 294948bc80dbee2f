import { describe, expect, it } from 'vitest';
import { chromeLikeOffer, TEST_TRANSPORT } from '../../testing/media-server/chrome-like-offer.ts';
import { planAnswer } from './negotiation.ts';
import type { DirectionPolicy } from './negotiation.ts';
import { parseSessionDescription } from './session-description.ts';

const BOTH: DirectionPolicy = { mayReceive: true, maySend: true };
const OFFER = chromeLikeOffer(TEST_TRANSPORT);

describe('planAnswer', () => {
  it('mirrors directions, and honours what the endpoint may do', () => {
    const direction = (
      audio: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive',
      policy = BOTH,
    ): string | undefined =>
      planAnswer(parseSessionDescription(chromeLikeOffer(TEST_TRANSPORT, { audio })), policy).sections[0]
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
