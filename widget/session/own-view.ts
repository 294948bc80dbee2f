import type { SessionMedia } from './session-media.ts';
import type { OwnView } from './view.ts';

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
