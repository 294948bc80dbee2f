import { describe, expect, it } from 'vitest';
import type { Json } from '../rpc/json.ts';
import { shareObjects } from '../../../testing/media-server/shared-objects.ts';

/** Requests that a real Kurento 7.3 refused, with its words. */
const objects = shareObjects();

const error = (code: number, type: string, message: string): Json => ({ code, data: { type }, message });
const marshall = (message: string): Json => error(40001, 'MARSHALL_ERROR', message);
const notFound = (id: string): Json => error(40101, 'MEDIA_OBJECT_NOT_FOUND', `Object '${id}' not found`);
const noFactory = (type: string): Json =>
  error(40108, 'MEDIA_OBJECT_NOT_AVAILABLE', `Factory '${type}' not found`);
const noMethod = (name: string, count: number): Json =>
  error(40008, 'MALFORMED_TRANSACTION', `Method '${name}' with ${count} parameters not found`);
const noEvent = (type: string): Json =>
  error(40106, 'MEDIA_OBJECT_EVENT_NOT_SUPPORTED', `Event '${type}' not supported`);
const rpc = (code: number, message: string): Json => ({ code, message });

describe('a request is answered with an error:', () => {
  it.each<[method: string, params: Json, error: Json]>([
    ['create', { type: 'FooBar', constructorParams: {} }, noFactory('FooBar')],
    ['create', { constructorParams: {} }, rpc(-32000, "'type' parameter is required")],
    ['create', {}, rpc(-32000, "'type' parameter is required")],
    ['create', { type: 5 }, noFactory('5')],
    [
      'create',
      { type: 'MediaElement', constructorParams: { mediaPipeline: '<p>' } },
      noFactory('MediaElement'),
    ],
    ['create', { type: 'ServerManager', constructorParams: {} }, noFactory('ServerManager')],
    ['create', { type: 'RecorderEndpoint' }, noFactory('RecorderEndpoint')],
    [
      'create',
      { type: 'WebRtcEndpoint', constructorParams: {} },
      marshall("'mediaPipeline' parameter should be a string"),
    ],
    ['create', { type: 'WebRtcEndpoint' }, marshall("'constructorParams' is required")],
    [
      'create',
      { type: 'MediaPipeline', constructorParams: [] },
      marshall("'constructorParams' should be an object"),
    ],
    [
      'create',
      { type: 'MediaPipeline', constructorParams: 'x' },
      marshall("'constructorParams' should be an object"),
    ],
    ['create', { type: 'WebRtcEndpoint', constructorParams: { mediaPipeline: 5 } }, notFound('5')],
    [
      'create',
      { type: 'WebRtcEndpoint', constructorParams: { mediaPipeline: '<e>' } },
      rpc(-32603, 'Unexpected error while processing method: bad_weak_ptr'),
    ],
    [
      'create',
      { type: 'WebRtcEndpoint', constructorParams: { mediaPipeline: '<p>', recvonly: 'yes' } },
      marshall("'recvonly' parameter should be a boolean"),
    ],
    [
      'create',
      { type: 'WebRtcEndpoint', constructorParams: { mediaPipeline: '<p>', certificateKeyType: 'FOO' } },
      marshall("Invalid value for 'CertificateKeyType'"),
    ],
    [
      'create',
      { type: 'WebRtcEndpoint', constructorParams: { mediaPipeline: 'newref:0' } },
      error(
        40109,
        'MEDIA_OBJECT_NOT_FOUND_TRANSACTION_NO_COMMIT',
        "Object 'newref:0' not found. Possibly using a transactional object without committing the transaction.",
      ),
    ],
    ['invoke', { operation: 'getName' }, rpc(-32000, "'object' parameter is required")],
    ['invoke', { object: '<e>' }, rpc(-32000, "'operation' parameter is required")],
    ['invoke', {}, rpc(-32000, "'operation' parameter is required")],
    ['invoke', { object: 5, operation: 'getName' }, notFound('5')],
    ['invoke', { object: '', operation: 'getName' }, notFound('')],
    ['invoke', { object: '<e>', operation: 5 }, noMethod('5', 0)],
    ['subscribe', { type: 'FooBar', object: '<e>' }, noEvent('FooBar')],
    ['subscribe', { type: 'OnIceCandidate', object: '<e>' }, noEvent('OnIceCandidate')],
    ['subscribe', { type: 'IceComponentStateChange', object: '<e>' }, noEvent('IceComponentStateChange')],
    ['subscribe', { type: 'IceCandidateFound', object: '<p>' }, noEvent('IceCandidateFound')],
    ['subscribe', { type: 'Error', object: 'nope' }, notFound('nope')],
    ['subscribe', { object: '<e>' }, rpc(-32000, "'type' parameter is required")],
    ['subscribe', { type: 'Error' }, rpc(-32000, "'object' parameter is required")],
    ['unsubscribe', { object: '<e>' }, rpc(-32000, "'subscription' parameter is required")],
    ['describe', { object: 'nope' }, notFound('nope')],
    ['describe', {}, rpc(-32000, "'object' parameter is required")],
    ['ref', { object: 'nope' }, notFound('nope')],
    ['release', {}, rpc(-32000, "'object' parameter is required")],
  ])('%s %j', async (method, params, expected) => {
    expect((await objects.client.call(method, objects.filled(params))).error).toEqual(expected);
  });
});

