import { afterEach, describe, expect, it } from 'vitest';
import type { TestBrowserOptions } from '../../testing/media-server/chrome-like-offer.ts';
import { videoSequenceNumber } from '../../testing/media-server/lossy-link.ts';
import { TestBrowser, until } from '../../testing/media-server/test-browser.ts';
import { TestStream } from '../../testing/media-server/test-stream.ts';

const browsers: TestBrowser[] = [];

async function connect(options: TestBrowserOptions = {}): Promise<TestBrowser> {
  return create(options).connect();
}

function create(options: TestBrowserOptions = {}): TestBrowser {
  const browser = new TestBrowser(options);
  browsers.push(browser);
  return browser;
}

function subscribe(subscriber: TestBrowser, publisher: TestBrowser | null): void {
  subscriber.endpoint.setSource('audio', publisher?.endpoint ?? null);
  subscriber.endpoint.setSource('video', publisher?.endpoint ?? null);
}

const texts = (browser: TestBrowser, payloadType = 96): string[] =>
  browser.of(payloadType).map(({ payload }) => payload.subarray(2).toString());

afterEach(() => {
  for (const browser of browsers.splice(0)) browser.close();
});

describe('forwarding', () => {
  it('sends audio and video under the subscriber’s own payload types and SSRCs', async () => {
    const publisher = await connect();
    const subscriber = await connect({ audioPayloadType: 109, videoPayloadType: 120 });
    subscribe(subscriber, publisher);
    const audio = new TestStream(publisher, { payloadType: 111, ssrc: 5 });
    const video = new TestStream(publisher, { payloadType: 96, ssrc: 6 });
    audio.send('a1');
    video.send('v1', { key: true });
    video.send('v2');
    await until(() => subscriber.packets.length === 3);
    expect(texts(subscriber, 109)).toEqual(['a1']);
    expect(texts(subscriber, 120)).toEqual(['v1', 'v2']);
    for (const payloadType of [109, 120])
      for (const { ssrc } of subscriber.of(payloadType))
        expect(subscriber.answer).toContain(`a=ssrc:${ssrc} cname:`);
  });

  it('works when the source is set before anyone negotiated, and the subscriber negotiates first', async () => {
    const publisher = create();
    const subscriber = create();
    subscribe(subscriber, publisher);
    await subscriber.connect();
    await publisher.connect();
    new TestStream(publisher).send('first', { key: true });
    await until(() => subscriber.packets.length === 1);
    expect(texts(subscriber)).toEqual(['first']);
  });

  it('keeps sequence numbers, timestamps and SSRC in one line when the source changes', async () => {
    const [first, second, subscriber] = await Promise.all([connect(), connect(), connect()]);
    subscribe(subscriber, first);
    const a = new TestStream(first, { ssrc: 1, sequenceNumber: 65_534, timestamp: 4_294_960_000 });
    a.send('a1', { key: true });
    a.send('a2');
    a.send('a3');
    await until(() => subscriber.packets.length === 3);
    subscribe(subscriber, second);
    a.send('a4');
    const b = new TestStream(second, { ssrc: 2, sequenceNumber: 20_000, timestamp: 77 });
    b.send('b0 is no key frame');
    b.send('b1', { key: true });
    b.send('b2');
    await until(() => subscriber.packets.length === 5);
    expect(texts(subscriber)).toEqual(['a1', 'a2', 'a3', 'b1', 'b2']);
    expectContinuous(subscriber);
  });

  it('goes on in one line when the publisher changes its SSRC, and drops stragglers of the old one', async () => {
    const [publisher, subscriber] = await Promise.all([connect(), connect()]);
    subscribe(subscriber, publisher);
    const old = new TestStream(publisher, { ssrc: 1, sequenceNumber: 500 });
    old.send('old1', { key: true });
    old.send('old2');
    const straggler = old.next('old3');
    const fresh = new TestStream(publisher, { ssrc: 2, sequenceNumber: 9 });
    fresh.send('new1', { key: true });
    publisher.send(straggler);
    fresh.send('new2');
    await until(() => subscriber.packets.length === 4);
    expect(texts(subscriber)).toEqual(['old1', 'old2', 'new1', 'new2']);
    expectContinuous(subscriber);
  });

  it('sends nothing more after the source is taken away', async () => {
    const [publisher, subscriber] = await Promise.all([connect(), connect()]);
    subscribe(subscriber, publisher);
    const video = new TestStream(publisher);
    video.send('v1', { key: true });
    await until(() => subscriber.packets.length === 1);
    subscribe(subscriber, null);
    const seen = publisher.endpoint.getStats().inbound[1]?.packetsReceived ?? 0;
    video.send('v2');
    await until(() => publisher.endpoint.getStats().inbound[1]?.packetsReceived === seen + 1);
    expect(subscriber.endpoint.getStats().outbound[1]?.packetsSent).toBe(1);
  });

  it('is offered by the server, too', async () => {
    const publisher = await connect();
    const subscriber = create();
    subscribe(subscriber, publisher);
    const offer = subscriber.endpoint.generateOffer({});
    expect(subscriber.endpoint.processAnswer(subscriber.answerOffer(offer))).toBe(offer);
    subscriber.endpoint.gatherCandidates();
    await subscriber.connected;
    new TestStream(publisher).send('v1', { key: true });
    await until(() => texts(subscriber, 102).includes('v1'));
  });
});

