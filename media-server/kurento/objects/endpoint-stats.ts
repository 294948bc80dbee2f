import { createHash } from 'node:crypto';
import type { JsonObject } from '../rpc/json.ts';
import type {
  InboundStats,
  MediaKind,
  OutboundStats,
  RtpEndpointStats,
} from '../../endpoint/rtp-endpoint.ts';
import type { MediaType } from './media-graph.ts';
import { complex } from './media-object.ts';

/**
 * An endpoint's RTP statistics by id, in the form of Kurento's `getStats` (the W3C's of 2014).
 * @param type restricts them to a medium
 */
export function rtpStats(
  endpointId: string,
  stats: RtpEndpointStats,
  type: MediaType | undefined,
): JsonObject {
  const wanted = ({ kind }: { kind: MediaKind }): boolean =>
    type === undefined || type === kind.toUpperCase();
  const result: Record<string, JsonObject> = {};
  const add = (
    direction: string,
    kind: MediaKind,
    ssrc: number,
    typeName: string,
    fields: JsonObject,
  ): void => {
    const id = stableId(`${endpointId} ${direction} ${kind}`);
    const common = {
      associateStatsId: '',
      codecId: '',
      id,
      isRemote: false,
      mediaTrackId: '',
      sliCount: 0,
      ssrc: String(ssrc),
      timestampMillis: stats.timestampMs,
      transportId: '',
      type: direction,
    };
    result[id] = complex(typeName, { ...common, ...fields });
  };
  for (const entry of stats.inbound.filter(wanted)) {
    add('inboundrtp', entry.kind, entry.ssrc, 'RTCInboundRTPStreamStats', inbound(entry));
  }
  for (const entry of stats.outbound.filter(wanted)) {
    add('outboundrtp', entry.kind, entry.ssrc, 'RTCOutboundRTPStreamStats', outbound(entry));
  }
  return result;
}

function inbound(stats: InboundStats): JsonObject {
  return {
    bytesReceived: stats.bytesReceived,
    ...feedback(stats),
    jitter: stats.jitterSeconds,
    packetsReceived: stats.packetsReceived,
  };
}

function outbound(stats: OutboundStats): JsonObject {
  return {
    bytesSent: stats.bytesSent,
    ...feedback(stats),
    packetsSent: stats.packetsSent,
    roundTripTime: stats.roundTripTimeSeconds,
    targetBitrate: 0,
  };
}

function feedback(stats: InboundStats | OutboundStats): JsonObject {
  return {
    firCount: stats.firCount,
    fractionLost: stats.fractionLost,
    nackCount: stats.nackCount,
    packetsLost: stats.packetsLost,
    pliCount: stats.pliCount,
    remb: stats.rembBps,
  };
}

/** The statistics added by `setLatencyStats(true)`. Latencies are not measured: media is forwarded at once. */
export function endpointStats(endpointId: string, timestampMs: number): JsonObject {
  const fields = {
    E2ELatency: [],
    id: endpointId,
    inputLatency: [],
    timestampMillis: timestampMs,
    type: 'endpoint',
  };
  return { [endpointId]: complex('EndpointStats', fields) };
}

/** The statistics added for endpoints with data channels, of which there are never any. */
export function sessionStats(endpointId: string, timestampMs: number): JsonObject {
  const id = stableId(`${endpointId} session`);
  const fields = {
    dataChannelsClosed: 0,
    dataChannelsOpened: 0,
    id,
    timestampMillis: timestampMs,
    type: 'session',
  };
  return { [id]: complex('RTCPeerConnectionStats', fields) };
}

/** A UUID that is the same in every call, as ids of statistics must be. */
function stableId(name: string): string {
  const hex = createHash('sha1').update(name).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}
