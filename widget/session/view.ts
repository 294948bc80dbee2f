import type { Media, Person, Received, RefusalCode, StopReason } from '../../protocol/index.ts';
import type { SessionMedia } from './session-media.ts';

/** Why there is a problem screen instead of a call; each has its text and its one useful button. */
export type ProblemCode =
  | 'permission-denied'
  | 'insecure-page'
  | 'server-unreachable'
  | 'certificate'
  | 'not-registered'
  | 'token-expired'
  | 'media-unavailable'
  | 'media-failed'
  | 'unsupported-browser'
  | 'group-unavailable'
  | 'failed';

/** How one's own microphone or camera is: `missing` (no device), `denied`, `busy`, else on or off. */
export type DeviceState = 'opening' | 'on' | 'off' | 'missing' | 'denied' | 'busy';

/** Why a call is over: the server's refusal or stop reason. */
export type EndReason = Received<RefusalCode> | StopReason;

/** From 0 (bad) to 3 (good); undefined while unknown. */
export type QualityLevel = 0 | 1 | 2 | 3;

/** A group, as the page's chat knows it. */
export interface Group {
  readonly id: string;
  readonly name: string;
  readonly avatar: string;
}

/** A group in the place of a person: for its avatar, and for pages that ask whom a call is with. */
export const personOf = ({ id, name, avatar }: Group): Person => ({ name: id, displayName: name, avatar });

/** What is shown of one's own part in a call. */
export interface OwnView {
  readonly microphone: DeviceState;
  readonly camera: DeviceState;
  readonly sharing: boolean;
  readonly quality?: QualityLevel;
  /** The browser refused to play sound before a click. */
  readonly soundBlocked: boolean;
}

/** What is shown instead of a call that cannot be. */
export interface ProblemView {
  readonly phase: 'problem';
  readonly problem: ProblemCode;
  readonly detail?: string;
  readonly media?: Media;
  /** `in`: somebody else called, whom trying again calls back. */
  readonly direction?: 'in' | 'out';
}

/** What of a session's media is shown; a test brings its own. */
export type MediaShown = Pick<SessionMedia, 'quality' | 'soundBlocked' | 'streams'> & {
  readonly local: Pick<SessionMedia['local'], 'preview' | 'microphone' | 'camera' | 'sharing' | 'flags'>;
};

/** What is shown of one's own part; until there are media, the devices count as opening. */
export function ownView(media: MediaShown | undefined): OwnView {
  const { microphone = 'opening', camera = 'opening', sharing = false } = media?.local ?? {};
  const quality = media?.quality;
  const soundBlocked = media?.soundBlocked ?? false;
  return { microphone, camera, sharing, ...(quality !== undefined && { quality }), soundBlocked };
}

/** What the interface asks for in any call; requests go up, the view comes down. */
export interface SessionActions {
  reject(): void;
  toggleMicrophone(): void;
  toggleCamera(): void;
  shareScreen(): void;
  /** The one useful button of a problem: tries again what failed, or calls back. */
  retry(): void;
  /** Closes `ended` or `problem`. */
  dismiss(): void;
  /** Called from a click when `soundBlocked`. */
  resumeSound(): void;
}
