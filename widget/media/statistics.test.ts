import { describe, expect, it } from 'vitest';
import { countersOf, levelOf, metricsBetween } from './statistics.ts';

const report = (bytes: number, packets: number, lost: number, frames: number) => [
  {
    type: 'inbound-rtp',
    kind: 'video',
    bytesReceived: bytes,
    packetsReceived: packets,
    packetsLost: lost,
    framesDecoded: frames,
  },
  { type: 'inbound-rtp', kind: 'audio', bytesReceived: 1_000, packetsReceived: 10, packetsLost: -1 },
  { type: 'outbound-rtp', bytesSent: bytes / 2 },
  { type: 'remote-inbound-rtp', fractionLost: 0.01 },
  { type: 'remote-inbound-rtp', fractionLost: 0.04 },
  { type: 'candidate-pair', nominated: false, currentRoundTripTime: 9 },
  { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.0504 },
  { type: 'codec' },
];

describe('statistics', () => {
  const before = countersOf(report(100_000, 100, 0, 10), 1_000);
  const after = countersOf(report(350_000, 190, 10, 60), 3_000);

  it('tells what happened between two looks', () => {
    expect(metricsBetween(before, after)).toEqual({
      roundTripMs: 50,
      lossIn: 0.1,
      lossOut: 0.04,
      kbpsIn: 1_000,
      kbpsOut: 500,
      framesPerSecondIn: 25,
    });
  });

  it('says nothing of another connection or of no time', () => {
    expect(metricsBetween(after, before)).toBeUndefined();
    expect(metricsBetween({ ...after, at: 0 }, before)).toBeUndefined();
    expect(metricsBetween(before, before)).toBeUndefined();
  });

  it('claims no loss where nothing came', () => {
    expect(metricsBetween(before, { ...before, at: 2_000 })).not.toHaveProperty('lossIn');
  });

  it('has nothing to say about an empty report', () => {
    expect(countersOf([], 0)).toMatchObject({ bytesIn: 0, packetsIn: 0 });
  });

  it.each([
    [{}, 3],
    [{ lossIn: 0.03 }, 2],
    [{ lossOut: 0.1 }, 1],
    [{ lossIn: 0.5 }, 0],
    [{ roundTripMs: 300 }, 2],
    [{ roundTripMs: 2_000 }, 0],
    [{ roundTripMs: 300, lossIn: 0.1 }, 1],
  ])('%o is level %d', (metrics, level) => {
    expect(levelOf(metrics)).toBe(level);
  });
});
