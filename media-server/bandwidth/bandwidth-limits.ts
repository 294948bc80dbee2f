/** Configured bit rates in kbit/s, seen from the server; 0 means no limit. */
export interface BandwidthLimits {
  minVideoSendKbps: number;
  maxVideoSendKbps: number;
  minVideoRecvKbps: number;
  maxVideoRecvKbps: number;
  maxAudioRecvKbps: number;
}

export const NO_LIMITS: Readonly<BandwidthLimits> = {
  minVideoSendKbps: 0,
  maxVideoSendKbps: 0,
  minVideoRecvKbps: 0,
  maxVideoRecvKbps: 0,
  maxAudioRecvKbps: 0,
};

const MIN_RECEIVE_BPS = 100_000;

/**
 * How much video may be sent to a browser, in bit/s; `Infinity` for no limit.
 * @param receiverLimitBps what the browser can receive, `Infinity` when it is not the bottleneck
 */
export function videoSendLimitBps(limits: Readonly<BandwidthLimits>, receiverLimitBps: number): number {
  return Math.min(
    maximumBps(limits.maxVideoSendKbps),
    Math.max(limits.minVideoSendKbps * 1000, receiverLimitBps),
  );
}

/**
 * How much video a browser should send, in bit/s; `Infinity` for no limit.
 * @param receiversLimitBps what the receivers of its video allow
 */
export function videoReceiveLimitBps(limits: Readonly<BandwidthLimits>, receiversLimitBps: number): number {
  const wanted = Math.max(MIN_RECEIVE_BPS, limits.minVideoRecvKbps * 1000, receiversLimitBps);
  return Math.min(maximumBps(limits.maxVideoRecvKbps), wanted);
}

function maximumBps(maxKbps: number): number {
  return maxKbps > 0 ? maxKbps * 1000 : Infinity;
}
