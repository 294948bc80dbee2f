import { SdpError } from './sdp-error.ts';

const MAX_SDP_CHARACTERS = 200_000;
const MAX_MEDIA_SECTIONS = 64;
const MAX_PAYLOAD_TYPE = 127;

/** What one side tells the other to set up ICE and DTLS (RFC 8839, RFC 8842). */
export interface TransportParameters {
  readonly iceUfrag: string;
  readonly icePwd: string;
  /** Hash function and value as in `a=fingerprint`. */
  readonly fingerprint: string;
  readonly setup: DtlsSetup;
}

type DtlsSetup = 'actpass' | 'active' | 'passive';

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** A codec of one m-line, with its `a=fmtp` and `a=rtcp-fb` attributes. */
export interface Codec {
  readonly payloadType: number;
  /** Lower case, e.g. `vp8`. */
  readonly name: string;
  readonly clockRate: number;
  readonly channels: number;
  readonly parameters: ReadonlyMap<string, string>;
  /** The unparsed text of `a=fmtp`. */
  readonly fmtp: string;
  /** E.g. `nack pli`; including those for all payload types (`*`). */
  readonly feedback: readonly string[];
}

/** One m-line with its attributes. */
export interface MediaSection {
  readonly type: string;
  readonly port: number;
  readonly protocol: string;
  readonly formats: readonly string[];
  readonly mid: string;
  readonly direction: Direction;
  readonly codecs: readonly Codec[];
  /** Header extensions: URI to id. */
  readonly extensions: ReadonlyMap<string, number>;
  /** With port 0 in an offer: to be used nevertheless (RFC 9143, section 6). */
  readonly bundleOnly: boolean;
  readonly rtcpMux: boolean;
  readonly rtcpReducedSize: boolean;
  /** `null` when ICE credentials or fingerprint are missing. */
  readonly transport: TransportParameters | null;
}

export interface SessionDescription {
  readonly bundle: readonly string[];
  readonly media: readonly MediaSection[];
}

/** The lines of the session or of one m-line: attribute name to values. */
type Attributes = Map<string, string[]>;

/**
 * Parses a session description (RFC 8866) as far as this server needs it. Lines may end with LF alone.
 * @throws SdpError `empty` or `invalid`
 */
export function parseSessionDescription(text: string): SessionDescription {
  if (text.trim() === '') throw new SdpError('empty');
  if (text.length > MAX_SDP_CHARACTERS) throw new SdpError('invalid', 'too long');
  const lines = text.split(/\r\n|\n|\r/).filter((line) => line !== '');
  if (lines[0] !== 'v=0') throw new SdpError('invalid', 'no v=0');
  const session: Attributes = new Map();
  const sections: { line: string; attributes: Attributes }[] = [];
  let attributes = session;
  for (const line of lines) {
    if (!/^[a-z]=/.test(line)) throw new SdpError('invalid', `line ${line.slice(0, 40)}`);
    if (line.startsWith('m=')) {
      attributes = new Map();
      sections.push({ line, attributes });
      if (sections.length > MAX_MEDIA_SECTIONS) throw new SdpError('invalid', 'too many m-lines');
    } else if (line.startsWith('a=')) {
      addAttribute(attributes, line);
    }
  }
  return {
    bundle: (session.get('group') ?? []).flatMap((group) =>
      group.startsWith('BUNDLE') ? group.split(' ').slice(1) : [],
    ),
    media: sections.map((section, index) => parseMedia(section.line, section.attributes, session, index)),
  };
}

function addAttribute(attributes: Attributes, line: string): void {
  const colon = line.indexOf(':');
  const name = colon < 0 ? line.slice(2) : line.slice(2, colon);
  const value = colon < 0 ? '' : line.slice(colon + 1);
  const values = attributes.get(name);
  if (values) values.push(value);
  else attributes.set(name, [value]);
}