describe('key frames', () => {
  it('holds video until one comes, and asks the publisher for it', async () => {
    const [publisher, subscriber] = await Promise.all([connect(), connect()]);
    subscribe(subscriber, publisher);
    const video = new TestStream(publisher);
    video.send('v1');
    await until(() => publisher.keyFrameRequests.length === 1);
    video.send('v2', { key: true });
    await until(() => subscriber.packets.length === 1);
    expect(texts(subscriber)).toEqual(['v2']);
  });

  it('are asked for at most every 300 ms, whoever asks, and the last one who asked is not forgotten', async () => {
    const [publisher, one, two] = await Promise.all([connect(), connect(), connect()]);
    subscribe(one, publisher);
    subscribe(two, publisher);
    const video = new TestStream(publisher);
    video.send('v1', { key: true });
    await until(() => one.packets.length === 1 && two.packets.length === 1);
    for (let i = 0; i < 20; i++)
      for (const subscriber of [one, two]) {
        subscriber.writer.pictureLoss(1, subscriber.packets[0]?.ssrc ?? 0);
        subscriber.writer.fullIntraRequest(1, subscriber.packets[0]?.ssrc ?? 0, i);
        subscriber.sendRtcp();
      }
    await until(() => publisher.keyFrameRequests.length === 2);
    const [first, second] = publisher.keyFrameRequests;
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThan(250);
    await until(() => one.endpoint.getStats().outbound[1]?.firCount === 20);
    expect(publisher.keyFrameRequests).toHaveLength(2);
  });

  it('gives a newcomer the latest one at once, without asking the publisher', async () => {
    const [publisher, newcomer] = await Promise.all([connect(), connect()]);
    const video = new TestStream(publisher);
    video.send('v1', { key: true });
    video.send('v2');
    await until(() => publisher.endpoint.getStats().inbound[1]?.packetsReceived === 2);
    subscribe(newcomer, publisher);
    await until(() => newcomer.packets.length === 2);
    expect(texts(newcomer)).toEqual(['v1', 'v2']);
    expect(publisher.keyFrameRequests).toHaveLength(0);
  });
});

