/** How long before its end a token's page is asked for another one, in milliseconds. */
export const TOKEN_WARNING_MS = 60_000;

/** Where a token is in its life. */
export type TokenPhase = 'valid' | 'expiring' | 'expired';

/**
 * @param expiresAt when the token runs out, in milliseconds since 1970; undefined: never
 * @param now milliseconds since 1970
 */
export function tokenPhase(expiresAt: number | undefined, now: number): TokenPhase {
  if (expiresAt === undefined || now < expiresAt - TOKEN_WARNING_MS) return 'valid';
  return now < expiresAt ? 'expiring' : 'expired';
}

/**
 * How long a token stays in its present phase.
 * @param expiresAt when the token runs out, in milliseconds since 1970; undefined: never
 * @param now milliseconds since 1970
 * @returns milliseconds; undefined when it stays there for ever
 */
export function msToNextPhase(expiresAt: number | undefined, now: number): number | undefined {
  if (expiresAt === undefined || now >= expiresAt) return undefined;
  const warnsAt = expiresAt - TOKEN_WARNING_MS;
  return (now < warnsAt ? warnsAt : expiresAt) - now;
}
