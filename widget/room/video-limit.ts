import type { VideoLimit } from '../media/peer-connection.ts';

/** A shared screen must stay sharp, however many look at it. */
const SCREEN: VideoLimit = { maxBitrate: 1_500_000, scaleResolutionDownBy: 1 };

/** The more tiles, the smaller each, and the more pictures everybody receives; of a camera of 720 lines. */
const CAMERA: readonly ({ readonly upTo: number } & VideoLimit)[] = [
  { upTo: 2, maxBitrate: 1_800_000, scaleResolutionDownBy: 1 },
  { upTo: 4, maxBitrate: 900_000, scaleResolutionDownBy: 1.5 },
  { upTo: 9, maxBitrate: 400_000, scaleResolutionDownBy: 2 },
  { upTo: Infinity, maxBitrate: 200_000, scaleResolutionDownBy: 3 },
];

/** What one's own picture may cost in a room of this many people, oneself included. */
export function videoLimitFor(people: number, isScreen: boolean): VideoLimit {
  const limit = isScreen ? SCREEN : CAMERA.find(({ upTo }) => people <= upTo);
  const { maxBitrate, scaleResolutionDownBy } = limit ?? SCREEN;
  return { maxBitrate, scaleResolutionDownBy };
}
