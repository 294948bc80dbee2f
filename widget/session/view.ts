import type { Media } from '../../protocol/index.ts';
import type { SessionMedia } from './session-media.ts';
import type { DeviceState, ProblemCode, QualityLevel } from './terms.ts';

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
