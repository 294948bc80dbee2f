import { ABS_SEND_TIME_URI, AUDIO_LEVEL_URI, MID_URI, TRANSPORT_CC_URI } from '../sdp/codecs.ts';
import type { Medium } from '../sdp/negotiation.ts';

/** The negotiated ids of the supported header extensions (RFC 8285); 0 for those not negotiated. */
export interface ExtensionIds {
  readonly mid: number;
  readonly audioLevel: number;
  readonly absSendTime: number;
  readonly transportCc: number;
}

export const NO_EXTENSIONS: ExtensionIds = { mid: 0, audioLevel: 0, absSendTime: 0, transportCc: 0 };

/** The ids of a medium's header extensions. */
export function extensionIds({ extensions }: Medium): ExtensionIds {
  return {
    mid: extensions.get(MID_URI) ?? 0,
    audioLevel: extensions.get(AUDIO_LEVEL_URI) ?? 0,
    absSendTime: extensions.get(ABS_SEND_TIME_URI) ?? 0,
    transportCc: extensions.get(TRANSPORT_CC_URI) ?? 0,
  };
}

/** Milliseconds as abs-send-time: 6.18 bit fixed-point seconds, wrapping every 64 s. */
export function toAbsSendTime(nowMs: number): number {
  return Math.floor((nowMs * 262_144) / 1000) & 0xffffff;
}
