import type { Middleware } from 'koa';
import type { OriginGuard } from './origin-guard.ts';

/** One year, as browsers ask for (RFC 6797). */
const STRICT_TRANSPORT_SECURITY = 'max-age=31536000';

/**
 * Refuses requests under a foreign host name and sets the headers that keep the answers harmless.
 * @param isTls whether the server itself speaks TLS; else that is its proxy's matter
 */
export function security(origins: OriginGuard, isTls: boolean): Middleware {
  return async (context, next) => {
    const refusal = origins.hostRefusalOf(context.req);
    if (refusal) {
      context.status = refusal.status;
      context.body = `${refusal.advice}\n`;
      return;
    }
    context.set({
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Content-Security-Policy': "base-uri 'none'; object-src 'none'; frame-ancestors 'self'",
      ...(isTls ? { 'Strict-Transport-Security': STRICT_TRANSPORT_SECURITY } : {}),
    });
    await next();
  };
}