describe('loss', () => {
  it('on the way to the subscriber is mended from what is kept', async () => {
    const [publisher, subscriber] = await Promise.all([connect(), connect()]);
    subscribe(subscriber, publisher);
    const dropped = new Set<number>();
    subscriber.network.loses = (packet) => {
      const sequenceNumber = videoSequenceNumber(packet, 96);
      if (sequenceNumber < 0 || sequenceNumber % 5 !== 0 || dropped.has(sequenceNumber)) return false;
      dropped.add(sequenceNumber);
      return true;
    };
    const video = new TestStream(publisher);
    for (let i = 0; i < 100; i++) video.send(`v${i}`, { key: i === 0 });
    await until(() => subscriber.packets.length + dropped.size === 100);
    const ssrc = subscriber.packets[0]?.ssrc ?? 0;
    subscriber.writer.nack(1, ssrc, [...dropped]);
    subscriber.sendRtcp();
    await until(() => subscriber.packets.length === 100);
    expect(new Set(texts(subscriber)).size).toBe(100);
    expect(new Set(subscriber.packets.map((packet) => packet.ssrc))).toEqual(new Set([ssrc]));
    expect(subscriber.endpoint.getStats().outbound[1]).toMatchObject({
      nackCount: 1,
      packetsRetransmitted: dropped.size,
    });
  });

  it('on the way from the publisher is asked for at once, every 100 ms, five times', async () => {
    const [publisher, subscriber] = await Promise.all([connect(), connect()]);
    subscribe(subscriber, publisher);
    const video = new TestStream(publisher, { sequenceNumber: 65_534 });
    video.send('v1', { key: true });
    const late = video.next('v2');
    video.next('v3 is lost for good');
    video.send('v4');
    await until(() => publisher.nacks.length === 1);
    expect(publisher.nacks[0]).toMatchObject({ ssrc: 1111, lost: [65_535, 0] });
    publisher.send(late);
    await until(() => texts(subscriber).includes('v2'));
    await until(() => publisher.nacks.length === 5);
    expect(publisher.nacks.slice(1).map(({ lost }) => lost)).toEqual([[0], [0], [0], [0]]);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(publisher.nacks).toHaveLength(5);
    // The late packet got the number between its neighbours.
    const numbers = new Map(
      texts(subscriber).map((text, i) => [text, subscriber.packets[i]?.sequenceNumber ?? 0]),
    );
    expect(((numbers.get('v2') ?? 0) - (numbers.get('v1') ?? 0)) & 0xffff).toBe(1);
    expect(((numbers.get('v4') ?? 0) - (numbers.get('v1') ?? 0)) & 0xffff).toBe(3);
  });
});

describe('reports', () => {
  it('pass the publisher’s clock on in the subscriber’s timestamps', async () => {
    const [publisher, subscriber] = await Promise.all([connect(), connect()]);
    subscribe(subscriber, publisher);
    const video = new TestStream(publisher, { timestamp: 5000 });
    video.send('v1', { key: true });
    await until(() => subscriber.packets.length === 1);
    publisher.writer.senderReport({
      ssrc: 1111,
      ntpSeconds: 3_900_000_000,
      ntpFraction: 123,
      rtpTimestamp: 5900,
      packetsSent: 1,
      bytesSent: 1,
    });
    publisher.sendRtcp();
    await until(() => subscriber.senderReports.length === 1);
    const packet = subscriber.packets[0];
    expect(subscriber.senderReports[0]).toEqual({
      ssrc: packet?.ssrc,
      ntpSeconds: 3_900_000_000,
      ntpFraction: 123,
      rtpTimestamp: ((packet?.timestamp ?? 0) + 900) >>> 0,
    });
    expect(subscriber.rtcp.at(-1)?.includes('cname')).toBe(false);
    // The sender report comes with a description that names the stream's source.
    expect(subscriber.rtcp.at(-1)?.[29]).toBe(202);
  });

  it('tell the publisher what arrived, and of transport-wide sequence numbers when', async () => {
    const publisher = await connect();
    const video = new TestStream(publisher);
    for (let i = 0; i < 10; i++) video.send(`v${i}`, { key: i === 0 });
    const feedback = (): Buffer[] =>
      publisher.rtcp.filter((packet) => packet[1] === 205 && ((packet[0] ?? 0) & 31) === 15);
    // Each begins with the first sequence number and how many are reported on.
    const reportedOn = (): number => feedback().reduce((sum, packet) => sum + packet.readUInt16BE(14), 0);
    await until(() => publisher.reportBlocks.length > 0 && reportedOn() >= 10);
    expect(publisher.reportBlocks[0]).toMatchObject({ ssrc: 1111, packetsLost: 0 });
    expect([feedback()[0]?.readUInt16BE(12), reportedOn()]).toEqual([0, 10]);
  });

  it('allow a publisher without transport-wide feedback a bandwidth at once, within the limit', async () => {
    const publisher = create({ transportCc: false });
    publisher.endpoint.setBandwidth({ maxVideoRecvKbps: 800 });
    await publisher.connect();
    new TestStream(publisher).send('v1', { key: true });
    await until(() => publisher.estimates.length > 0);
    expect(publisher.estimates[0]).toBe(800_000);
  });
});

