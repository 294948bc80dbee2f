import type { Json, JsonObject } from '../rpc/json.ts';
import type {
  CandidatePair,
  DtlsState,
  IceCandidate,
  IceState,
  ConnectionState,
  MediaKind,
  RtpEndpoint,
} from '../../endpoint/rtp-endpoint.ts';
import type { MediaType } from './media-graph.ts';
import { complex } from './media-object.ts';

/** Kurento bundles everything into the first component of one stream; the second one never leaves GATHERING. */
const STREAM_ID = 1;
const RTP_COMPONENT = 1;
const RTCP_COMPONENT = 2;

type Emit = (type: string, fields?: JsonObject) => void;

/**
 * The state of an endpoint's connection in Kurento's terms. Listens to the {@link RtpEndpoint}, emits the event that
 * Kurento would emit for each change, and answers the getters.
 */
export class EndpointState {
  #connection: 'CONNECTED' | 'DISCONNECTED' = 'DISCONNECTED';
  #media: 'CONNECTED' | 'DISCONNECTED' = 'DISCONNECTED';
  #ice: IceState | null = null;
  #connectsEarly = false;
  #dtls: DtlsState | null = null;
  #pair: CandidatePair | null = null;
  readonly #flowing = { in: new Set<MediaType>(), out: new Set<MediaType>() };
  readonly #emit: Emit;
  readonly #dtlsId: string;

  /** @param index the endpoint's number, part of its DTLS connection's id */
  constructor(emit: Emit, index: number) {
    this.#emit = emit;
    this.#dtlsId = `dtlssrtpenc${index}-dtlssrtpdec${index}-1-1`;
  }

  get connection(): Json {
    return this.#connection;
  }

  get media(): Json {
    return this.#media;
  }

  isFlowing(direction: 'in' | 'out', type: MediaType): boolean {
    return this.#flowing[direction].has(type);
  }

  get candidatePairs(): Json {
    return this.#pair ? [candidatePair(this.#pair)] : [];
  }

  get iceConnections(): Json {
    if (!this.#ice) return [];
    const states = [
      { componentId: RTP_COMPONENT, state: this.#ice.toUpperCase() },
      { componentId: RTCP_COMPONENT, state: 'GATHERING' },
    ];
    return states.map((state) => complex('IceConnection', { ...state, streamId: String(STREAM_ID) }));
  }

  get dtlsConnections(): Json {
    const state = this.#dtls;
    if (!state) return [];
    return DTLS_ELEMENTS.map((element) => complex('DtlsConnection', this.#dtlsFields(element, state)));
  }

  /** Follows an endpoint until it is closed. */
  follow(rtp: RtpEndpoint): void {
    rtp.on('candidate', (candidate) =>
      this.#emit('IceCandidateFound', { candidate: iceCandidate(candidate) }),
    );
    rtp.on('gatheringDone', () => this.#emit('IceGatheringDone'));
    rtp.on('iceState', (state) => this.#onIceState(state));
    rtp.on('selectedPair', (pair) => {
      this.#pair = pair;
      this.#emit('NewCandidatePairSelected', { candidatePair: candidatePair(pair) });
    });
    rtp.on('dtlsState', (state) => this.#onDtlsState(state));
    rtp.on('connectionState', (state) => {
      this.#connection = this.#announceChange('ConnectionStateChanged', this.#connection, state);
    });
    rtp.on('mediaState', (state) => {
      this.#media = this.#announceChange('MediaStateChanged', this.#media, state);
    });
    rtp.on('flowIn', (kind, flowing) => this.#onFlow('in', kind, flowing));
    rtp.on('flowOut', (kind, flowing) => this.#onFlow('out', kind, flowing));
  }

  #onIceState(state: IceState): void {
    // libdatachannel starts connecting at once, but Kurento announces GATHERING first.
    if (state === 'connecting' && this.#ice === null) {
      this.#connectsEarly = true;
      return;
    }
    this.#ice = state;
    const fields = { state: state.toUpperCase(), streamId: STREAM_ID };
    this.#emit('IceComponentStateChanged', { ...fields, componentId: RTP_COMPONENT });
    if (state !== 'gathering') return;
    this.#emit('IceComponentStateChanged', { ...fields, componentId: RTCP_COMPONENT });
    if (this.#connectsEarly) this.#onIceState('connecting');
  }

  #onDtlsState(state: DtlsState): void {
    const announce = (element: string, announced: DtlsState): void =>
      this.#emit('DtlsConnectionStateChange', this.#dtlsFields(element, announced));
    // Kurento announces NEW for the encoder only.
    if (state === 'connecting' && this.#dtls === null) announce('dtlssrtpenc', 'new');
    this.#dtls = state;
    for (const element of DTLS_ELEMENTS) announce(element, state);
  }

  #dtlsFields(element: string, state: DtlsState): JsonObject {
    return {
      componentId: `[bundle/${element}]`,
      connectionId: this.#dtlsId,
      state: state.toUpperCase(),
      streamId: String(STREAM_ID),
    };
  }

  #announceChange(
    event: string,
    oldState: 'CONNECTED' | 'DISCONNECTED',
    state: ConnectionState,
  ): 'CONNECTED' | 'DISCONNECTED' {
    const newState = state === 'connected' ? 'CONNECTED' : 'DISCONNECTED';
    if (newState !== oldState) this.#emit(event, { newState, oldState });
    return newState;
  }

  #onFlow(direction: 'in' | 'out', kind: MediaKind, flowing: boolean): void {
    const type = MEDIA_TYPE_OF[kind];
    const flows = this.#flowing[direction];
    if (flows.has(type) === flowing) return;
    if (flowing) flows.add(type);
    else flows.delete(type);
    this.#emit(direction === 'in' ? 'MediaFlowInStateChanged' : 'MediaFlowOutStateChanged', {
      mediaType: type,
      padName: 'default',
      state: flowing ? 'FLOWING' : 'NOT_FLOWING',
    });
  }
}

/** In the order of Kurento's events. */
const DTLS_ELEMENTS = ['dtlssrtpdec', 'dtlssrtpenc'] as const;

const MEDIA_TYPE_OF: Readonly<Record<MediaKind, MediaType>> = { audio: 'AUDIO', video: 'VIDEO' };

function iceCandidate({ candidate, sdpMid, sdpMLineIndex }: IceCandidate): JsonObject {
  return complex('IceCandidate', { candidate, sdpMLineIndex, sdpMid });
}

function candidatePair({ local, remote }: CandidatePair): JsonObject {
  return complex('IceCandidatePair', {
    componentId: RTP_COMPONENT,
    localCandidate: local,
    remoteCandidate: remote,
    streamId: String(STREAM_ID),
  });
}
