import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { arbitraryPacket } from '../../testing/media-server/arbitraries.ts';
import { chromeLikeOffer, TEST_TRANSPORT } from '../../testing/media-server/chrome-like-offer.ts';
import { TestBrowser, until } from '../../testing/media-server/test-browser.ts';
import { TestStream } from '../../testing/media-server/test-stream.ts';
import { planAnswer } from '../sdp/negotiation.ts';
import { parseSessionDescription } from '../sdp/session-description.ts';
import { EndpointMedia } from './endpoint-media.ts';
import { ticker } from './ticker.ts';

const browsers: TestBrowser[] = [];

function create(options?: ConstructorParameters<typeof TestBrowser>[0]): TestBrowser {
  const browser = new TestBrowser(options);
  browsers.push(browser);
  return browser;
}

/** Two browsers, the second of which is sent what the first one sends. */
async function pair(transportCc: boolean): Promise<{ publisher: TestBrowser; subscriber: TestBrowser }> {
  const publisher = create({ transportCc });
  const subscriber = create();
  for (const kind of ['audio', 'video'] as const) subscriber.endpoint.setSource(kind, publisher.endpoint);
  await Promise.all([publisher.connect(), subscriber.connect()]);
  return { publisher, subscriber };
}

/** Keeps the process overloaded, whatever the ticker sees; returns how to end it. */
function overload(): () => void {
  Object.defineProperty(ticker, 'overloaded', { configurable: true, get: () => true, set: () => undefined });
  return () => {
    Object.defineProperty(ticker, 'overloaded', { configurable: true, writable: true, value: false });
  };
}

let recover = (): void => undefined;

afterEach(() => {
  recover();
  for (const browser of browsers.splice(0)) browser.close();
});

describe('EndpointMedia', () => {
  it('drops video but not audio while the process is overloaded, then goes on with a key frame', async () => {
    const { publisher, subscriber } = await pair(true);
    const audio = new TestStream(publisher, { payloadType: 111, ssrc: 1 });
    const video = new TestStream(publisher, { payloadType: 96, ssrc: 2 });
    video.send('v1', { key: true });
    await until(() => subscriber.of(96).length === 1);
    recover = overload();
    video.send('v2', { key: true });
    audio.send('a1');
    await until(() => subscriber.of(111).length === 1);
    expect(subscriber.of(96)).toHaveLength(1);
    recover();
    const asked = publisher.keyFrameRequests.length;
    video.send('v3');
    await until(() => publisher.keyFrameRequests.length > asked);
    video.send('v4', { key: true });
    await until(() => subscriber.of(96).length === 2);
    expect(subscriber.of(96)[1]?.payload.toString()).toContain('v4');
  });

  it('tells a publisher of the limit of its only receiver', async () => {
    const { publisher, subscriber } = await pair(false);
    subscriber.endpoint.setBandwidth({ maxVideoSendKbps: 250 });
    new TestStream(publisher).send('v1', { key: true });
    await until(() => publisher.estimates.includes(250_000));
    expect(publisher.estimates.at(-1)).toBe(250_000);
  });

  it('reads or ignores whatever arrives', () => {
    const media = new EndpointMedia({ audio: 1, video: 2 }, 'c', {
      send: () => true,
      onFlow: () => undefined,
    });
    media.configure(
      planAnswer(parseSessionDescription(chromeLikeOffer(TEST_TRANSPORT)), {
        mayReceive: true,
        maySend: true,
      }),
    );
    media.setOpen(true);
    media.outgoing.video.setSource(media.incoming.video, 0);
    fc.assert(
      fc.property(arbitraryPacket, (data) => {
        expect(() => media.receive(Buffer.from(data))).not.toThrow();
      }),
      { numRuns: 3000 },
    );
    media.close();
  });
});