function parseMedia(line: string, own: Attributes, session: Attributes, index: number): MediaSection {
  const [type = '', port = '', protocol = '', ...formats] = line.slice(2).split(' ');
  const first = (name: string): string | undefined => own.get(name)?.[0] ?? session.get(name)?.[0];
  return {
    type,
    port: /^\d{1,5}(\/\d+)?$/.test(port) ? Number.parseInt(port, 10) : 0,
    protocol,
    formats: formats.filter((format) => format !== ''),
    mid: own.get('mid')?.[0] ?? String(index),
    direction: parseDirection(own, session),
    codecs: parseCodecs(formats, own),
    extensions: parseExtensions(own),
    bundleOnly: own.has('bundle-only'),
    rtcpMux: own.has('rtcp-mux'),
    rtcpReducedSize: own.has('rtcp-rsize'),
    transport: parseTransport(first),
  };
}

function parseDirection(own: Attributes, session: Attributes): Direction {
  const directions: Direction[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];
  for (const attributes of [own, session])
    for (const direction of directions) if (attributes.has(direction)) return direction;
  return 'sendrecv';
}

function parseCodecs(formats: readonly string[], attributes: Attributes): Codec[] {
  const fmtps = byPayloadType(attributes.get('fmtp'));
  const maps = byPayloadType(attributes.get('rtpmap'));
  const feedback = feedbackByPayloadType(attributes.get('rtcp-fb'));
  const forAll = feedback.get('*') ?? [];
  return [...new Set(formats)].flatMap((format) => {
    const map = /^([\w.-]+)\/(\d{1,9})(?:\/(\d{1,2}))?$/.exec(maps.get(format) ?? '');
    if (!/^(0|[1-9]\d{0,2})$/.test(format) || Number(format) > MAX_PAYLOAD_TYPE || !map) return [];
    const fmtp = fmtps.get(format) ?? '';
    return {
      payloadType: Number(format),
      name: (map[1] ?? '').toLowerCase(),
      clockRate: Number(map[2]),
      channels: Number(map[3] ?? 1),
      fmtp,
      parameters: parseParameters(fmtp),
      feedback: [...new Set([...forAll, ...(feedback.get(format) ?? [])])],
    };
  });
}

/** `96 nack pli` → `96` to all of its feedback. Read once, because an offer may have thousands of lines. */
function feedbackByPayloadType(values: readonly string[] = []): Map<string, string[]> {
  const feedback = new Map<string, string[]>();
  for (const value of values) {
    const [payloadType = '', ...words] = value.split(' ');
    const known = feedback.get(payloadType);
    if (known) known.push(words.join(' '));
    else feedback.set(payloadType, [words.join(' ')]);
  }
  return feedback;
}

/** `96 VP8/90000` → `96` to `VP8/90000`. */
function byPayloadType(values: readonly string[] = []): Map<string, string> {
  return new Map(
    values.map((value) => {
      const space = value.indexOf(' ');
      return space < 0 ? [value, ''] : [value.slice(0, space), value.slice(space + 1).trim()];
    }),
  );
}

function parseParameters(fmtp: string): Map<string, string> {
  return new Map(
    fmtp.split(';').map((pair) => {
      const [name = '', value = ''] = pair.split('=');
      return [name.trim().toLowerCase(), value.trim()];
    }),
  );
}

function parseExtensions(attributes: Attributes): Map<string, number> {
  const extensions = new Map<string, number>();
  for (const value of attributes.get('extmap') ?? []) {
    const match = /^(\d{1,2})(?:\/\w+)? (\S+)/.exec(value);
    const id = Number(match?.[1] ?? 0);
    // One-byte headers hold ids 1 to 14 (RFC 8285).
    if (match?.[2] && id >= 1 && id <= 14 && !extensions.has(match[2])) extensions.set(match[2], id);
  }
  return extensions;
}

function parseTransport(first: (name: string) => string | undefined): TransportParameters | null {
  const iceUfrag = first('ice-ufrag') ?? '';
  const icePwd = first('ice-pwd') ?? '';
  const fingerprint = first('fingerprint') ?? '';
  const setup = first('setup') ?? 'actpass';
  const usable =
    /^[\w+/-]{4,256}$/.test(iceUfrag) &&
    /^[\w+/-]{22,256}$/.test(icePwd) &&
    /^sha-(1|224|256|384|512) [0-9a-f]{2}(:[0-9a-f]{2}){19,63}$/i.test(fingerprint);
  return usable ? { iceUfrag, icePwd, fingerprint, setup: parseSetup(setup) } : null;
}

function parseSetup(setup: string): DtlsSetup {
  return setup === 'active' || setup === 'passive' ? setup : 'actpass';
}
