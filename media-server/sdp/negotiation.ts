import {
  chooseCodec,
  OFFERED_CODECS,
  OFFERED_EXTENSION_IDS,
  SUPPORTED_EXTENSIONS,
  TRANSPORT_CC_URI,
} from './codecs.ts';
import type { MediaKind } from './codecs.ts';
import type {
  Codec,
  Direction,
  MediaSection,
  SessionDescription,
  TransportParameters,
} from './session-description.ts';

/** One medium in one direction, as negotiated. */
export interface Medium {
  readonly kind: MediaKind;
  readonly mid: string;
  readonly codec: Codec;
  /** Header extensions: URI to id, only those that are supported. */
  readonly extensions: ReadonlyMap<string, number>;
}

/** The outcome of the negotiation for one m-line. */
export interface PlannedSection {
  readonly type: string;
  readonly protocol: string;
  readonly formats: readonly string[];
  readonly mid: string;
  /** Seen from the server. */
  readonly direction: Direction;
  /** Empty when the m-line is rejected. */
  readonly codecs: readonly Codec[];
  readonly extensions: ReadonlyMap<string, number>;
  readonly rtcpReducedSize: boolean;
}

/** The negotiated media of an endpoint, by direction. */
export interface Media {
  readonly received: Partial<Record<MediaKind, Medium>>;
  readonly sent: Partial<Record<MediaKind, Medium>>;
}

export interface Plan extends Media {
  readonly sections: readonly PlannedSection[];
  /** The peer's; `null` when no m-line is usable. */
  readonly transport: TransportParameters | null;
}

/** The directions that an endpoint may use (Kurento's `recvonly` and `sendonly`). */
export interface DirectionPolicy {
  readonly mayReceive: boolean;
  readonly maySend: boolean;
}

/**
 * Decides on every m-line of a browser's offer (RFC 8829, section 5.3). Each kind is received on one m-line and sent
 * on one, the first that fits. Further ones become `inactive`, so that the browser keeps their transceivers.
 */
export function planAnswer(offer: SessionDescription, policy: DirectionPolicy): Plan {
  const received: Partial<Record<MediaKind, Medium>> = {};
  const sent: Partial<Record<MediaKind, Medium>> = {};
  let transportSection: MediaSection | null = null;
  const sections = offer.media.map((section): PlannedSection => {
    const kind = mediaKind(section);
    const codec = kind && isUsable(section) ? chooseCodec(kind, section) : null;
    if (!kind || !codec || !sharesTransport(offer, section, transportSection)) return rejected(section);
    transportSection ??= section;
    const medium: Medium = {
      kind,
      mid: section.mid,
      codec,
      extensions: commonExtensions(kind, section, codec),
    };
    const receives = policy.mayReceive && browserSends(section.direction) && !received[kind];
    const sends = policy.maySend && browserReceives(section.direction) && !sent[kind];
    if (receives) received[kind] = medium;
    if (sends) sent[kind] = medium;
    return {
      ...rejected(section),
      codecs: [codec],
      extensions: medium.extensions,
      direction: directionOf(sends, receives),
    };
  });
  return { sections, received, sent, transport: transportOf(transportSection) };
}

/** The m-lines of the server's own offer: `sendrecv`, as far as the policy allows. */
export function planOffer(kinds: readonly MediaKind[], policy: DirectionPolicy): PlannedSection[] {
  return kinds.map((kind) => ({
    type: kind,
    protocol: 'UDP/TLS/RTP/SAVPF',
    formats: OFFERED_CODECS[kind].map(({ payloadType }) => String(payloadType)),
    mid: `${kind}0`,
    direction: directionOf(policy.maySend, policy.mayReceive),
    codecs: OFFERED_CODECS[kind],
    extensions: new Map(
      [...OFFERED_EXTENSION_IDS].filter(([uri]) => SUPPORTED_EXTENSIONS[kind].includes(uri)),
    ),
    rtcpReducedSize: true,
  }));
}

/** Matches a browser's answer with what was offered; m-lines beyond the offer are ignored. */
export function planFromAnswer(offered: readonly PlannedSection[], answer: SessionDescription): Plan {
  const received: Partial<Record<MediaKind, Medium>> = {};
  const sent: Partial<Record<MediaKind, Medium>> = {};
  let transportSection: MediaSection | null = null;
  const sections = offered.map((planned, index): PlannedSection => {
    const section = answer.media[index];
    const kind = section && mediaKind(section);
    const codec = kind && isUsable(section) ? chooseCodec(kind, section) : null;
    if (!kind || !codec || planned.type !== kind) return { ...planned, codecs: [], direction: 'inactive' };
    transportSection ??= section;
    const medium: Medium = {
      kind,
      mid: planned.mid,
      codec,
      extensions: commonExtensions(kind, section, codec),
    };
    if (browserSends(section.direction) && mayReceive(planned)) received[kind] = medium;
    if (browserReceives(section.direction) && maySend(planned)) sent[kind] = medium;
    return { ...planned, codecs: [codec], extensions: medium.extensions };
  });
  return { sections, received, sent, transport: transportOf(transportSection) };
}

// A function, because TypeScript does not see assignments made inside a callback.
function transportOf(section: MediaSection | null): TransportParameters | null {
  return section?.transport ?? null;
}

function mediaKind({ type }: MediaSection): MediaKind | null {
  return type === 'audio' || type === 'video' ? type : null;
}

function isUsable(section: MediaSection): boolean {
  const offered = section.port !== 0 || section.bundleOnly;
  const secure = /^(UDP\/TLS\/)?RTP\/SAVPF?$/.test(section.protocol);
  return offered && secure && section.rtcpMux && section.transport !== null;
}

/** There is one transport: m-lines that are not bundled with the first one cannot be served (RFC 9143). */
function sharesTransport(
  offer: SessionDescription,
  section: MediaSection,
  first: MediaSection | null,
): boolean {
  return !first || (offer.bundle.includes(first.mid) && offer.bundle.includes(section.mid));
}

function rejected(section: MediaSection): PlannedSection {
  const { type, protocol, formats, mid, rtcpReducedSize } = section;
  return {
    type,
    protocol,
    formats,
    mid,
    rtcpReducedSize,
    direction: 'inactive',
    codecs: [],
    extensions: new Map(),
  };
}

/** Transport-wide numbers without feedback do harm: Chrome takes the missing feedback for a dead path. */
function commonExtensions(kind: MediaKind, section: MediaSection, { feedback }: Codec): Map<string, number> {
  return new Map(
    [...section.extensions].filter(
      ([uri]) =>
        SUPPORTED_EXTENSIONS[kind].includes(uri) &&
        (uri !== TRANSPORT_CC_URI || feedback.includes('transport-cc')),
    ),
  );
}

function browserSends(direction: Direction): boolean {
  return direction === 'sendrecv' || direction === 'sendonly';
}

function browserReceives(direction: Direction): boolean {
  return direction === 'sendrecv' || direction === 'recvonly';
}

function maySend({ direction }: PlannedSection): boolean {
  return direction === 'sendrecv' || direction === 'sendonly';
}

function mayReceive({ direction }: PlannedSection): boolean {
  return direction === 'sendrecv' || direction === 'recvonly';
}

function directionOf(sends: boolean, receives: boolean): Direction {
  if (sends) return receives ? 'sendrecv' : 'sendonly';
  return receives ? 'recvonly' : 'inactive';
}
