/** How long before its end a token's page is asked for another one, in milliseconds. */
export const TOKEN_WARNING_MS = 60_000;

/** When something becomes of a token; both in milliseconds since 1970. */
export interface TokenLife {
  /** From when on its page is asked for another one. */
  readonly warnsAt: number;
  readonly expiresAt: number;
}

/** Where a token is in its life. */
export type TokenPhase = 'valid' | 'expiring' | 'expired';

/**
 * The life of a token.
 * @param expiresAt when it runs out, in milliseconds since 1970; undefined: never
 * @param renewedAt when it took the place of another one, in milliseconds since 1970. A page whose tokens live for
 *   less than a minute would else be asked for the next one at once, for ever: it is asked halfway.
 */
export function tokenLife(expiresAt: number | undefined, renewedAt?: number): TokenLife | undefined {
  if (expiresAt === undefined) return undefined;
  const warnsAt = expiresAt - TOKEN_WARNING_MS;
  if (renewedAt === undefined) return { warnsAt, expiresAt };
  return { warnsAt: Math.max(warnsAt, Math.min(expiresAt, (renewedAt + expiresAt) / 2)), expiresAt };
}

/** @param now milliseconds since 1970 */
export function tokenPhase(life: TokenLife | undefined, now: number): TokenPhase {
  if (!life || now < life.warnsAt) return 'valid';
  return now < life.expiresAt ? 'expiring' : 'expired';
}

/**
 * How long a token stays in its present phase.
 * @param now milliseconds since 1970
 * @returns milliseconds; undefined when it stays there for ever
 */
export function msToNextPhase(life: TokenLife | undefined, now: number): number | undefined {
  if (!life || now >= life.expiresAt) return undefined;
  return (now < life.warnsAt ? life.warnsAt : life.expiresAt) - now;
}
