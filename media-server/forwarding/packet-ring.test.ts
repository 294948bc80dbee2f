import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PacketRing } from './packet-ring.ts';
import { RtpPacket } from './rtp-packet.ts';

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

  it('does not take a freed packet for one with the number −1', () => {
    const ring = new PacketRing(500);
    ring.put(packet(63, 0));
    ring.expire(1000);
    expect(ring.find(-1)).toBeNull();
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
