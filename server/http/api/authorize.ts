import { createHash, timingSafeEqual } from 'node:crypto';
import { ApiError } from './errors.ts';

/**
 * Lets only the admin through.
 * @param authorization the request's `Authorization` header
 * @param adminToken `ADMIN_TOKEN`; without it nobody gets through
 * @throws ApiError `api-closed` or `unauthorized`
 */
export function authorize(authorization: string | undefined, adminToken: string | undefined): void {
  if (!adminToken) {
    throw new ApiError(
      403,
      'api-closed',
      'The API is closed: set ADMIN_TOKEN and restart the server to open it.',
    );
  }
  const token = /^Bearer +([^\s]+) *$/i.exec(authorization ?? '')?.[1];
  if (token === undefined || !isSame(token, adminToken)) {
    const message = 'Send the header "Authorization: Bearer" with the ADMIN_TOKEN of this server.';
    throw new ApiError(401, 'unauthorized', message, { 'WWW-Authenticate': 'Bearer realm="video-call"' });
  }
}

/** Takes as long for a token that is wrong at its first character as for one wrong at its last. */
function isSame(token: string, expected: string): boolean {
  return timingSafeEqual(digest(token), digest(expected));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
