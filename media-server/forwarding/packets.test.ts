import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startsH264KeyFrame, startsVp8KeyFrame } from './key-frames.ts';
import { MediaSession } from '../endpoint/endpoint-media.ts';
import { planAnswer } from '../sdp/negotiation.ts';
import { PacketRing } from './packet-ring.ts';
import { readRtcp } from '../rtcp/rtcp-reader.ts';
import type { RtcpHandler } from '../rtcp/rtcp-reader.ts';
import { RtcpWriter } from '../rtcp/rtcp-writer.ts';
import { RtpPacket } from './rtp-packet.ts';
import { parseSessionDescription } from '../sdp/session-description.ts';
import { commonLimit, SubscriberLimit } from '../bandwidth/subscriber-limit.ts';
import { chromeLikeOffer } from '../../testing/media-server/chrome-like-offer.ts';
import { rtpPacket } from '../../testing/media-server/test-stream.ts';
import { TransportFeedback } from '../bandwidth/transport-feedback.ts';

const IDS = { mid: 4, audioLevel: 1, absSendTime: 2, transportCc: 3 };
const bytes = fc.uint8Array({ maxLength: 200 });
const PACKET = rtpPacket({
  payloadType: 96,
  sequenceNumber: 7,
  timestamp: 9,
  ssrc: 5,
  payload: Buffer.from('xy'),
});

/** A valid packet with some bytes changed and perhaps cut off. */
const mutatedPacket = fc
  .tuple(fc.array(fc.tuple(fc.nat(PACKET.length - 1), fc.nat(255)), { maxLength: 5 }), fc.nat(PACKET.length))
  .map(([changes, length]) => {
    const copy = Buffer.from(PACKET);
    for (const [at, value] of changes) copy[at] = value;
    return copy.subarray(0, length);
  });

describe('RtpPacket', () => {
  it('rewrites header and extensions in place for each receiver', () => {
    const packet = new RtpPacket();
    expect(packet.read(Buffer.from(PACKET), IDS)).toBe(true);
    packet.absSendTime = 0x0a0b0c;
    const header = { payloadType: 120, ssrc: 99, midBytes: Buffer.from('7') };
    packet.address({ ...header, mid: 9, audioLevel: 0, absSendTime: 6, transportCc: 3 }, 1000, 2000);
    expect(packet.buffer.subarray(0, 12).toString('hex')).toBe('907803e8000007d000000063');
    // abs-send-time under 6, transport-cc gone, mid under 9.
    expect(packet.buffer.subarray(16, 28).toString('hex')).toBe('620a0b0c0000009037000000');
    packet.address({ ...header, mid: 0, audioLevel: 0, absSendTime: 0, transportCc: 0 }, 1000, 2000);
    expect(packet.buffer.subarray(16, 28).every((byte) => byte === 0)).toBe(true);
    packet.address({ ...header, mid: 1, audioLevel: 0, absSendTime: 2, transportCc: 0 }, 1000, 2000);
    expect(packet.buffer.subarray(16, 28).toString('hex')).toBe('220a0b0c0000001037000000');
  });

  it('refuses or reads whatever comes, and never points outside the packet', () => {
    fc.assert(
      fc.property(fc.oneof(bytes, mutatedPacket), (data) => {
        const packet = new RtpPacket();
        const buffer = Buffer.from(data);
        const { length } = buffer;
        if (!packet.read(buffer, IDS)) return;
        expect(packet.payloadOffset + packet.payloadBytes).toBeLessThanOrEqual(length);
        packet.address({ ...IDS, payloadType: 1, ssrc: 1, midBytes: Buffer.from('1') }, 1, 1);
        expect(buffer.length).toBe(length);
      }),
      { numRuns: 2000 },
    );
  });
});

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
      fc.property(bytes, fc.nat(10), (data, cut) => {
        const end = Math.max(0, data.length - cut);
        const guarded = data.slice(0, end);
        for (const test of [startsVp8KeyFrame, startsH264KeyFrame])
          expect(test(data, 0, end)).toBe(test(guarded, 0, end));
      }),
      { numRuns: 1000 },
    );
  });
});

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

  it('of any bytes is skipped without a word', () => {
    const { handler } = recorder();
    const header = fc
      .tuple(fc.integer({ min: 0x80, max: 0xbf }), fc.integer({ min: 192, max: 223 }), fc.nat(20), bytes)
      .map(([flags, type, words, rest]) => Buffer.from([flags, type, 0, words, ...rest]));
    fc.assert(
      fc.property(fc.oneof(bytes, header), (data) => readRtcp(Buffer.from(data), handler)),
      { numRuns: 3000 },
    );
  });
});

describe('MediaSession', () => {
  it('survives any packet', () => {
    const transport = {
      iceUfrag: 'abcd',
      icePwd: 'a'.repeat(22),
      fingerprint: `sha-1 ${Array(20).fill('00').join(':')}`,
    };
    const offer = chromeLikeOffer({ ...transport, setup: 'actpass' });
    const session = new MediaSession({ audio: 1, video: 2 }, 'c', {
      send: () => true,
      onFlow: () => undefined,
    });
    session.configure(planAnswer(parseSessionDescription(offer), { mayReceive: true, maySend: true }));
    session.setOpen(true);
    session.outgoing.video.setSource(session.incoming.video, 0);
    fc.assert(
      fc.property(fc.oneof(bytes, mutatedPacket), (data) => session.receive(Buffer.from(data))),
      { numRuns: 3000 },
    );
    session.close();
  });
});

