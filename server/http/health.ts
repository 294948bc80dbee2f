import type Router from '@koa/router';

/** What tells whether the server can serve calls. */
export interface Health {
  readonly pool: { readonly available: boolean };
  /** Whether the server is about to stop. */
  readonly isStopping: () => boolean;
}

/** `/healthz`: the process answers. `/readyz`: it can serve new calls; if not, why not. */
export function healthRoutes(router: Router, { pool, isStopping }: Health): void {
  router.get('/healthz', (context) => {
    context.set('Cache-Control', 'no-store');
    context.body = { status: 'ok' };
  });
  router.get('/readyz', (context) => {
    const reason = isStopping() ? 'stopping' : pool.available ? undefined : 'media-unavailable';
    context.set('Cache-Control', 'no-store');
    context.status = reason ? 503 : 200;
    context.body = reason ? { ready: false, reason } : { ready: true };
  });
}
