import { describe, expect, it } from 'vitest';
import { NO_LIMITS, videoReceiveLimitBps, videoSendLimitBps } from './bandwidth-limits.ts';

describe('the limit of sending video', () => {
  it('is what the receiver allows, within the configured minimum and maximum', () => {
    const limits = { ...NO_LIMITS, minVideoSendKbps: 100, maxVideoSendKbps: 500 };
    expect([50_000, 300_000, Infinity].map((bps) => videoSendLimitBps(limits, bps))).toEqual([
      100_000, 300_000, 500_000,
    ]);
    expect(videoSendLimitBps(NO_LIMITS, Infinity)).toBe(Infinity);
  });
});

describe('the limit of receiving video', () => {
  it('is what the receivers allow, at least 100 kbit/s, at most the configured maximum', () => {
    const limits = { ...NO_LIMITS, maxVideoRecvKbps: 800 };
    expect([10_000, 300_000, Infinity].map((bps) => videoReceiveLimitBps(limits, bps))).toEqual([
      100_000, 300_000, 800_000,
    ]);
    expect(videoReceiveLimitBps(NO_LIMITS, Infinity)).toBe(Infinity);
    expect(videoReceiveLimitBps({ ...NO_LIMITS, maxVideoRecvKbps: 50 }, Infinity)).toBe(50_000);
  });
});
