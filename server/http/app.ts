import { fileURLToPath } from 'node:url';
import Router from '@koa/router';
import Koa from 'koa';
import type { Logger } from 'pino';
import { type Health, healthRoutes } from './health.ts';
import type { OriginGuard } from './origin-guard.ts';
import { security } from './security.ts';
import { staticFiles } from './static-files.ts';
import { widgetFiles } from './widget-files.ts';

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));

/** What a client does that goes away in the middle of a file, or of its own request. */
const CLIENT_GONE = /^(ECONNRESET|EPIPE|ERR_STREAM_PREMATURE_CLOSE|HPE_.*)$/;

export interface AppOptions {
  readonly origins: OriginGuard;
  readonly health: Health;
  readonly isTls: boolean;
  readonly isDemoOn: boolean;
  /** Answers everything below `/api`. */
  readonly api?: Router;
  /** Where the build is; default `dist/` of this package. */
  readonly directory?: string;
  readonly logger: Logger;
}

/** Everything that is served over plain HTTP: the widget's files, the API, health, the demo. */
export function createApp(options: AppOptions): Koa {
  const { origins, health, isTls, isDemoOn, api, directory = DIST, logger } = options;
  const app = new Koa();
  app.on('error', (error: NodeJS.ErrnoException) => {
    if (CLIENT_GONE.test(error.code ?? '')) return;
    logger.error({ err: error }, 'a request could not be answered');
  });
  app.use(security(origins, isTls));
  if (api) app.use(api.routes());
  app.use(widgetFiles(`${directory}/widget`));
  const router = new Router();
  healthRoutes(router, health);
  if (isDemoOn) {
    router.redirect('/', '/demo/', 302);
    app.use(
      staticFiles({
        prefix: '/demo/',
        directory: `${directory}/demo`,
        cacheControl: 'no-cache',
        isOpen: false,
      }),
    );
  }
  app.use(router.routes()).use(router.allowedMethods());
  return app;
}
