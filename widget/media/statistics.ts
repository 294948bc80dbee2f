import type { ClientMessageInput } from '../../protocol/index.ts';
import type { QualityLevel } from '../session/terms.ts';

/** What the `quality` message tells, without saying of which call. */
export type Metrics = Omit<Extract<ClientMessageInput, { id: 'quality' }>, 'id' | 'callId' | 'room'>;

/** The counters of one look at `getStats`. */
export interface Counters {
  /** Milliseconds. */
  readonly at: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly packetsIn: number;
  readonly packetsLostIn: number;
  readonly framesIn: number;
  /** From 0 to 1, as the server reported it last. */
  readonly lossOut?: number;
  readonly roundTripMs?: number;
}

/** A look at one stats object; browsers leave fields out. */
type Stat = Readonly<Record<string, unknown>> & { readonly type?: unknown };

/**
 * Sums up a stats report (W3C webrtc-stats).
 * @param at milliseconds, any origin
 */
export function countersOf(stats: Iterable<Stat>, at: number): Counters {
  const sums = { bytesIn: 0, bytesOut: 0, packetsIn: 0, packetsLostIn: 0, framesIn: 0 };
  const losses: number[] = [];
  let roundTripMs: number | undefined;
  for (const stat of stats) {
    if (stat.type === 'inbound-rtp') {
      sums.bytesIn += numberIn(stat, 'bytesReceived');
      sums.packetsIn += numberIn(stat, 'packetsReceived');
      sums.packetsLostIn += Math.max(0, numberIn(stat, 'packetsLost'));
      sums.framesIn += numberIn(stat, 'framesDecoded');
    } else if (stat.type === 'outbound-rtp') {
      sums.bytesOut += numberIn(stat, 'bytesSent');
    } else if (stat.type === 'remote-inbound-rtp' && typeof stat.fractionLost === 'number') {
      losses.push(stat.fractionLost);
    } else if (stat.type === 'candidate-pair' && stat.nominated === true) {
      const seconds = stat.currentRoundTripTime;
      if (typeof seconds === 'number') roundTripMs = seconds * 1_000;
    }
  }
  return {
    at,
    ...sums,
    ...(losses.length > 0 && { lossOut: Math.max(...losses) }),
    ...(roundTripMs !== undefined && { roundTripMs }),
  };
}

/** What happened between two looks; undefined if no time passed or the connection is another one. */
export function metricsBetween(before: Counters, after: Counters): Metrics | undefined {
  const elapsedMs = after.at - before.at;
  if (elapsedMs <= 0 || after.bytesIn < before.bytesIn || after.bytesOut < before.bytesOut) return undefined;
  const received = Math.max(0, after.packetsIn - before.packetsIn);
  const lost = Math.max(0, after.packetsLostIn - before.packetsLostIn);
  return {
    ...(after.roundTripMs !== undefined && { roundTripMs: Math.round(after.roundTripMs) }),
    ...(received + lost > 0 && { lossIn: lost / (received + lost) }),
    ...(after.lossOut !== undefined && { lossOut: after.lossOut }),
    kbpsIn: Math.round(((after.bytesIn - before.bytesIn) * 8) / elapsedMs),
    kbpsOut: Math.round(((after.bytesOut - before.bytesOut) * 8) / elapsedMs),
    framesPerSecondIn: Math.round((Math.max(0, after.framesIn - before.framesIn) * 1_000) / elapsedMs),
  };
}

/** Loss (fraction) and round trip (milliseconds) up to which each level still holds, best first. */
const LEVELS: readonly {
  readonly level: QualityLevel;
  readonly loss: number;
  readonly roundTripMs: number;
}[] = [
  { level: 3, loss: 0.02, roundTripMs: 200 },
  { level: 2, loss: 0.06, roundTripMs: 400 },
  { level: 1, loss: 0.15, roundTripMs: 800 },
];

/** What the bars show: the worse of loss and round trip. */
export function levelOf({ lossIn = 0, lossOut = 0, roundTripMs = 0 }: Metrics): QualityLevel {
  const loss = Math.max(lossIn, lossOut);
  return LEVELS.find((each) => loss <= each.loss && roundTripMs <= each.roundTripMs)?.level ?? 0;
}

function numberIn(stat: Stat, field: string): number {
  const value = stat[field];
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