describe('an operation is answered with an error:', () => {
  it.each<[object: string, operation: string, params: Json | undefined, error: Json]>([
    ['<e>', 'fooBar', undefined, noMethod('fooBar', 0)],
    ['<e>', 'constructor', undefined, noMethod('constructor', 0)],
    ['<e>', 'setOutputBitrate', { bitrate: 1 }, noMethod('setOutputBitrate', 1)],
    ['<p>', 'connect', { sink: '<e>' }, noMethod('connect', 1)],
    ['<m>', 'fooBar', [1, 2], noMethod('fooBar', 2)],
    ['<e>', 'setName', undefined, marshall("'name' parameter should be a string")],
    ['<e>', 'setName', {}, marshall("'name' parameter should be a string")],
    ['<e>', 'setName', ['x'], marshall("'name' parameter should be a string")],
    ['<e>', 'setName', { name: { a: 1 } }, marshall("'name' parameter should be a string")],
    ['<e>', 'addTag', { key: 'x' }, marshall("'value' parameter should be a string")],
    ['<e>', 'getTag', { key: 'no' }, error(40110, 'MEDIA_OBJECT_TAG_KEY_NOT_FOUND', 'Tag key not found')],
    ['<e>', 'setMaxVideoSendBandwidth', { maxVideoSendBandwidth: 'x' }, notInteger('maxVideoSendBandwidth')],
    [
      '<e>',
      'setMaxVideoSendBandwidth',
      { maxVideoSendBandwidth: '500' },
      notInteger('maxVideoSendBandwidth'),
    ],
    [
      '<e>',
      'setMaxVideoSendBandwidth',
      { maxVideoSendBandwidth: 99999999999 },
      notInteger('maxVideoSendBandwidth'),
    ],
    [
      '<e>',
      'setSendTagsInEvents',
      { sendTagsInEvents: 'true' },
      marshall("'sendTagsInEvents' parameter should be a boolean"),
    ],
    ['<e>', 'connect', {}, marshall("'sink' parameter should be a string")],
    ['<e>', 'connect', { sink: 'nope' }, notFound('nope')],
    ['<e>', 'connect', { sink: 5 }, notFound('5')],
    ['<e>', 'connect', { sink: null }, notFound('')],
    ['<e>', 'connect', { sink: '<f>', mediaType: 'FOO' }, marshall("Invalid value for 'MediaType'")],
    ['<e>', 'connect', { sink: '<f>', mediaType: 5 }, marshall("Invalid value for 'MediaType'")],
    ['<e>', 'connect', { sink: '<f>', mediaType: 'video' }, marshall("Invalid value for 'MediaType'")],
    ['<e>', 'connect', { sink: '<f>', mediaType: null }, marshall("Invalid value for 'MediaType'")],
    [
      '<e>',
      'connect',
      { sink: '<o>' },
      error(40004, 'CONNECT_ERROR', 'Media elements do not share pipeline'),
    ],
    ['<e>', 'disconnect', { sink: 'nope' }, notFound('nope')],
    ['<e>', 'getStats', { mediaType: 'FOO' }, marshall("Invalid value for 'MediaType'")],
    ['<e>', 'isMediaFlowingIn', {}, marshall("'mediaType' parameter should be a string")],
    ['<e>', 'addIceCandidate', { candidate: 'x' }, marshall("'candidate' parameter should be a object")],
    ['<e>', 'addIceCandidate', {}, marshall("'candidate' parameter should be a object")],
    ['<e>', 'addIceCandidate', { candidate: {} }, marshall("'candidate' property should be a string")],
    [
      '<e>',
      'addIceCandidate',
      { candidate: { candidate: '', sdpMLineIndex: 0 } },
      marshall("'sdpMid' property should be a string"),
    ],
    ['<e>', 'processOffer', undefined, marshall("'operationParams' is required")],
    ['<e>', 'processOffer', {}, marshall("'offer' parameter should be a string")],
    ['<e>', 'processOffer', { offer: 5 }, error(40201, 'SDP_PARSE_ERROR', 'Invalid SDP')],
    ['<e>', 'processOffer', { offer: 'garbage' }, error(40201, 'SDP_PARSE_ERROR', 'Invalid SDP')],
    ['<e>', 'processOffer', { offer: '' }, error(40201, 'SDP_PARSE_ERROR', 'Empty offer not valid')],
    [
      '<e>',
      'processAnswer',
      { answer: 'v=0\r\n' },
      error(
        40209,
        'SDP_END_POINT_NOT_OFFER_GENERATED',
        'Offer not generated. It is not possible to process an answer.',
      ),
    ],
    ['<e>', 'generateOffer', { options: 'x' }, marshall("'options' parameter should be a object")],
    [
      '<e>',
      'getLocalSessionDescriptor',
      undefined,
      error(40202, 'SDP_END_POINT_NO_LOCAL_SDP_ERROR', 'No local SDP'),
    ],
    [
      '<e>',
      'getRemoteSessionDescriptor',
      undefined,
      error(40203, 'SDP_END_POINT_NO_REMOTE_SDP_ERROR', 'No remote SDP'),
    ],
    [
      '<e>',
      'createDataChannel',
      { label: 'x' },
      error(40111, 'MEDIA_OBJECT_OPERATION_NOT_SUPPORTED', 'Data channels are not supported'),
    ],
    ['<p>', 'getGstreamerDot', { details: 'FOO' }, marshall("Invalid value for 'GstreamerDotDetails'")],
    ['<m>', 'getKmd', {}, marshall("'moduleName' parameter should be a string")],
    ['<m>', 'getKmd', { moduleName: 'foo' }, error(40500, 'UNDEFINED', "Requested kmd module doesn't exist")],
    ['<m>', 'getUsedCpu', {}, marshall("'interval' parameter should be a integer")],
  ])('%s %s %j', async (object, operation, params, expected) => {
    const given = params === undefined ? undefined : objects.filled(params);
    expect(await objects.client.invoke(objects.filled(object), operation, given)).toEqual(expected);
  });

  it('getIceTcp, where Kurento crashes', async () => {
    expect(await objects.client.invoke(objects.filled('<e>'), 'getIceTcp')).toEqual(
      error(40111, 'MEDIA_OBJECT_OPERATION_NOT_SUPPORTED', 'ICE over TCP is not supported'),
    );
  });

  it('connect to what is no media element, where Kurento crashes', async () => {
    for (const sink of [objects.filled('<p>'), 'manager_ServerManager']) {
      expect(await objects.client.invoke(objects.filled('<e>'), 'connect', { sink })).toMatchObject({
        code: 40004,
      });
      expect(await objects.client.invoke(objects.filled('<e>'), 'disconnect', { sink })).toBeNull();
    }
  });
});

function notInteger(name: string): Json {
  return marshall(`'${name}' parameter should be a integer`);
}
