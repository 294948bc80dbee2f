import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../rpc/json.ts';
import { RtpEndpoint, type IceCandidate } from '../../endpoint/rtp-endpoint.ts';
import type { RawClient } from '../../../testing/media-server/raw-client.ts';
import {
  cleanUpAfterEach,
  connect,
  startServer,
  startWithPipeline,
} from '../../../testing/media-server/server.ts';

cleanUpAfterEach();

const peers: RtpEndpoint[] = [];
afterEach(() => {
  for (const peer of peers.splice(0)) peer.close();
});

const EVENTS = [
  'MediaSessionStarted',
  'IceCandidateFound',
  'IceGatheringDone',
  'IceComponentStateChanged',
  'NewCandidatePairSelected',
  'DtlsConnectionStateChange',
  'ConnectionStateChanged',
];

async function subscribed(client: RawClient, pipeline: string): Promise<string> {
  const endpoint = await client.create('WebRtcEndpoint', { mediaPipeline: pipeline });
  for (const type of EVENTS) await client.call('subscribe', { object: endpoint, type });
  return endpoint;
}

/** Another endpoint in the place of a browser, and its candidates. */
function makePeer(): { peer: RtpEndpoint; candidates: IceCandidate[] } {
  const peer = new RtpEndpoint();
  const candidates: IceCandidate[] = [];
  peer.on('candidate', (candidate) => candidates.push(candidate));
  peers.push(peer);
  return { peer, candidates };
}

/** Takes events until one fits; returns all of that type. */
async function eventsUntil(
  client: RawClient,
  type: string,
  last: (data: JsonObject) => boolean,
): Promise<JsonObject[]> {
  const events: JsonObject[] = [];
  do events.push(await client.event(type));
  while (!last(events.at(-1) ?? {}));
  return events;
}

const passed = ({ candidate }: JsonObject): IceCandidate => candidate as unknown as IceCandidate;

