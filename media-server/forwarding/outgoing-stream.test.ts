import { beforeEach, describe, expect, it } from 'vitest';
import { rtpPacket } from '../../testing/media-server/test-stream.ts';
import type { Medium } from '../sdp/negotiation.ts';
import { IncomingStream } from './incoming-stream.ts';
import { OutgoingStream } from './outgoing-stream.ts';

const MEDIUM: Medium = {
  kind: 'video',
  mid: '0',
  extensions: new Map(),
  codec: {
    payloadType: 96,
    name: 'vp8',
    clockRate: 90_000,
    channels: 1,
    parameters: new Map(),
    fmtp: '',
    feedback: ['nack'],
  },
};
const KEY_FRAME = Buffer.from([0x10, 0]);
const PACKETS = 300;

let incoming: IncomingStream;
let outgoing: OutgoingStream;
/** Sequence numbers as they were sent. */
let sent: number[];
let senderReports: number;

beforeEach(() => {
  sent = [];
  senderReports = 0;
  const ignore = (): void => undefined;
  incoming = new IncomingStream('video', { arrived: ignore, nack: ignore, requestKeyFrame: ignore });
  incoming.configure(MEDIUM);
  outgoing = new OutgoingStream('video', 9, {
    send: (packet) => sent.push(Buffer.from(packet).readUInt16BE(2)) > 0,
    sendSenderReport: () => void senderReports++,
  });
  outgoing.configure(MEDIUM);
  outgoing.setOpen(true, 0);
  outgoing.setSource(incoming, 0);
  for (let i = 0; i < PACKETS; i++) {
    const packet = { payloadType: 96, sequenceNumber: i, timestamp: 3_000 * i, ssrc: 7, payload: KEY_FRAME };
    incoming.receive(rtpPacket(packet), i, false);
  }
});

describe('retransmission', () => {
  it('is limited between two ticks, in however many NACKs it is requested', () => {
    const original = sent.splice(0);
    for (let i = 0; i < 100; i++) outgoing.retransmit(original, PACKETS);
    expect(sent).toEqual(original.slice(0, 200));
    outgoing.tick(PACKETS);
    outgoing.retransmit(original.slice(200), PACKETS);
    expect(sent).toEqual(original);
  });
});

describe('sender reports', () => {
  const report = { ssrc: 7, ntpSeconds: 1, ntpFraction: 2, rtpTimestamp: 3 };

  it('are passed on at most every 100 ms', () => {
    for (let nowMs = 1_000; nowMs < 2_000; nowMs++) incoming.takeSenderReport(report, nowMs);
    expect(senderReports).toBe(10);
  });
});
