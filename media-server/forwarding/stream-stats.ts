import type { MediaKind } from '../sdp/codecs.ts';

/** What has come from the browser in one medium. */
export interface InboundStats {
  readonly kind: MediaKind;
  /** 0 before the first packet. */
  readonly ssrc: number;
  readonly packetsReceived: number;
  readonly bytesReceived: number;
  readonly packetsLost: number;
  readonly jitterSeconds: number;
  /** 0…1 of the last report interval. */
  readonly fractionLost: number;
  /** NACKs, PLIs and FIRs sent to the browser. */
  readonly nackCount: number;
  readonly pliCount: number;
  readonly firCount: number;
  /** Bandwidth last announced to the browser, bit/s; 0 when none was. */
  readonly rembBps: number;
}

/** What was sent to the browser in one medium, with what its receiver reports say. */
export interface OutboundStats {
  readonly kind: MediaKind;
  readonly ssrc: number;
  readonly packetsSent: number;
  readonly bytesSent: number;
  readonly packetsRetransmitted: number;
  readonly packetsLost: number;
  readonly jitterSeconds: number;
  /** 0…1 as last reported. */
  readonly fractionLost: number;
  readonly roundTripTimeSeconds: number;
  /** NACKs, PLIs and FIRs received from the browser. */
  readonly nackCount: number;
  readonly pliCount: number;
  readonly firCount: number;
  /** The browser's last estimate, bit/s; 0 when none came. */
  readonly rembBps: number;
}