describe('a WebRtcEndpoint', () => {
  it('connects to the peer that offers, and tells of it as Kurento does', async () => {
    const { client, pipeline } = await startWithPipeline();
    const endpoint = await subscribed(client, pipeline);
    const { peer, candidates } = makePeer();
    const answer = await client.invoke(endpoint, 'processOffer', { offer: peer.generateOffer() });
    expect(client.pendingEvents).toEqual(['MediaSessionStarted']);
    await client.event('MediaSessionStarted');
    peer.processAnswer(String(answer));
    peer.gatherCandidates();
    await client.invoke(endpoint, 'gatherCandidates');
    const gathering = { state: 'GATHERING', streamId: 1, source: endpoint };
    expect(await client.event('IceComponentStateChanged')).toMatchObject({ ...gathering, componentId: 1 });
    expect(await client.event('IceComponentStateChanged')).toMatchObject({ ...gathering, componentId: 2 });
    const found = await client.event('IceCandidateFound');
    expect(found.candidate).toMatchObject({
      __module__: 'kurento',
      __type__: 'IceCandidate',
      sdpMLineIndex: 0,
    });
    peer.addIceCandidate(passed(found));
    for (const candidate of candidates)
      await client.invoke(endpoint, 'addIceCandidate', { candidate: { ...candidate } });

    const ice = await eventsUntil(client, 'IceComponentStateChanged', ({ state }) => state === 'READY');
    expect(ice.map(({ state }) => state)).toEqual(
      expect.arrayContaining(['CONNECTING', 'CONNECTED', 'READY']),
    );
    expect(ice.every(({ streamId, componentId }) => streamId === 1 && componentId === 1)).toBe(true);
    const dtls = await eventsUntil(
      client,
      'DtlsConnectionStateChange',
      ({ state, componentId }) => state === 'CONNECTED' && componentId === '[bundle/dtlssrtpenc]',
    );
    expect(dtls.map(({ state, componentId }) => `${String(state)} ${String(componentId)}`)).toEqual([
      'NEW [bundle/dtlssrtpenc]',
      'CONNECTING [bundle/dtlssrtpdec]',
      'CONNECTING [bundle/dtlssrtpenc]',
      'CONNECTED [bundle/dtlssrtpdec]',
      'CONNECTED [bundle/dtlssrtpenc]',
    ]);
    expect(dtls.at(-1)).toMatchObject({
      connectionId: expect.stringMatching(/^dtlssrtpenc\d+-dtlssrtpdec\d+-1-1$/),
      streamId: '1',
    });
    expect(await client.event('ConnectionStateChanged')).toMatchObject({
      newState: 'CONNECTED',
      oldState: 'DISCONNECTED',
    });
    const { candidatePair } = await client.event('NewCandidatePairSelected');
    expect(candidatePair).toMatchObject({
      __type__: 'IceCandidatePair',
      componentId: 1,
      localCandidate: expect.stringContaining('candidate:'),
      remoteCandidate: expect.stringContaining('candidate:'),
      streamId: '1',
    });
    expect(await client.invoke(endpoint, 'getConnectionState')).toBe('CONNECTED');
    expect(await client.invoke(endpoint, 'getICECandidatePairs')).toEqual([candidatePair]);
    expect(await client.invoke(endpoint, 'getIceConnectionState')).toEqual([
      { __module__: 'kurento', __type__: 'IceConnection', componentId: 1, state: 'READY', streamId: '1' },
      { __module__: 'kurento', __type__: 'IceConnection', componentId: 2, state: 'GATHERING', streamId: '1' },
    ]);
    expect(await client.invoke(endpoint, 'getDtlsConnectionState')).toMatchObject([
      { componentId: '[bundle/dtlssrtpdec]', state: 'CONNECTED' },
      { componentId: '[bundle/dtlssrtpenc]', state: 'CONNECTED' },
    ]);
    const stats = (await client.invoke(endpoint, 'getStats', { mediaType: 'AUDIO' })) as JsonObject;
    const types = Object.values(stats).map((entry) => (entry as JsonObject)['type']);
    expect(types.sort()).toEqual(['inboundrtp', 'outboundrtp']);
  });

  it('negotiates once', async () => {
    const { client, pipeline } = await startWithPipeline();
    const endpoint = await client.create('WebRtcEndpoint', { mediaPipeline: pipeline });
    const offer = makePeer().peer.generateOffer();
    const answer = await client.invoke(endpoint, 'processOffer', { offer });
    expect(answer).toMatch(/^v=0\r\n/);
    const negotiated = { code: 40208, message: 'Endpoint already negotiated' };
    expect(await client.invoke(endpoint, 'processOffer', { offer })).toMatchObject(negotiated);
    expect(await client.invoke(endpoint, 'generateOffer')).toMatchObject(negotiated);
    expect(await client.invoke(endpoint, 'processAnswer', { answer: offer })).toMatchObject({ code: 40209 });
    expect(await client.invoke(endpoint, 'getRemoteSessionDescriptor')).toBe(offer);
    expect(await client.invoke(endpoint, 'getLocalSessionDescriptor')).toBe(answer);
  });

  it('offers what it is asked to', async () => {
    const { client, pipeline } = await startWithPipeline();
    const endpoint = await subscribed(client, pipeline);
    const offer = await client.invoke(endpoint, 'generateOffer', {
      options: { offerToReceiveAudio: true, offerToReceiveVideo: false },
    });
    expect(offer).toMatch(/m=audio/);
    expect(offer).not.toMatch(/m=video/);
    expect(client.pendingEvents).toEqual([]);
    expect(await client.invoke(endpoint, 'processAnswer', { answer: 'garbage' })).toMatchObject({
      code: 40201,
    });
    const answer = makePeer().peer.processOffer(String(offer));
    expect(await client.invoke(endpoint, 'processAnswer', { answer })).toBe(offer);
    expect(client.pendingEvents).toContain('MediaSessionStarted');
  });

  it('says that no port is free, and can be asked again when one is', async () => {
    const occupant = createSocket('udp4').bind(0);
    await once(occupant, 'listening');
    const { port } = occupant.address();
    const server = await startServer({ mediaPorts: { min: port, max: port } });
    const client = await connect(server.url);
    const mediaPipeline = await client.create('MediaPipeline');
    const answering = await client.create('WebRtcEndpoint', { mediaPipeline });
    const offering = await client.create('WebRtcEndpoint', { mediaPipeline });
    const offer = makePeer().peer.generateOffer();
    const noPort = {
      code: 40009,
      data: { type: 'NOT_ENOUGH_RESOURCES' },
      message: 'No UDP port is free for media',
    };
    expect(await client.invoke(answering, 'processOffer', { offer })).toEqual(noPort);
    expect(await client.invoke(offering, 'generateOffer')).toEqual(noPort);
    occupant.close();
    await once(occupant, 'close');
    expect(await client.invoke(offering, 'generateOffer')).toMatch(/^v=0/);
  });

  it('takes any candidate of its media, and refuses those of others', async () => {
    const { client, pipeline } = await startWithPipeline();
    const endpoint = await client.create('WebRtcEndpoint', { mediaPipeline: pipeline });
    const candidate = 'candidate:1 1 UDP 2013266431 192.0.2.9 50000 typ host';
    const add = (text: string, sdpMid: string, sdpMLineIndex: number): Promise<unknown> =>
      client.invoke(endpoint, 'addIceCandidate', { candidate: { candidate: text, sdpMid, sdpMLineIndex } });
    expect(await add(candidate, 'x', 7)).toBeNull();
    await client.invoke(endpoint, 'processOffer', { offer: makePeer().peer.generateOffer() });
    for (const text of [
      'garbage',
      '',
      'candidate:1 1 UDP 2013266431 foo.local 50000 typ host',
      `a=${candidate}`,
    ]) {
      expect(await add(text, '0', 0)).toBeNull();
    }
    expect(await add(candidate, 'x', 7)).toEqual({
      code: 40401,
      data: { type: 'ICE_ADD_CANDIDATE_ERROR' },
      message: 'Error adding candidate',
    });
  });
});