describe('PacketRing', () => {
  const packet = (extended: number, arrivalMs: number): RtpPacket =>
    Object.assign(new RtpPacket(), { extendedSequenceNumber: extended, arrivalMs });

  it('grows until it holds the time it is asked for, and lets go of what is older', () => {
    const ring = new PacketRing(500);
    for (let i = 0; i < 1000; i++) ring.put(packet(i, i));
    for (let i = 500; i < 1000; i++) expect(ring.find(i)?.extendedSequenceNumber).toBe(i);
    ring.expire(1400);
    expect(ring.find(899)).toBeNull();
    expect(ring.find(900)?.arrivalMs).toBe(900);
  });

  it('gives back an object to use, never one that it holds', () => {
    const ring = new PacketRing(500);
    fc.assert(
      fc.property(fc.array(fc.nat(5000), { maxLength: 300 }), (numbers) => {
        for (const number of numbers) {
          if (ring.find(number)) continue;
          const given = ring.put(packet(number, number));
          expect(ring.find(given.extendedSequenceNumber)).not.toBe(given);
        }
      }),
    );
  });
});

describe('TransportFeedback', () => {
  /** Reads feedback back: arrival in ms by sequence number. */
  function read(content: Buffer): Map<number, number> {
    const count = content.readUInt16BE(2);
    const symbols: number[] = [];
    let at = 8;
    for (; symbols.length < count; at += 2) {
      const chunk = content.readUInt16BE(at);
      if (chunk & 0x8000) for (let i = 0; i < 7; i++) symbols.push((chunk >> (12 - 2 * i)) & 3);
      else for (let i = 0; i < (chunk & 0x1fff); i++) symbols.push(chunk >> 13);
    }
    let time = content.readUIntBE(4, 3) * 64;
    const arrivals = new Map<number, number>();
    for (let i = 0; i < count; i++) {
      if (symbols[i] === 0) continue;
      time += (symbols[i] === 1 ? content.readUInt8(at++) : content.readInt16BE((at += 2) - 2)) / 4;
      arrivals.set((content.readUInt16BE(0) + i) & 0xffff, time);
    }
    return arrivals;
  }

  it('says of every packet when it came, to the quarter of a millisecond, across the wrap', () => {
    const gaps = fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 8, max: 4000 })), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(fc.nat(65_535), gaps, (first, steps) => {
        const feedback = new TransportFeedback();
        const sent = new Map<number, number>();
        let number = first;
        let time = 1_000_000;
        for (const [step, quarters] of steps) {
          sent.set(number, time);
          feedback.record(number, time, -1);
          number = (number + step) & 0xffff;
          time += quarters / 4;
        }
        expect(read(feedback.take() ?? Buffer.alloc(0))).toEqual(sent);
        expect(feedback.take()).toBeNull();
      }),
    );
  });

  it('puts packets that waited for the event loop as far apart as they were sent', () => {
    const feedback = new TransportFeedback();
    feedback.record(1, 1000, 0);
    for (let i = 0; i < 3; i++) feedback.record(2 + i, 1050, Math.round((10 + i * 5) * 262.144));
    const arrivals = read(feedback.take() ?? Buffer.alloc(0));
    expect([...arrivals.values()]).toEqual([1000, 1040, 1045, 1050]);
  });
});

describe('SubscriberLimit', () => {
  /** Seconds of sending at a rate with an estimate of another. */
  function after(seconds: readonly [sentBps: number, estimateBps: number][]): number {
    const limit = new SubscriberLimit();
    let bytes = 0;
    limit.update(0, 0, 1000);
    for (const [index, [sentBps, estimateBps]] of seconds.entries()) {
      bytes += sentBps / 8;
      limit.estimate(estimateBps);
      limit.update(bytes, 0, 2000 + index * 1000);
    }
    return limit.limitBps;
  }

  it('ignores a newcomer’s low estimate and follows one that stays low', () => {
    expect(
      after([
        [2e6, 5e5],
        [2e6, 1e6],
      ]),
    ).toBe(Infinity);
    expect(after(Array(3).fill([2e6, 5e5]))).toBe(5e5);
    expect(after([...Array(3).fill([2e6, 5e5]), [5e5, 7e5]] as [number, number][])).toBe(7e5);
    expect(after([...Array(3).fill([2e6, 5e5]), ...Array(6).fill([1e5, 6e5])] as [number, number][])).toBe(
      Infinity,
    );
  });

  it('is the lone receiver’s own, and the middle one of several', () => {
    expect(commonLimit([])).toBe(Infinity);
    expect(commonLimit([3e5])).toBe(3e5);
    expect(commonLimit([3e5, Infinity])).toBe(Infinity);
    expect(commonLimit([3e5, 4e5, Infinity])).toBe(4e5);
  });
});
