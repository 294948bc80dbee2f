import fc from 'fast-check';
import { chromeLikeOffer, TEST_TRANSPORT } from './chrome-like-offer.ts';

const OFFER = chromeLikeOffer(TEST_TRANSPORT);

/** Offers with characters and lines removed, repeated and replaced. */
export const mutatedOffer = fc
  .array(fc.tuple(fc.nat(OFFER.length), fc.nat(40), fc.string({ maxLength: 20 })), { maxLength: 6 })
  .map((edits) =>
    edits.reduce((text, [at, length, insert]) => text.slice(0, at) + insert + text.slice(at + length), OFFER),
  );
