import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutatedOffer } from '../../testing/media-server/arbitrary-offers.ts';
import { planAnswer } from './negotiation.ts';
import type { DirectionPolicy } from './negotiation.ts';
import { SdpError } from './sdp-error.ts';
import { parseSessionDescription } from './session-description.ts';

const BOTH: DirectionPolicy = { mayReceive: true, maySend: true };

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof SdpError) return error.code;
    throw error;
  }
  return 'none';
}

describe('parseSessionDescription', () => {
  it('refuses with SdpError or gives a plan, whatever comes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), mutatedOffer), (text) => {
        const code = codeOf(() => planAnswer(parseSessionDescription(text), BOTH));
        expect(['none', 'empty', 'invalid']).toContain(code);
      }),
      { numRuns: 500 },
    );
  });
});
