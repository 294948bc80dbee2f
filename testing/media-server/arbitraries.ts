import fc from 'fast-check';
import { chromeLikeOffer, TEST_TRANSPORT } from './chrome-like-offer.ts';
import { rtpPacket } from './test-stream.ts';

/** A valid RTP packet with the header extensions that {@link rtpPacket} writes. */
export const VALID_PACKET = rtpPacket({
  payloadType: 96,
  sequenceNumber: 7,
  timestamp: 9,
  ssrc: 5,
  payload: Buffer.from('xy'),
});

export const arbitraryBytes = fc.uint8Array({ maxLength: 200 });

/** A valid packet with some bytes changed and perhaps cut off. */
const mutatedPacket = fc
  .tuple(
    fc.array(fc.tuple(fc.nat(VALID_PACKET.length - 1), fc.nat(255)), { maxLength: 5 }),
    fc.nat(VALID_PACKET.length),
  )
  .map(([changes, length]) => {
    const copy = Buffer.from(VALID_PACKET);
    for (const [at, value] of changes) copy[at] = value;
    return copy.subarray(0, length);
  });

/** Anything that may arrive in place of an RTP packet. */
export const arbitraryPacket = fc.oneof(arbitraryBytes, mutatedPacket);

const OFFER = chromeLikeOffer(TEST_TRANSPORT);

/** Offers with characters and lines removed, repeated and replaced. */
export const mutatedOffer = fc
  .array(fc.tuple(fc.nat(OFFER.length), fc.nat(40), fc.string({ maxLength: 20 })), { maxLength: 6 })
  .map((edits) =>
    edits.reduce((text, [at, length, insert]) => text.slice(0, at) + insert + text.slice(at + length), OFFER),
  );
