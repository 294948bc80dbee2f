import type { Codec, MediaSection } from './session-description.ts';

export type MediaKind = 'audio' | 'video';
export const MEDIA_KINDS: readonly MediaKind[] = ['audio', 'video'];

const OPUS_CLOCK_RATE_HZ = 48_000;
const VIDEO_CLOCK_RATE_HZ = 90_000;

export const MID_URI = 'urn:ietf:params:rtp-hdrext:sdes:mid';
export const AUDIO_LEVEL_URI = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';
export const ABS_SEND_TIME_URI = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time';
export const TRANSPORT_CC_URI = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';

/** The header extensions that are forwarded or evaluated, by medium. */
export const SUPPORTED_EXTENSIONS: Record<MediaKind, readonly string[]> = {
  audio: [AUDIO_LEVEL_URI, ABS_SEND_TIME_URI, TRANSPORT_CC_URI, MID_URI],
  video: [ABS_SEND_TIME_URI, TRANSPORT_CC_URI, MID_URI],
};

/** The supported RTCP feedback, by medium (RFC 4585, RFC 5104, transport-wide congestion control). */
export const SUPPORTED_FEEDBACK: Record<MediaKind, readonly string[]> = {
  audio: ['transport-cc'],
  video: ['goog-remb', 'transport-cc', 'ccm fir', 'nack', 'nack pli'],
};

/** The codecs of the server's own offers. */
export const OFFERED_CODECS: Record<MediaKind, readonly Codec[]> = {
  audio: [codec(96, 'opus', OPUS_CLOCK_RATE_HZ, 2, 'minptime=10;useinbandfec=1', 'audio')],
  video: [
    codec(102, 'vp8', VIDEO_CLOCK_RATE_HZ, 1, '', 'video'),
    codec(
      103,
      'h264',
      VIDEO_CLOCK_RATE_HZ,
      1,
      'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
      'video',
    ),
  ],
};

/** Extension ids of the server's own offers; a URI has the same id in all m-lines (RFC 9143, section 9). */
export const OFFERED_EXTENSION_IDS: ReadonlyMap<string, number> = new Map([
  [AUDIO_LEVEL_URI, 1],
  [ABS_SEND_TIME_URI, 3],
  [TRANSPORT_CC_URI, 4],
  [MID_URI, 5],
]);

/** Chooses the one codec of an m-line: Opus; VP8, else H.264 constrained baseline. */
export function chooseCodec(kind: MediaKind, section: MediaSection): Codec | null {
  const { codecs } = section;
  if (kind === 'audio')
    return codecs.find(({ name, clockRate }) => name === 'opus' && clockRate === OPUS_CLOCK_RATE_HZ) ?? null;
  return codecs.find(({ name }) => name === 'vp8') ?? codecs.find(isForwardableH264) ?? null;
}

function isForwardableH264({ name, parameters }: Codec): boolean {
  return (
    name === 'h264' &&
    parameters.get('packetization-mode') === '1' &&
    /^42e0/i.test(parameters.get('profile-level-id') ?? '')
  );
}

/** The name as `a=rtpmap` writes it. */
export function rtpmap({ name, clockRate, channels }: Codec): string {
  const written = name === 'opus' ? name : name.toUpperCase();
  return `${written}/${clockRate}${channels > 1 ? `/${channels}` : ''}`;
}

function codec(
  payloadType: number,
  name: string,
  clockRate: number,
  channels: number,
  fmtp: string,
  kind: MediaKind,
): Codec {
  return {
    payloadType,
    name,
    clockRate,
    channels,
    fmtp,
    parameters: new Map(),
    feedback: SUPPORTED_FEEDBACK[kind],
  };
}
