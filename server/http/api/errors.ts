import type { Logger } from 'pino';
import { BadCursorError, ImportError, StoreUnavailableError, UnknownGroupError } from '../../groups/index.ts';
import type { ApiAnswer } from './operation.ts';

/** Codes of the API's errors. They are stable. */
export const API_ERROR_CODES = [
  'bad-request',
  'bad-import',
  'unauthorized',
  'api-closed',
  'not-found',
  'unknown-group',
  'not-a-member',
  'method-not-allowed',
  'too-large',
  'unsupported-encoding',
  'store-unavailable',
  'internal',
] as const;

export type ApiErrorCode = (typeof API_ERROR_CODES)[number];

/** When to try again after `store-unavailable`, in seconds. */
const RETRY_AFTER_S = 5;

/** A request that the API refuses. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: ApiErrorCode;
  readonly headers: Readonly<Record<string, string>>;

  /**
   * @param status HTTP status
   * @param code what went wrong; stable
   * @param message one sentence that a site admin can act on
   */
  constructor(status: number, code: ApiErrorCode, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** The answer that tells of a failure. What nobody foresaw is logged, and not told. */
export function answerOf(error: unknown, logger: Pick<Logger, 'error' | 'warn'>): ApiAnswer {
  if (error instanceof ApiError) {
    return { status: error.status, headers: error.headers, body: errorBody(error) };
  }
  if (error instanceof UnknownGroupError) return { status: 404, body: errorBody(error) };
  if (error instanceof ImportError || error instanceof BadCursorError) {
    return { status: 400, body: errorBody(error) };
  }
  if (error instanceof StoreUnavailableError) {
    logger.warn({ err: error }, 'API request failed: the database cannot be used now');
    const body = errorBody({
      code: error.code,
      message: 'The membership database cannot be used now: try again later.',
    });
    return { status: 503, headers: { 'Retry-After': String(RETRY_AFTER_S) }, body };
  }
  logger.error({ err: error }, 'API request failed');
  return {
    status: 500,
    body: errorBody({ code: 'internal', message: 'The server failed; its log tells why.' }),
  };
}

function errorBody({ code, message, path }: { code: string; message: string; path?: string }) {
  return { error: { code, message, ...(path !== undefined && { path }) } };
}
