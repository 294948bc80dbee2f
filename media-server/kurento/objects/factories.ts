import { randomUUID } from 'node:crypto';
import { RpcError } from '../rpc/rpc-error.ts';
import type { Json } from '../rpc/json.ts';
import type { RtpEndpointOptions } from '../../endpoint/rtp-endpoint.ts';
import type { MediaObject, ObjectHost, TypeDescription } from './media-object.ts';
import { MEDIA_PIPELINE, MediaPipeline } from './media-pipeline.ts';
import type { Module } from './modules.ts';
import {
  boolean,
  checkContainer,
  oneOf,
  optional,
  readAll,
  reference,
  type Parameters,
  type Values,
} from './parameters.ts';
import { PASS_THROUGH, PassThrough } from './pass-through.ts';
import { WebRtcEndpoint } from './webrtc-endpoint.ts';
import { WEBRTC_ENDPOINT } from './webrtc-operations.ts';

/** Settings of the media plane that all endpoints share. */
export type MediaOptions = Pick<
  RtpEndpointOptions,
  'portRange' | 'announcedAddress' | 'bindAddress' | 'relayGate'
>;

/** Creates objects of one type. */
interface Factory {
  readonly description: TypeDescription;
  /** @throws RpcError for unusable parameters */
  create(host: ObjectHost, params: Json | undefined, media: MediaOptions): MediaObject;
}

const PIPELINE = reference<MediaObject>();

const ENDPOINT_PARAMETERS = {
  mediaPipeline: PIPELINE,
  recvonly: optional(boolean),
  sendonly: optional(boolean),
  useDataChannels: optional(boolean),
  certificateKeyType: optional(oneOf('CertificateKeyType', ['RSA', 'ECDSA'])),
  qosDscp: optional(
    oneOf('DSCPValue', [
      'NO_DSCP',
      'NO_VALUE',
      'AUDIO_VERYLOW',
      'AUDIO_LOW',
      'AUDIO_MEDIUM',
      'AUDIO_HIGH',
      'VIDEO_VERYLOW',
      'VIDEO_LOW',
      'VIDEO_MEDIUM',
      'VIDEO_MEDIUM_THROUGHPUT',
      'VIDEO_HIGH',
      'VIDEO_HIGH_THROUGHPUT',
      'DATA_VERYLOW',
      'DATA_LOW',
      'DATA_MEDIUM',
      'DATA_HIGH',
    ]),
  ),
};

const mediaPipeline = factory(MEDIA_PIPELINE, {}, (host) => new MediaPipeline(host, newId(MEDIA_PIPELINE)));

const passThrough = factory(PASS_THROUGH, { mediaPipeline: PIPELINE }, (_host, params) => {
  const pipeline = pipelineOf(params.mediaPipeline);
  return new PassThrough(pipeline, newId(PASS_THROUGH, pipeline));
});

const webRtcEndpoint = factory(WEBRTC_ENDPOINT, ENDPOINT_PARAMETERS, (_host, params, media) => {
  const pipeline = pipelineOf(params.mediaPipeline);
  return new WebRtcEndpoint(pipeline, newId(WEBRTC_ENDPOINT, pipeline), WEBRTC_ENDPOINT, {
    ...media,
    recvonly: params.recvonly ?? false,
    sendonly: params.sendonly ?? false,
    useDataChannels: params.useDataChannels ?? false,
  });
});

const FACTORIES = [mediaPipeline, passThrough, webRtcEndpoint];

/** The types that can be created, by Kurento's modules. */
export const MODULES: readonly Module[] = [
  { name: 'core', types: [MEDIA_PIPELINE, PASS_THROUGH] },
  { name: 'elements', types: [WEBRTC_ENDPOINT] },
  { name: 'filters', types: [] },
];

/**
 * The factory of a type by its name, qualified or not.
 * @throws RpcError 40108 for a type that cannot be created here
 */
export function factoryOf(type: string): Factory {
  const name = type.replace(/^kurento\./, '');
  const found = FACTORIES.find(({ description }) => description.type === name);
  if (!found) throw RpcError.kurento('MEDIA_OBJECT_NOT_AVAILABLE', `Factory '${type}' not found`);
  return found;
}

function factory<P extends Parameters>(
  description: TypeDescription,
  parameters: P,
  make: (host: ObjectHost, params: Values<P>, media: MediaOptions) => MediaObject,
): Factory {
  return {
    description,
    create(host, params, media) {
      checkContainer(parameters, params, 'constructorParams');
      return make(
        host,
        readAll(parameters, params, 'parameter', (id) => host.get(id)),
        media,
      );
    },
  };
}

/** @throws RpcError, Kurento's, when the object is not a pipeline */
function pipelineOf(object: MediaObject): MediaPipeline {
  if (object instanceof MediaPipeline) return object;
  throw RpcError.unexpected('bad_weak_ptr');
}

function newId({ type }: TypeDescription, parent?: MediaPipeline): string {
  const id = `${randomUUID()}_kurento.${type}`;
  return parent ? `${parent.id}/${id}` : id;
}
