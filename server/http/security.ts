import type { Middleware } from 'koa';
import type { OriginPolicy } from './origin.ts';

/** One year, as browsers ask for (RFC 6797). */
const STRICT_TRANSPORT_SECURITY = 'max-age=31536000';

/**
 * Refuses requests under a foreign host name and sets the headers that keep the answers harmless.
 * @param isTls whether the server itself speaks TLS; else that is its proxy's matter
 */
export function security(origins: OriginPolicy, isTls: boolean): Middleware {
  return async (context, next) => {
    if (!origins.isHostAllowed(context.headers.host)) {
      context.status = 421;
      context.body = 'This server only answers to names of its own machine; see ALLOWED_ORIGINS.\n';
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
