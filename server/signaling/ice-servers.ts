import { createHmac } from 'node:crypto';
import type { IceServer } from '../../protocol/index.ts';
import type { Config } from '../config.ts';

/** How long TURN credentials can be used to begin with; an allocation once made outlives them. */
const TURN_CREDENTIAL_LIFETIME_SECONDS = 12 * 60 * 60;

/**
 * The ICE servers for one user. TURN credentials are short-lived, as coturn's `use-auth-secret` checks them
 * (draft-uberti-behave-turn-rest-00): the name is when they expire, the password its HMAC.
 *
 * @param now milliseconds since 1970
 */
export function iceServersFor(ice: Config['ice'], name: string, now: number): IceServer[] {
  const servers: IceServer[] = [];
  if (ice.stunUrls.length > 0) servers.push({ urls: [...ice.stunUrls] });
  if (ice.turnUrls.length > 0 && ice.turnSecret !== undefined) {
    const username = `${Math.floor(now / 1000) + TURN_CREDENTIAL_LIFETIME_SECONDS}:${name}`;
    const credential = createHmac('sha1', ice.turnSecret).update(username).digest('base64');
    servers.push({ urls: [...ice.turnUrls], username, credential });
  }
  return servers;
}
