import { afterEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../rpc/json.ts';
import { RtpEndpoint, type IceCandidate } from '../../endpoint/rtp-endpoint.ts';
import { TestBrowser, until } from '../../../testing/media-server/test-browser.ts';
import { TestStream } from '../../../testing/media-server/test-stream.ts';
import type { RawClient } from '../../../testing/media-server/raw-client.ts';
import { cleanUpAfterEach, startWithPipeline } from '../../../testing/media-server/server.ts';

cleanUpAfterEach();

const EVENTS = [
  'IceCandidateFound',
  'MediaFlowInStateChanged',
  'MediaFlowOutStateChanged',
  'MediaStateChanged',
  'MediaTranscodingStateChanged',
];

const closing: { close(): void }[] = [];
afterEach(() => {
  for (const closable of closing.splice(0)) closable.close();
});

/** A peer of an endpoint of the server's, and what makes it send. */
interface Sender {
  readonly endpoint: string;
  readonly peer: RtpEndpoint;
  readonly audio: TestStream;
  readonly video: TestStream;
}

/** What a test browser sends is forwarded by a peer, which stands for the browser of the server's endpoint. */
async function connectSender(client: RawClient, pipeline: string, limitKbps = 0): Promise<Sender> {
  const browser = new TestBrowser();
  const peer = new RtpEndpoint();
  closing.push(browser, peer);
  await browser.connect();
  for (const kind of ['audio', 'video'] as const) peer.setSource(kind, browser.endpoint);
  const endpoint = await client.create('WebRtcEndpoint', { mediaPipeline: pipeline });
  for (const type of EVENTS) await client.call('subscribe', { object: endpoint, type });
  await client.invoke(endpoint, 'setMaxVideoRecvBandwidth', { maxVideoRecvBandwidth: limitKbps });
  const answer = await client.invoke(endpoint, 'processOffer', { offer: peer.generateOffer() });
  const connected = new Promise((resolve) => peer.once('connectionState', resolve));
  peer.processAnswer(String(answer));
  await client.invoke(endpoint, 'gatherCandidates');
  const { candidate } = await client.event('IceCandidateFound');
  peer.addIceCandidate(candidate as unknown as IceCandidate);
  await connected;
  const audio = new TestStream(browser, { payloadType: 111, ssrc: 1 });
  const video = new TestStream(browser, { payloadType: 96, ssrc: 2 });
  return { endpoint, peer, audio, video };
}

const brief = ({ type, mediaType, state }: JsonObject): string =>
  [type, mediaType, state].filter(Boolean).join(' ');

describe('media', () => {
  it('from a browser flow out of its endpoint, media to it flow in, as Kurento calls it', async () => {
    const { client, pipeline } = await startWithPipeline();
    const { endpoint, video } = await connectSender(client, pipeline);
    const flows = async (direction: string): Promise<unknown> =>
      client.invoke(endpoint, `isMediaFlowing${direction}`, { mediaType: 'VIDEO' });
    video.send('v1', { key: true });
    expect(await client.event('MediaFlowOutStateChanged')).toEqual({
      mediaType: 'VIDEO',
      padName: 'default',
      source: endpoint,
      state: 'FLOWING',
      tags: [],
      timestampMillis: expect.stringMatching(/^\d{13}$/),
      type: 'MediaFlowOutStateChanged',
    });
    expect(await client.event('MediaStateChanged')).toMatchObject({
      newState: 'CONNECTED',
      oldState: 'DISCONNECTED',
    });
    expect([await flows('Out'), await flows('In')]).toEqual([true, false]);
    await client.invoke(endpoint, 'connect', { sink: endpoint, mediaType: 'VIDEO' });
    video.send('v2', { key: true });
    expect(brief(await client.event('MediaFlowInStateChanged'))).toBe(
      'MediaFlowInStateChanged VIDEO FLOWING',
    );
    expect([await flows('Out'), await flows('In')]).toEqual([true, true]);
    expect(brief(await client.event('MediaFlowOutStateChanged'))).toMatch(/VIDEO NOT_FLOWING$/);
    expect(brief(await client.event('MediaFlowInStateChanged'))).toMatch(/VIDEO NOT_FLOWING$/);
    expect(await flows('Out')).toBe(false);
  });

  it('are said not to be transcoded once per medium, when they flow and are connected', async () => {
    const { client, pipeline } = await startWithPipeline();
    const { endpoint, audio, video } = await connectSender(client, pipeline);
    await client.invoke(endpoint, 'connect', { sink: endpoint, mediaType: 'VIDEO' });
    audio.send('a1');
    await client.event('MediaFlowOutStateChanged');
    expect(client.pendingEvents).not.toContain('MediaTranscodingStateChanged');
    video.send('v1', { key: true });
    expect(await client.event('MediaTranscodingStateChanged')).toMatchObject({
      binName: expect.stringMatching(/^kmswebrtcendpoint\d+_kmsagnosticbin2-0$/),
      mediaType: 'VIDEO',
      state: 'NOT_TRANSCODING',
    });
    await client.invoke(endpoint, 'connect', { sink: endpoint });
    await client.invoke(endpoint, 'connect', { sink: endpoint });
    expect(await client.event('MediaTranscodingStateChanged')).toMatchObject({
      binName: expect.stringMatching(/-1$/),
      mediaType: 'AUDIO',
    });
    expect(client.pendingEvents).not.toContain('MediaTranscodingStateChanged');
  });

  it('are limited in bandwidth as it was set', async () => {
    const { client, pipeline } = await startWithPipeline();
    const { peer, video } = await connectSender(client, pipeline, 300);
    video.send('v1', { key: true });
    const estimates = (): number[] => peer.getStats().outbound.map(({ rembBps }) => rembBps);
    await until(() => estimates().some((bps) => bps > 0));
    expect(estimates()).toEqual([0, 300_000]);
  });
});
