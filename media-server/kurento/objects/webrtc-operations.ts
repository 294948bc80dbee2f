import { RpcError } from '../rpc/rpc-error.ts';
import { bandwidthOperations } from './bandwidth-properties.ts';
import { MEDIA_ELEMENT_EVENTS, MEDIA_ELEMENT_OPERATIONS } from './media-element.ts';
import type { TypeDescription } from './media-object.ts';
import { action, getter, method, setter, type Operations } from './operations.ts';
import { boolean, integer, optional, struct, text } from './parameters.ts';
import { REMB_PARAMS, rembParams } from './remb-params.ts';
import { settingOperations } from './settings.ts';
import { DEFAULT_STUN_PORT, type WebRtcEndpoint } from './webrtc-endpoint.ts';

const DEFAULT_MTU_BYTES = 1200;

const ICE_CANDIDATE = struct({ candidate: text, sdpMid: text, sdpMLineIndex: integer });

const OFFER_OPTIONS = struct({
  offerToReceiveAudio: optional(boolean),
  offerToReceiveVideo: optional(boolean),
});

const DATA_CHANNEL = {
  label: optional(text),
  ordered: optional(boolean),
  maxPacketLifeTime: optional(integer),
  maxRetransmits: optional(integer),
  protocol: optional(text),
};

/** `SdpEndpoint`: offers and answers. */
const NEGOTIATION: Operations<WebRtcEndpoint> = {
  processOffer: method({ offer: text }, (self: WebRtcEndpoint, { offer }) => self.processOffer(offer)),
  processAnswer: method({ answer: text }, (self: WebRtcEndpoint, { answer }) => self.processAnswer(answer)),
  generateOffer: method({ options: optional(OFFER_OPTIONS) }, (self: WebRtcEndpoint, { options }) =>
    self.generateOffer({
      audio: options?.offerToReceiveAudio ?? true,
      video: options?.offerToReceiveVideo ?? true,
    }),
  ),
  getLocalSessionDescriptor: getter((self: WebRtcEndpoint) => self.localDescription),
  getRemoteSessionDescriptor: getter((self: WebRtcEndpoint) => self.remoteDescription),
};

/** `BaseRtpEndpoint`: bandwidth, states, key frames. */
const RTP: Operations<WebRtcEndpoint> = {
  ...bandwidthOperations<WebRtcEndpoint>(),
  ...settingOperations<WebRtcEndpoint>({ mtu: DEFAULT_MTU_BYTES }),
  getRembParams: getter((self: WebRtcEndpoint) => rembParams(self.rembParams)),
  setRembParams: setter({ rembParams: REMB_PARAMS }, (self: WebRtcEndpoint, given) => {
    self.rembParams = given.rembParams;
  }),
  getConnectionState: getter((self: WebRtcEndpoint) => self.state.connection),
  getMediaState: getter((self: WebRtcEndpoint) => self.state.media),
  requestKeyframe: action({}, (self: WebRtcEndpoint) => self.requestKeyframe()),
};

/** `WebRtcEndpoint`: ICE, DTLS, data channels. */
const WEBRTC: Operations<WebRtcEndpoint> = {
  ...settingOperations<WebRtcEndpoint>({
    stunServerAddress: '',
    stunServerPort: DEFAULT_STUN_PORT,
    turnUrl: '',
    networkInterfaces: '',
    externalIPv4: '',
    externalIPv6: '',
    iceTcp: true,
  }),
  // Kurento crashes on this call. Here it is refused, because candidates are of UDP only.
  getIceTcp: getter(() => {
    throw notSupported('ICE over TCP is not supported');
  }),
  gatherCandidates: action({}, (self: WebRtcEndpoint) => self.gatherCandidates()),
  addIceCandidate: action({ candidate: ICE_CANDIDATE }, (self: WebRtcEndpoint, { candidate }) =>
    self.addIceCandidate(candidate),
  ),
  getICECandidatePairs: getter((self: WebRtcEndpoint) => self.state.candidatePairs),
  getIceConnectionState: getter((self: WebRtcEndpoint) => self.state.iceConnections),
  getDtlsConnectionState: getter((self: WebRtcEndpoint) => self.state.dtlsConnections),
  createDataChannel: action(DATA_CHANNEL, (self: WebRtcEndpoint) => {
    if (self.hasDataChannels) return;
    throw notSupported('Data channels are not supported');
  }),
  closeDataChannel: method({ channelId: integer }, () => null),
};

function notSupported(problem: string): RpcError {
  return RpcError.kurento('MEDIA_OBJECT_OPERATION_NOT_SUPPORTED', problem);
}

export const WEBRTC_ENDPOINT: TypeDescription = {
  type: 'WebRtcEndpoint',
  hierarchy: [
    'kurento.BaseRtpEndpoint',
    'kurento.SdpEndpoint',
    'kurento.SessionEndpoint',
    'kurento.Endpoint',
    'kurento.MediaElement',
    'kurento.MediaObject',
  ],
  events: [
    ...MEDIA_ELEMENT_EVENTS,
    'MediaSessionStarted',
    'MediaSessionTerminated',
    'ConnectionStateChanged',
    'MediaStateChanged',
    'DataChannelOpened',
    'DataChannelClosed',
    'DtlsConnectionStateChange',
    'IceCandidateFound',
    'IceComponentStateChanged',
    'IceGatheringDone',
    'NewCandidatePairSelected',
  ],
  operations: { ...MEDIA_ELEMENT_OPERATIONS, ...NEGOTIATION, ...RTP, ...WEBRTC },
};
