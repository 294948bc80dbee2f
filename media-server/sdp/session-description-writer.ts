import { rtpmap, SUPPORTED_FEEDBACK } from './codecs.ts';
import type { MediaKind } from './codecs.ts';
import type { PlannedSection } from './negotiation.ts';
import type { TransportParameters } from './session-description.ts';

const START_KBPS = 1000;

/** The identifiers of the media that one browser is sent. */
export interface SenderIdentity {
  readonly cname: string;
  /** The MediaStream's id in the browser. */
  readonly streamId: string;
  readonly ssrcs: Readonly<Record<MediaKind, number>>;
}

interface DescriptionOptions {
  readonly sessionId: number;
  readonly sections: readonly PlannedSection[];
  /** `null` when every m-line is rejected. */
  readonly transport: TransportParameters | null;
  readonly identity: SenderIdentity;
  /** For Opus from the browser, kbit/s; 0 for no limit. */
  readonly maxAudioKbps: number;
  /** Likewise for video. */
  readonly maxVideoKbps: number;
}

/** Writes an offer or an answer in Kurento's form, with `a=msid` added so that browsers create a stream. */
export function writeSessionDescription(options: DescriptionOptions): string {
  const { sections, sessionId, identity } = options;
  const accepted = sections.filter(({ codecs }) => codecs.length > 0);
  const lines = [
    'v=0',
    `o=- ${sessionId} ${sessionId} IN IP4 0.0.0.0`,
    's=Media Server',
    'c=IN IP4 0.0.0.0',
    't=0 0',
    `a=msid-semantic: WMS ${identity.streamId}`,
  ];
  if (accepted.length > 0) lines.push(`a=group:BUNDLE ${accepted.map(({ mid }) => mid).join(' ')}`);
  for (const section of sections) lines.push(...mediaLines(section, options));
  return `${lines.join('\r\n')}\r\n`;
}

function mediaLines(section: PlannedSection, options: DescriptionOptions): string[] {
  const { transport, identity } = options;
  if (section.codecs.length === 0 || !transport)
    return [
      `m=${section.type} 0 ${section.protocol} ${section.formats.join(' ')}`,
      'a=inactive',
      `a=mid:${section.mid}`,
    ];
  const kind: MediaKind = section.type === 'audio' ? 'audio' : 'video';
  return [
    `m=${kind} 9 ${section.protocol} ${section.codecs.map(({ payloadType }) => payloadType).join(' ')}`,
    ...(kind === 'audio' && options.maxAudioKbps > 0 ? [`b=AS:${options.maxAudioKbps}`] : []),
    ...[...section.extensions].map(([uri, id]) => `a=extmap:${id} ${uri}`),
    `a=${section.direction}`,
    `a=mid:${section.mid}`,
    'a=rtcp:9 IN IP4 0.0.0.0',
    'a=rtcp-mux',
    ...(section.rtcpReducedSize ? ['a=rtcp-rsize'] : []),
    ...codecLines(kind, section, options),
    ...senderLines(kind, section, identity),
    `a=setup:${transport.setup}`,
    `a=ice-ufrag:${transport.iceUfrag}`,
    `a=ice-pwd:${transport.icePwd}`,
    'a=ice-options:trickle',
    `a=fingerprint:${transport.fingerprint}`,
  ];
}

function codecLines(
  kind: MediaKind,
  { codecs, direction }: PlannedSection,
  options: DescriptionOptions,
): string[] {
  const receives = direction === 'sendrecv' || direction === 'recvonly';
  return codecs.flatMap((codec) => {
    const { payloadType } = codec;
    const parameters = [codec.fmtp.replace(/;?maxaveragebitrate=[^;]*/i, '')];
    if (kind === 'audio' && options.maxAudioKbps > 0)
      parameters.push(`maxaveragebitrate=${options.maxAudioKbps * 1000}`);
    if (kind === 'video' && receives) parameters.push(`x-google-start-bitrate=${startKbps(options)}`);
    const fmtp = parameters.filter(Boolean).join(';');
    return [
      `a=rtpmap:${payloadType} ${rtpmap(codec)}`,
      ...(fmtp ? [`a=fmtp:${payloadType} ${fmtp}`] : []),
      ...SUPPORTED_FEEDBACK[kind]
        .filter((feedback) => codec.feedback.includes(feedback))
        .map((feedback) => `a=rtcp-fb:${payloadType} ${feedback}`),
    ];
  });
}

/** Chrome starts at 300 kbit/s by default, and then needs seconds to reach a clear picture. */
function startKbps({ maxVideoKbps }: DescriptionOptions): number {
  return maxVideoKbps > 0 ? Math.min(START_KBPS, maxVideoKbps) : START_KBPS;
}

/** Announced even when media follows later, because kurento-utils takes the stream right after the answer. */
function senderLines(kind: MediaKind, section: PlannedSection, identity: SenderIdentity): string[] {
  if (section.direction !== 'sendrecv' && section.direction !== 'sendonly') return [];
  const ssrc = identity.ssrcs[kind];
  const msid = `${identity.streamId} ${identity.streamId}-${kind}`;
  return [`a=msid:${msid}`, `a=ssrc:${ssrc} cname:${identity.cname}`, `a=ssrc:${ssrc} msid:${msid}`];
}
