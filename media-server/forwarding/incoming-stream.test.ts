import { describe, expect, it } from 'vitest';
import { IncomingStream, type PublisherFeedback } from './incoming-stream.ts';
import type { Medium } from '../sdp/negotiation.ts';
import { OutgoingStream } from './outgoing-stream.ts';
import { rtpPacket } from '../../testing/media-server/test-stream.ts';

const SSRC = 7;
const PARAMETER_SETS = [0x78, 0, 1, 0x67, 0, 1, 0x68];
const FIRST_SLICE = [0x7c, 0x85];
const SECOND_SLICE = [0x65];
const DELTA = [0x41];
const KEY_FRAME = [PARAMETER_SETS, FIRST_SLICE, SECOND_SLICE];

/** A stream, what it asks its publisher for, and receivers that note the payloads they are sent. */
class Fixture implements PublisherFeedback {
  readonly incoming: IncomingStream;
  readonly medium: Medium;
  readonly sequenceNumbers: number[] = [];
  keyFrameRequests = 0;
  #nowMs = 1_000;
  #next = 100;
  #timestamp = 0;

  constructor(kind: 'audio' | 'video', codecName: string) {
    this.incoming = new IncomingStream(kind, this);
    this.medium = {
      kind,
      mid: '0',
      extensions: new Map(),
      codec: {
        payloadType: 96,
        name: codecName,
        clockRate: 90_000,
        channels: 1,
        parameters: new Map(),
        fmtp: '',
        feedback: ['nack', 'nack pli'],
      },
    };
    this.incoming.configure(this.medium);
  }

  /** Sends a frame's packets, one millisecond after the other. */
  frame(payloads: readonly number[][], { overloaded = false, order = [...payloads.keys()] } = {}): void {
    this.#timestamp += 3_000;
    const packets = payloads.map((payload) =>
      rtpPacket({
        payloadType: 96,
        sequenceNumber: this.#next++ & 0xffff,
        timestamp: this.#timestamp,
        ssrc: SSRC,
        payload: Buffer.from(payload),
      }),
    );
    for (const index of order) {
      const packet = packets[index];
      if (packet) this.incoming.receive(Buffer.from(packet), ++this.#nowMs, overloaded);
    }
  }

  /** Goes on with another sequence number. */
  jump(by: number): void {
    this.#next = (this.#next + by) & 0xffff;
  }

  /** Adds a receiver; returns the payloads it is sent. */
  receiver(codecName = this.medium.codec.name): number[][] {
    const payloads: number[][] = [];
    const outgoing = new OutgoingStream(this.medium.kind, 9, {
      send: (packet) => {
        payloads.push([...packet.subarray(28)]);
        this.sequenceNumbers.push(Buffer.from(packet).readUInt16BE(2));
        return true;
      },
      sendSenderReport: () => undefined,
    });
    outgoing.configure({ ...this.medium, codec: { ...this.medium.codec, name: codecName } });
    outgoing.setOpen(true, this.#nowMs);
    outgoing.setSource(this.incoming, this.#nowMs);
    return payloads;
  }

  arrived(): void {
    return;
  }

  nack(): void {
    return;
  }

  requestKeyFrame(): void {
    this.keyFrameRequests++;
  }
}

describe('a key frame of H.264', () => {
  it('is given to a newcomer from its parameter sets on, not from one of its slices', () => {
    const stream = new Fixture('video', 'h264');
    stream.frame([DELTA]);
    stream.frame(KEY_FRAME);
    stream.frame([DELTA]);
    expect(stream.receiver()).toEqual([...KEY_FRAME, DELTA]);
    expect(stream.keyFrameRequests).toBe(0);
  });

  it('begins with its parameter sets also when they come after a slice', () => {
    const stream = new Fixture('video', 'h264');
    stream.frame(KEY_FRAME, { order: [1, 0, 2] });
    expect(stream.receiver()).toEqual(KEY_FRAME);
  });
});

describe('a receiver', () => {
  it('that comes after the key frame has one asked for at once', () => {
    const stream = new Fixture('video', 'h264');
    stream.frame([DELTA]);
    expect(stream.receiver()).toEqual([]);
    expect(stream.keyFrameRequests).toBe(1);
  });

  it('is not sent what is older than the key frame that it began with', () => {
    const stream = new Fixture('video', 'h264');
    const payloads = stream.receiver();
    stream.frame([DELTA, ...KEY_FRAME], { order: [1, 0, 2, 3] });
    expect(payloads).toEqual(KEY_FRAME);
  });

  it('of another codec is sent nothing: nothing is transcoded', () => {
    const stream = new Fixture('video', 'h264');
    const payloads = stream.receiver('vp8');
    stream.frame(KEY_FRAME);
    expect(payloads).toEqual([]);
  });
});

describe('a publisher', () => {
  it('that sends packets twice has them forwarded once', () => {
    const stream = new Fixture('video', 'h264');
    const payloads = stream.receiver();
    stream.frame(KEY_FRAME, { order: [0, 0, 1, 2, 1] });
    expect(payloads).toEqual(KEY_FRAME);
  });

  it('that begins its numbers anew is believed with the second packet, and forwarded from a key frame on', () => {
    const stream = new Fixture('video', 'h264');
    const payloads = stream.receiver();
    stream.frame(KEY_FRAME);
    stream.jump(30_000);
    stream.frame([DELTA, DELTA]);
    stream.frame(KEY_FRAME);
    expect(payloads).toEqual([...KEY_FRAME, ...KEY_FRAME]);
    const [first = 0] = stream.sequenceNumbers;
    expect(stream.sequenceNumbers).toEqual(stream.sequenceNumbers.map((_, i) => (first + i) & 0xffff));
  });

  it('of whom too much is lost is asked for a key frame', () => {
    const stream = new Fixture('video', 'h264');
    stream.receiver();
    stream.frame(KEY_FRAME);
    stream.keyFrameRequests = 0;
    stream.jump(400);
    stream.frame([DELTA]);
    expect(stream.keyFrameRequests).toBe(1);
  });
});

describe('an overloaded process', () => {
  it('drops video, asks for a key frame when it is over, and goes on in one line from there', () => {
    const stream = new Fixture('video', 'h264');
    const payloads = stream.receiver();
    stream.frame(KEY_FRAME);
    stream.keyFrameRequests = 0;
    stream.frame([DELTA], { overloaded: true });
    stream.frame(KEY_FRAME, { overloaded: true });
    expect(stream.keyFrameRequests).toBe(0);
    expect(payloads).toEqual(KEY_FRAME);
    stream.incoming.tick(5_000);
    stream.frame([DELTA]);
    expect(payloads).toEqual(KEY_FRAME);
    stream.incoming.tick(5_000);
    expect(stream.keyFrameRequests).toBe(1);
    stream.frame(KEY_FRAME);
    stream.frame([DELTA]);
    expect(payloads).toEqual([...KEY_FRAME, ...KEY_FRAME, DELTA]);
    const [first = 0] = stream.sequenceNumbers;
    expect(stream.sequenceNumbers).toEqual(stream.sequenceNumbers.map((_, i) => (first + i) & 0xffff));
  });

  it('does not give a newcomer the key frame that it dropped', () => {
    const stream = new Fixture('video', 'h264');
    stream.frame(KEY_FRAME, { overloaded: true });
    stream.frame([DELTA]);
    expect(stream.receiver()).toEqual([]);
  });

  it('forwards audio all the same', () => {
    const stream = new Fixture('audio', 'opus');
    const payloads = stream.receiver();
    stream.frame([[1], [2]], { overloaded: true });
    expect(payloads).toEqual([[1], [2]]);
  });
});
