import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryPacket, VALID_PACKET } from '../../testing/media-server/arbitraries.ts';
import { RtpPacket } from './rtp-packet.ts';

const IDS = { mid: 4, audioLevel: 1, absSendTime: 2, transportCc: 3 };

describe('RtpPacket', () => {
  it('rewrites header and extensions in place for each receiver', () => {
    const packet = new RtpPacket();
    expect(packet.read(Buffer.from(VALID_PACKET), IDS)).toBe(true);
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
      fc.property(arbitraryPacket, (data) => {
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