describe('events', () => {
  it('tell of candidates per m-line, of the states, and of the flow', async () => {
    const publisher = create();
    const told: string[] = [];
    publisher.endpoint.on('candidate', ({ sdpMid, sdpMLineIndex }) =>
      told.push(`candidate ${sdpMid} ${sdpMLineIndex}`),
    );
    publisher.endpoint.on('gatheringDone', () => told.push('gatheringDone'));
    publisher.endpoint.on('iceState', (state) => told.push(`ice ${state}`));
    publisher.endpoint.on('dtlsState', (state) => told.push(`dtls ${state}`));
    publisher.endpoint.on('connectionState', (state) => told.push(`connection ${state}`));
    publisher.endpoint.on('mediaState', (state) => told.push(`media ${state}`));
    publisher.endpoint.on('selectedPair', ({ local, remote }) => {
      expect(local).toMatch(/^candidate:/);
      expect(remote).toMatch(/^candidate:/);
      told.push('pair');
    });
    publisher.endpoint.on('flowOut', (kind, flowing) => told.push(`out ${kind} ${flowing}`));
    await publisher.connect();
    new TestStream(publisher).send('v1', { key: true });
    await until(() => told.includes('out video false'));
    expect(told).toEqual(
      expect.arrayContaining([
        'candidate 0 0',
        'candidate 1 1',
        'gatheringDone',
        'ice gathering',
        'ice connecting',
        'ice connected',
        'dtls connecting',
        'dtls connected',
        'connection connected',
        'pair',
        'out video true',
        'media connected',
      ]),
    );
    expect(told.indexOf('ice gathering')).toBeLessThan(told.indexOf('ice connected'));
  });
});

describe('close', () => {
  it('can be called twice, unlinks receivers, and makes everything after it harmless', async () => {
    const [publisher, subscriber] = await Promise.all([connect(), connect()]);
    subscribe(subscriber, publisher);
    const video = new TestStream(publisher);
    video.send('v1', { key: true });
    await until(() => subscriber.packets.length === 1);
    publisher.endpoint.close();
    publisher.endpoint.close();
    expect(() => publisher.endpoint.processOffer('v=0')).toThrow('closed');
    subscribe(subscriber, publisher);
    publisher.endpoint.addIceCandidate({ candidate: '', sdpMid: '0', sdpMLineIndex: 0 });
    const other = await connect();
    subscribe(subscriber, other);
    new TestStream(other).send('o1', { key: true });
    await until(() => subscriber.packets.length === 2);
  });
});

function expectContinuous({ packets }: TestBrowser): void {
  expect(new Set(packets.map(({ ssrc }) => ssrc)).size).toBe(1);
  for (const [index, packet] of packets.entries()) {
    const before = packets[index - 1];
    if (!before) continue;
    expect((packet.sequenceNumber - before.sequenceNumber) & 0xffff).toBe(1);
    const step = (packet.timestamp - before.timestamp) >>> 0;
    expect(step).toBeGreaterThan(0);
    expect(step).toBeLessThan(90_000 * 5);
  }
}
