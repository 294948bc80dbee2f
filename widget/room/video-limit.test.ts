import { expect, it } from 'vitest';
import { videoLimitFor } from './video-limit.ts';

it('sends less, the more there are to receive it', () => {
  const limits = [2, 4, 9, 16].map((people) => videoLimitFor(people, false));
  for (const [index, { maxBitrate, scaleResolutionDownBy }] of limits.slice(1).entries()) {
    expect(maxBitrate).toBeLessThan(limits[index]?.maxBitrate ?? 0);
    expect(scaleResolutionDownBy).toBeGreaterThan(limits[index]?.scaleResolutionDownBy ?? Infinity);
  }
});

it('never asks more of a participant’s connection than six megabits a second', () => {
  for (let people = 2; people <= 16; people += 1) {
    expect(videoLimitFor(people, false).maxBitrate * (people - 1)).toBeLessThanOrEqual(6_000_000);
  }
});

it('keeps a shared screen sharp', () => {
  expect(videoLimitFor(16, true).scaleResolutionDownBy).toBe(1);
});
