import type { Json, JsonObject } from '../rpc/json.ts';
import { complex } from './media-object.ts';
import { float, integer, optional, struct } from './parameters.ts';

/** Kurento's defaults, visible once any of them was set; its numbers are 32-bit floats. */
const DEFAULTS = {
  decrementFactor: 0.5,
  exponentialFactor: Math.fround(0.04),
  linealFactorGrade: 30,
  linealFactorMin: 100,
  packetsRecvIntervalTop: 100,
  thresholdFactor: Math.fround(0.8),
  upLosses: 12,
};

export const REMB_PARAMS = struct({
  packetsRecvIntervalTop: optional(integer),
  exponentialFactor: optional(float),
  linealFactorMin: optional(integer),
  linealFactorGrade: optional(float),
  decrementFactor: optional(float),
  thresholdFactor: optional(float),
  upLosses: optional(integer),
  rembOnConnect: optional(integer),
});

/** The reply to `getRembParams` after `setRembParams`, or before it (`null`). */
export function rembParams(given: Readonly<Record<string, number | undefined>> | null): Json {
  if (!given) return complex('RembParams', {});
  const set = Object.entries(given).filter((entry): entry is [string, number] => entry[1] !== undefined);
  return complex('RembParams', { ...DEFAULTS, ...(Object.fromEntries(set) as JsonObject) });
}
