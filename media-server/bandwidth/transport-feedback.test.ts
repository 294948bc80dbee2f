import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TransportFeedback } from './transport-feedback.ts';

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
