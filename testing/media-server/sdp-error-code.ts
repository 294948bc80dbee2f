import { SdpError } from '../../media-server/sdp/sdp-error.ts';

/** With which code an action refuses its description; `none` if it does not. */
export function sdpErrorCodeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof SdpError) return error.code;
    throw error;
  }
  return 'none';
}
