import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryBytes } from '../../testing/media-server/arbitraries.ts';
import { startsH264KeyFrame, startsVp8KeyFrame } from './key-frames.ts';

describe('key frames', () => {
  it('are found in VP8 with any descriptor', () => {
    const starts = (...data: number[]): boolean => startsVp8KeyFrame(Buffer.from(data), 0, data.length);
    expect(starts(0x10, 0x00)).toBe(true);
    expect(starts(0x10, 0x01)).toBe(false);
    expect(starts(0x00, 0x00)).toBe(false);
    expect(starts(0x11, 0x00)).toBe(false);
    // X with a 15-bit picture id, TL0PICIDX and TID.
    expect(starts(0x90, 0xe0, 0x81, 0x02, 0x03, 0x04, 0x00)).toBe(true);
    expect(starts(0x90, 0x80, 0x01, 0x01)).toBe(false);
    expect(starts(0x90, 0xe0, 0x81)).toBe(false);
  });

  it('are found in H.264 alone, aggregated and fragmented', () => {
    const starts = (...data: number[]): boolean => startsH264KeyFrame(Buffer.from(data), 0, data.length);
    expect(starts(0x67)).toBe(true);
    expect(starts(0x65)).toBe(true);
    expect(starts(0x41)).toBe(false);
    expect(starts(0x78, 0, 1, 0x09, 0, 2, 0x67, 0)).toBe(true);
    expect(starts(0x78, 0, 1, 0x09, 0, 9, 0x67)).toBe(false);
    expect(starts(0x7c, 0x85)).toBe(true);
    expect(starts(0x7c, 0x05)).toBe(false);
  });

  it('are looked for within the payload only', () => {
    fc.assert(
      fc.property(arbitraryBytes, fc.nat(10), (data, cut) => {
        const end = Math.max(0, data.length - cut);
        const guarded = data.slice(0, end);
        for (const test of [startsVp8KeyFrame, startsH264KeyFrame])
          expect(test(data, 0, end)).toBe(test(guarded, 0, end));
      }),
      { numRuns: 1000 },
    );
  });
});
