import { Router, type RouterContext } from '@koa/router';
import type { Logger } from 'pino';
import type { GroupStore } from '../../groups/index.ts';
import { authorize } from './authorize.ts';
import { drain, readJsonBody } from './body.ts';
import { callOperations } from './calls.ts';
import { answerOf, ApiError } from './errors.ts';
import { groupOperations } from './groups.ts';
import { importOperations } from './imports.ts';
import { memberOperations } from './members.ts';
import { openApiDocument } from './openapi.ts';
import type { ApiAnswer, ApiOperation, ApiRequest } from './operation.ts';

const OPENAPI_PATH = '/api/openapi.json';

/** Everything the API can do. */
export const API_OPERATIONS: readonly ApiOperation[] = [
  ...groupOperations,
  ...memberOperations,
  ...importOperations,
  ...callOperations,
];

/** What `apiRouter` needs. */
export interface ApiOptions {
  readonly store: GroupStore;
  /** `ADMIN_TOKEN`; without it the API is closed. */
  readonly adminToken: string | undefined;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
}

/**
 * The REST API of groups and calls, and its description at `/api/openapi.json`. Mount it with
 * `app.use(apiRouter(options).routes())`; it answers everything below `/api`.
 */
export function apiRouter({ store, adminToken, logger }: ApiOptions): Router {
  const router = new Router();
  const document = openApiDocument(API_OPERATIONS);
  const answering = (handle: (context: RouterContext) => Promise<ApiAnswer>) => {
    return async (context: RouterContext) => {
      const answer = await handle(context).catch((error: unknown) => answerOf(error, logger));
      if (!(await drain(context.req))) context.set('Connection', 'close');
      send(context, answer);
    };
  };
  const guarded = (handle: (context: RouterContext) => Promise<ApiAnswer>) =>
    answering(async (context) => {
      authorize(context.get('Authorization'), adminToken);
      return await handle(context);
    });

  router.get(
    OPENAPI_PATH,
    answering(async () => ({ status: 200, body: document })),
  );
  for (const operation of API_OPERATIONS) {
    router[operation.method](
      toKoaPath(operation.path),
      guarded(async (context) => {
        const answer = await operation.handle(toRequest(context, store));
        if (operation.method !== 'get') {
          logger.info({ operation: operation.id, path: context.path, status: answer.status }, 'API change');
        }
        return answer;
      }),
    );
  }
  for (const path of new Set(API_OPERATIONS.map(({ path }) => path))) {
    router.all(
      toKoaPath(path),
      guarded(async () => refuseMethod(path)),
    );
  }
  router.all(
    ['/api', '/api/{*rest}'],
    guarded(async ({ path }) => refusePath(path)),
  );
  if (!adminToken) logger.info('the API is closed: set ADMIN_TOKEN to open /api/groups and /api/calls');
  return router;
}

function toRequest(context: RouterContext, store: GroupStore): ApiRequest {
  assertDecodable(context.path);
  return {
    store,
    param: (name) => context['params'][name] ?? '',
    query: (name) => {
      const value = context.query[name];
      if (Array.isArray(value)) throw new ApiError(400, 'bad-request', `"${name}" is given more than once.`);
      return value === '' ? undefined : value;
    },
    body: () => readJsonBody(context.req),
  };
}

/** The router takes what it cannot decode as it stands, which would make it an id. */
function assertDecodable(path: string): void {
  try {
    decodeURIComponent(path);
  } catch {
    throw new ApiError(400, 'bad-request', 'The path is not URL-encoded UTF-8.');
  }
}

function refuseMethod(path: string): never {
  const methods = API_OPERATIONS.filter((operation) => operation.path === path).map(({ method }) => method);
  const allow = methods.join(', ').toUpperCase();
  throw new ApiError(405, 'method-not-allowed', `This path takes ${allow}.`, { Allow: allow });
}

function refusePath(path: string): never {
  throw new ApiError(404, 'not-found', `There is no ${path}: see ${OPENAPI_PATH}.`);
}

function send(context: RouterContext, { status, headers = {}, body }: ApiAnswer): void {
  context.status = status;
  context.set(headers);
  context.set('Cache-Control', 'no-store');
  if (body === undefined) return;
  context.type = 'application/json';
  context.body = JSON.stringify(body);
}

function toKoaPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}
