import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import * as v from 'valibot';
import { Avatar, DisplayName, Id, type Person } from '../../protocol/index.ts';
import type { AuthConfig } from '../config.ts';
import {
  type Authenticator,
  type Credentials,
  type PeopleDirectory,
  RegistrationError,
} from './authenticator.ts';

/** How far the clocks of who signs and who checks may differ, in seconds. */
const CLOCK_TOLERANCE_SECONDS = 10;

/** What goes wrong in fetching the keys: an answer that is none, or comes too late. */
const KEYS_FAILED = new Set(['ERR_JOSE_GENERIC', 'ERR_JWKS_INVALID', 'ERR_JWKS_TIMEOUT']);

/** Claims that cannot be used are as good as missing: they are only shown. */
const Claims = v.object({
  sub: Id,
  name: v.fallback(v.optional(DisplayName), undefined),
  avatar: v.fallback(v.optional(Avatar), undefined),
});

type Verify = (token: string) => Promise<JWTPayload>;

/**
 * `AUTH=jwt`: the user is the `sub` of a token that the site has signed (RFC 7519). The algorithm is
 * pinned by the key that is configured, never chosen by the token (RFC 8725, 3.1).
 */
export class JwtAuthenticator implements Authenticator {
  readonly #verify: Verify;
  readonly #people: PeopleDirectory | undefined;

  /** @param people shows those whose token has no `name` or `avatar` */
  constructor(config: Extract<AuthConfig, { kind: 'jwt' }>, people?: PeopleDirectory) {
    this.#verify = verifierOf(config);
    this.#people = people;
  }

  async authenticate({ token }: Credentials): Promise<Person> {
    if (!token) throw new RegistrationError('token-missing', '"register" needs a "token" on this server.');
    const claims = v.safeParse(Claims, await this.#payloadOf(token));
    if (!claims.success) throw new RegistrationError('token-invalid', 'The token has no usable "sub".');
    const { sub: name, name: displayName, avatar } = claims.output;
    const stored = displayName && avatar ? undefined : await this.#people?.find(name).catch(() => undefined);
    return {
      name,
      displayName: displayName || stored?.displayName || name,
      avatar: avatar || stored?.avatar || '',
    };
  }

  async #payloadOf(token: string): Promise<JWTPayload> {
    try {
      return await this.#verify(token);
    } catch (error) {
      if (error instanceof errors.JWTExpired) {
        throw new RegistrationError('token-expired', 'The token has expired.', { cause: error });
      }
      if (error instanceof errors.JOSEError && !KEYS_FAILED.has(error.code)) {
        throw new RegistrationError('token-invalid', 'The token is not valid here.', { cause: error });
      }
      throw new RegistrationError('overloaded', 'The keys at JWKS_URL cannot be fetched.', { cause: error });
    }
  }
}

function verifierOf(config: Extract<AuthConfig, { kind: 'jwt' }>): Verify {
  const options: JWTVerifyOptions = { clockTolerance: CLOCK_TOLERANCE_SECONDS };
  if ('secret' in config) {
    const key = new TextEncoder().encode(config.secret);
    return async (token) => (await jwtVerify(token, key, { ...options, algorithms: ['HS256'] })).payload;
  }
  const keys = createRemoteJWKSet(config.jwksUrl);
  return async (token) =>
    (await jwtVerify(token, keys, { ...options, algorithms: ['RS256', 'ES256'] })).payload;
}
