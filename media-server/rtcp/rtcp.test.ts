import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryBytes } from '../../testing/media-server/arbitraries.ts';
import { readRtcp } from './rtcp-reader.ts';
import type { RtcpHandler } from './rtcp-reader.ts';
import { RtcpWriter } from './rtcp-writer.ts';

describe('RTCP', () => {
  function recorder(): { calls: unknown[]; handler: RtcpHandler } {
    const calls: unknown[] = [];
    const record =
      (name: string) =>
      (...args: unknown[]): void =>
        void calls.push([name, ...args]);
    const handler: RtcpHandler = {
      onSenderReport: record('sr'),
      onReportBlock: record('block'),
      onNack: record('nack'),
      onPictureLoss: record('pli'),
      onFullIntraRequest: record('fir'),
      onBandwidthEstimate: record('remb'),
    };
    return { calls, handler };
  }

  it('is read as it was written', () => {
    const writer = new RtcpWriter();
    const sr = { ssrc: 1, ntpSeconds: 2, ntpFraction: 3, rtpTimestamp: 4 };
    const block = { ssrc: 6, fractionLost: 0.25, packetsLost: -2, jitter: 7, lastSenderReport: 8 };
    writer.senderReport({ ...sr, packetsSent: 5, bytesSent: 6 });
    writer.sourceDescription(1, 'abc');
    writer.receiverReport(1, [{ ...block, highestSequenceNumber: 1, delaySinceLastSenderReport: 9 }]);
    writer.nack(1, 2, [65_535, 0, 15, 16, 40]);
    writer.pictureLoss(1, 3);
    writer.fullIntraRequest(1, 4, 300);
    writer.bandwidthEstimate(1, 5, 1_000_000);
    const { calls, handler } = recorder();
    readRtcp(Buffer.from(writer.take()), handler);
    expect(calls).toEqual([
      ['sr', sr],
      ['block', { ...block, delaySinceLastSenderReport: 9 }],
      ['nack', 2, [65_535, 0, 15, 16, 40]],
      ['pli', 3],
      ['fir', 4],
      ['remb', 1_000_000],
    ]);
  });

  it('of any bytes is read as numbers or skipped', () => {
    const { calls, handler } = recorder();
    const header = fc
      .tuple(
        fc.integer({ min: 0x80, max: 0xbf }),
        fc.integer({ min: 192, max: 223 }),
        fc.nat(20),
        arbitraryBytes,
      )
      .map(([flags, type, words, rest]) => Buffer.from([flags, type, 0, words, ...rest]));
    fc.assert(
      fc.property(fc.oneof(arbitraryBytes, header), (data) => {
        expect(() => readRtcp(Buffer.from(data), handler)).not.toThrow();
      }),
      { numRuns: 3000 },
    );
    expect(JSON.stringify(calls)).not.toContain('null');
  });
});
