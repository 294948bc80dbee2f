import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import * as v from 'valibot';
import { Avatar, DisplayName, Id } from '../../protocol/index.ts';
import type { AuthConfig } from '../config.ts';
import {
  type Authenticator,
  type Credentials,
  type Identity,
  type PeopleDirectory,
  RegistrationError,
} from './authenticator.ts';

/** How far the clocks of who signs and who checks may differ, in seconds. */
const CLOCK_SKEW_SECONDS = 60;

/** What goes wrong in fetching the keys: an answer that is none, or comes too late. */
const KEYS_FAILED = new Set(['ERR_JOSE_GENERIC', 'ERR_JWKS_INVALID', 'ERR_JWKS_TIMEOUT']);

/** Claims that cannot be used are as good as missing: they are only shown. */
const Claims = v.object({
  sub: Id,
  name: v.fallback(v.optional(DisplayName), undefined),
  avatar: v.fallback(v.optional(Avatar), undefined),
});

type JwtConfig = Extract<AuthConfig, { kind: 'jwt' }>;
type Verify = (token: string) => Promise<JWTPayload>;

/**
 * `AUTH=jwt`: the user is the `sub` of a token that the site has signed (RFC 7519). The algorithm is
 * pinned by the key that is configured, never chosen by the token (RFC 8725, 3.1).
 */
export class JwtAuthenticator implements Authenticator {
  readonly #verify: Verify;
  readonly #people: PeopleDirectory | undefined;

  /** @param people shows those whose token has no `name` or `avatar` */
  constructor(config: JwtConfig, people?: PeopleDirectory) {
    this.#verify = verifierOf(config);
    this.#people = people;
  }

  async authenticate({ token }: Credentials): Promise<Identity> {
    if (!token) throw new RegistrationError('token-missing', '"register" needs a "token" on this server.');
    const payload = await this.#payloadOf(token);
    const claims = v.safeParse(Claims, payload);
    if (!claims.success) throw new RegistrationError('token-invalid', 'The token has no usable "sub".');
    const { sub: name, name: displayName, avatar } = claims.output;
    const stored = displayName && avatar ? undefined : await this.#people?.find(name).catch(() => undefined);
    const user = {
      name,
      displayName: displayName || stored?.displayName || name,
      avatar: avatar || stored?.avatar || '',
    };
    return { user, expiresAt: expiryOf(payload, Date.now()) };
  }

  async #payloadOf(token: string): Promise<JWTPayload> {
    try {
      return await this.#verify(token);
    } catch (error) {
      throw refusalOf(error);
    }
  }
}

function verifierOf(config: JwtConfig): Verify {
  const { issuer, audience, allowsNoExpiry } = config;
  const options: JWTVerifyOptions = {
    clockTolerance: CLOCK_SKEW_SECONDS,
    requiredClaims: allowsNoExpiry ? [] : ['exp'],
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  };
  if ('secret' in config) {
    const key = new TextEncoder().encode(config.secret);
    return async (token) => (await jwtVerify(token, key, { ...options, algorithms: ['HS256'] })).payload;
  }
  const keys = createRemoteJWKSet(config.jwksUrl);
  return async (token) =>
    (await jwtVerify(token, keys, { ...options, algorithms: ['RS256', 'ES256'] })).payload;
}

/**
 * When a token that was accepted just now runs out, in milliseconds since 1970. By this clock that may have
 * been some seconds ago; such a token counts for as long as it would be accepted.
 */
function expiryOf({ exp }: JWTPayload, now: number): number | undefined {
  if (exp === undefined) return undefined;
  return exp * 1000 > now ? exp * 1000 : (exp + CLOCK_SKEW_SECONDS) * 1000;
}

function refusalOf(cause: unknown): RegistrationError {
  if (cause instanceof errors.JWTExpired) {
    return new RegistrationError('token-expired', 'The token has expired.', { cause });
  }
  if (cause instanceof errors.JWTClaimValidationFailed) return claimRefusalOf(cause);
  if (cause instanceof errors.JOSEError && !KEYS_FAILED.has(cause.code)) {
    return new RegistrationError('token-invalid', 'The token is not valid here.', { cause });
  }
  return new RegistrationError('overloaded', 'The keys at JWKS_URL cannot be fetched.', { cause });
}

/** Says which claim is wrong: the token was signed with the right key, so this is no news to an attacker. */
function claimRefusalOf(cause: errors.JWTClaimValidationFailed): RegistrationError {
  const { claim, reason } = cause;
  if (claim === 'nbf' && reason === 'check_failed') {
    return new RegistrationError('token-not-yet-valid', 'The token is not valid yet; see its "nbf".', {
      cause,
    });
  }
  return new RegistrationError('token-invalid', wrongClaimMessage(claim, reason), { cause });
}

function wrongClaimMessage(claim: string, reason: string): string {
  if (claim === 'iss') return 'The "iss" of the token is not the JWT_ISSUER of this server.';
  if (claim === 'aud') return 'The "aud" of the token does not name the JWT_AUDIENCE of this server.';
  if (claim === 'exp' && reason === 'missing') {
    return 'The token has no "exp", without which this server accepts none; see JWT_ALLOW_NO_EXPIRY.';
  }
  return `The "${claim}" of the token cannot be used.`;
}
