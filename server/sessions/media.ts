import type { Candidate } from '../../protocol/index.ts';

/*
 * What calls and rooms need of the media plane. `server/media` provides it; naming only what is used here
 * keeps them free of Kurento, and lets a test show what a healthy media server never does.
 */

export type MediaKind = 'audio' | 'video';

/** One media connection of a page. */
export interface MediaEndpoint {
  on(event: 'candidate', listener: (candidate: Candidate) => void): unknown;
  /**
   * @returns the SDP answer
   * @throws an error with code `bad-sdp` or `media-failed`
   */
  negotiate(sdpOffer: string): Promise<string>;
  addCandidate(candidate: Candidate): unknown;
  /**
   * Sends this endpoint's media to another; replaces what fed that one before.
   * @param kind only this; both if missing
   */
  connect(sink: MediaEndpoint, kind?: MediaKind): Promise<unknown>;
  /** Undoes `connect`. */
  disconnect(sink: MediaEndpoint, kind?: MediaKind): Promise<unknown>;
  release(): unknown;
}

/** Everything one call or room uses on one media server; released as a whole. */
export interface MediaPipeline {
  /** `lost`: the media server went away and took all endpoints with it. */
  on(event: 'lost', listener: () => void): unknown;
  createEndpoint(): Promise<MediaEndpoint>;
  release(): unknown;
}

/** The media servers. */
export interface MediaPool {
  /** Whether a media server can be used at the moment. */
  readonly available: boolean;
  /** Waits until a media server can be used, at most `timeoutMs`. */
  whenReady(timeoutMs: number): Promise<unknown>;
  /** @throws an error with code `media-unavailable` */
  createPipeline(): Promise<MediaPipeline>;
}

/** What an error of the media plane is about; see the operations above. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
