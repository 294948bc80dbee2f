import { describe, expect, it } from 'vitest';
import type { Json } from '../rpc/json.ts';
import { shareObjects } from '../../../testing/media-server/shared-objects.ts';

/** Requests and answers of a real Kurento 7.3. */
const objects = shareObjects();

describe('an operation returns', () => {
  it.each<[object: string, operation: string, params: Json | undefined, value: Json]>([
    ['<m>', 'getId', undefined, 'manager_ServerManager'],
    ['<m>', 'getName', undefined, 'manager_ServerManager'],
    ['<m>', 'getChildren', undefined, []],
    ['<m>', 'getParent', undefined, null],
    ['<m>', 'getMediaPipeline', undefined, null],
    ['<m>', 'getMetadata', undefined, ''],
    ['<m>', 'getUsedCpu', { interval: -1 }, null],
    ['<p>', 'getParent', undefined, null],
    ['<p>', 'getMediaPipeline', undefined, '<p>'],
    ['<p>', 'getChildren', undefined, ['<e>', '<f>', '<t>']],
    ['<p>', 'getLatencyStats', undefined, false],
    ['<f>', 'getName', undefined, '<f>'],
    ['<f>', 'getName', [], '<f>'],
    ['<f>', 'getName', 'x', '<f>'],
    ['<f>', 'getName', { foo: 1 }, '<f>'],
    ['<f>', 'getParent', undefined, '<p>'],
    ['<f>', 'getMediaPipeline', undefined, '<p>'],
    ['<f>', 'getChildren', undefined, []],
    ['<f>', 'getTags', undefined, []],
    ['<f>', 'getSendTagsInEvents', undefined, false],
    ['<f>', 'getMaxVideoSendBandwidth', undefined, 500],
    ['<f>', 'getMinVideoSendBandwidth', undefined, 100],
    ['<f>', 'getMaxVideoRecvBandwidth', undefined, 0],
    ['<f>', 'getMinVideoRecvBandwidth', undefined, 100],
    ['<f>', 'getMaxAudioRecvBandwidth', undefined, 0],
    ['<f>', 'getMediaState', undefined, 'DISCONNECTED'],
    ['<f>', 'getConnectionState', undefined, 'DISCONNECTED'],
    ['<f>', 'getMtu', undefined, 1200],
    ['<f>', 'getRembParams', undefined, { __module__: 'kurento', __type__: 'RembParams' }],
    ['<f>', 'getStunServerAddress', undefined, ''],
    ['<f>', 'getStunServerPort', undefined, 3478],
    ['<f>', 'getTurnUrl', undefined, ''],
    ['<f>', 'getNetworkInterfaces', undefined, ''],
    ['<f>', 'getExternalIPv4', undefined, ''],
    ['<f>', 'getExternalIPv6', undefined, ''],
    ['<f>', 'setIceTcp', { iceTcp: false }, null],
    ['<f>', 'getICECandidatePairs', undefined, []],
    ['<f>', 'getIceConnectionState', undefined, []],
    ['<f>', 'getDtlsConnectionState', undefined, []],
    ['<f>', 'getEncoderBitrate', undefined, 300000],
    ['<f>', 'getMinEncoderBitrate', undefined, 0],
    ['<f>', 'getMaxEncoderBitrate', undefined, 2147483647],
    ['<f>', 'getStats', undefined, {}],
    ['<f>', 'getSourceConnections', undefined, []],
    ['<f>', 'isMediaFlowingIn', { mediaType: 'AUDIO' }, false],
    ['<t>', 'isMediaFlowingOut', { mediaType: 'VIDEO' }, false],
    ['<f>', 'isMediaTranscoding', { mediaType: 'VIDEO' }, false],
    ['<f>', 'requestKeyframe', undefined, null],
    ['<f>', 'gatherCandidates', undefined, null],
    ['<f>', 'setMtu', { mtu: -1 }, null],
    ['<f>', 'setTurnUrl', { turnUrl: 'garbage' }, null],
    [
      '<f>',
      'setVideoFormat',
      { caps: { codec: 'H264', framerate: { numerator: 10, denominator: 1 } } },
      null,
    ],
    ['<f>', 'closeDataChannel', { channelId: 0 }, null],
    ['<f>', 'addIceCandidate', { candidate: { candidate: 'garbage', sdpMid: 'x', sdpMLineIndex: 7 } }, null],
    ['<f>', 'disconnect', { sink: '<o>' }, null],
  ])('%s %s %j', async (object, operation, params, expected) => {
    const given = params === undefined ? undefined : objects.filled(params);
    expect(await objects.client.invoke(objects.filled(object), operation, given)).toEqual(
      objects.filled(expected),
    );
  });

  it.each<[property: string, written: Json, read: Json]>([
    ['name', 5, '5'],
    ['sendTagsInEvents', 1, true],
    ['sendTagsInEvents', 0, false],
    ['sendTagsInEvents', 2.5, true],
    ['sendTagsInEvents', null, false],
    ['maxVideoSendBandwidth', 777, 777],
    ['maxVideoSendBandwidth', 1.5, 100],
    ['maxVideoSendBandwidth', null, 0],
    ['maxVideoSendBandwidth', true, 100],
    ['maxVideoSendBandwidth', -1, -1],
    ['stunServerPort', 3479, 3479],
    [
      'rembParams',
      { rembOnConnect: 500 },
      {
        __module__: 'kurento',
        __type__: 'RembParams',
        decrementFactor: 0.5,
        exponentialFactor: 0.03999999910593033,
        linealFactorGrade: 30,
        linealFactorMin: 100,
        packetsRecvIntervalTop: 100,
        rembOnConnect: 500,
        thresholdFactor: 0.800000011920929,
        upLosses: 12,
      },
    ],
  ])('what was set: %s %j', async (property, written, read) => {
    const endpoint = await objects.client.create('WebRtcEndpoint', { mediaPipeline: objects.filled('<p>') });
    const suffix = property.charAt(0).toUpperCase() + property.slice(1);
    expect(await objects.client.invoke(endpoint, `set${suffix}`, { [property]: written })).toBeNull();
    expect(await objects.client.invoke(endpoint, `get${suffix}`)).toEqual(read);
    await objects.client.call('release', { object: endpoint });
  });

  it('limits of bandwidth, which bound each other', async () => {
    const endpoint = await objects.client.create('WebRtcEndpoint', { mediaPipeline: objects.filled('<p>') });
    const set = (name: string, value: number): Promise<Json | undefined> =>
      objects.client.invoke(endpoint, `set${name}VideoSendBandwidth`, {
        [`${name.toLowerCase()}VideoSendBandwidth`]: value,
      });
    const get = (name: string): Promise<Json | undefined> =>
      objects.client.invoke(endpoint, `get${name}VideoSendBandwidth`);
    await set('Max', 0);
    await set('Min', 5_000);
    await set('Max', 100);
    expect([await get('Min'), await get('Max')]).toEqual([0, 100]);
    await set('Min', 5_000);
    expect(await get('Min')).toBe(100);
  });

  it('tags, which come with events when wanted', async () => {
    const endpoint = await objects.client.create('WebRtcEndpoint', { mediaPipeline: objects.filled('<p>') });
    const tags = [{ __module__: 'kurento', __type__: 'Tag', key: 'k1', value: 'v1' }];
    await objects.client.call('subscribe', { object: endpoint, type: 'ElementConnected' });
    await objects.client.invoke(endpoint, 'addTag', { key: 'k1', value: 'v1' });
    expect(await objects.client.invoke(endpoint, 'getTag', { key: 'k1' })).toBe('v1');
    expect(await objects.client.invoke(endpoint, 'getTags')).toEqual(tags);
    await objects.client.invoke(endpoint, 'connect', { sink: endpoint, mediaType: 'AUDIO' });
    expect(await objects.client.event('ElementConnected')).toMatchObject({ tags: [] });
    await objects.client.invoke(endpoint, 'setSendTagsInEvents', { sendTagsInEvents: true });
    await objects.client.invoke(endpoint, 'connect', { sink: endpoint, mediaType: 'AUDIO' });
    expect(await objects.client.event('ElementConnected')).toMatchObject({ tags });
    await objects.client.invoke(endpoint, 'removeTag', { key: 'k1' });
    expect(await objects.client.invoke(endpoint, 'getTags')).toEqual([]);
  });

  it('the modules that kurento-client looks for', async () => {
    const info = await objects.client.invoke('manager_ServerManager', 'getInfo', null);
    expect(info).toMatchObject({
      __type__: 'ServerInfo',
      capabilities: ['transactions'],
      modules: [{ name: 'core' }, { name: 'elements' }, { name: 'filters' }],
      type: 'KMS',
    });
    const kmd = await objects.client.invoke('manager_ServerManager', 'getKmd', { moduleName: 'elements' });
    expect(JSON.parse(String(kmd))).toMatchObject({ remoteClasses: [{ name: 'WebRtcEndpoint' }] });
  });

  it('facts about the machine', async () => {
    const manager = 'manager_ServerManager';
    expect(await objects.client.invoke(manager, 'getCpuCount')).toBeGreaterThan(0);
    expect(await objects.client.invoke(manager, 'getUsedMemory')).toBeGreaterThan(1000);
    expect(await objects.client.invoke(manager, 'getUsedCpu', { interval: 10 })).toBeGreaterThanOrEqual(0);
    expect(Number(await objects.client.invoke(manager, 'getCreationTime')) * 1000).toBeLessThanOrEqual(
      Date.now(),
    );
  });
});

it('types are described', async () => {
  const described = async (object: string): Promise<Json> =>
    (await objects.client.call('describe', { object: objects.filled(object) })).result ?? null;
  expect(await described('<e>')).toMatchObject({
    hierarchy: [
      'kurento.BaseRtpEndpoint',
      'kurento.SdpEndpoint',
      'kurento.SessionEndpoint',
      'kurento.Endpoint',
      'kurento.MediaElement',
      'kurento.MediaObject',
    ],
    qualifiedType: 'kurento.WebRtcEndpoint',
    type: 'WebRtcEndpoint',
  });
  expect(await described('<m>')).toMatchObject({ hierarchy: ['kurento.MediaObject'], type: 'ServerManager' });
});
