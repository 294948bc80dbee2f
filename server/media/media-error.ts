import type kurento from 'kurento-client';

/**
 * - `media-unavailable`: no media server can serve this, or the one that did is gone; another may.
 * - `bad-sdp`: the session description of the browser cannot be used.
 * - `media-failed`: the media server refused or did not answer in time.
 */
export type MediaErrorCode = 'media-unavailable' | 'bad-sdp' | 'media-failed';

/** What every operation of this folder rejects with; `cause` is the media server's own error, if there is one. */
export class MediaError extends Error {
  override readonly name = 'MediaError';
  readonly code: MediaErrorCode;

  constructor(code: MediaErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The media server's own refusal, when that is what `error` comes from. */
export function refusalOf(error: unknown): kurento.ServerError | undefined {
  if (!(error instanceof MediaError) || !(error.cause instanceof Error)) return undefined;
  const { cause }: { cause: kurento.ServerError } = { cause: error.cause };
  return cause.code === undefined ? undefined : cause;
}
