import type { Logger } from 'pino';
import { RepeatedLines } from '../repeated-lines.ts';
import type { AddressedRequest, OriginPolicy, OriginRefusal } from './origin-policy.ts';

/** Longest part of a header that is logged, in characters. */
const LOGGED_HEADER_MAX_LENGTH = 256;

/** Applies the policy, and tells the admin whom it refuses: one line a minute for each origin. */
export class OriginGuard {
  readonly #policy: OriginPolicy;
  readonly #logger: Pick<Logger, 'warn'>;
  readonly #lines = new RepeatedLines();

  constructor(policy: OriginPolicy, logger: Pick<Logger, 'warn'>) {
    this.#policy = policy;
    this.#logger = logger;
  }

  /** Why a page may not connect; undefined if it may. */
  refusalOf(request: AddressedRequest): OriginRefusal | undefined {
    return this.#told(request, this.#policy.refusalOf(request));
  }

  /** Why the server may not be addressed like this; undefined if it may. */
  hostRefusalOf(request: AddressedRequest): OriginRefusal | undefined {
    return this.#told(request, this.#policy.hostRefusalOf(request));
  }

  #told({ headers }: AddressedRequest, refusal: OriginRefusal | undefined): OriginRefusal | undefined {
    if (!refusal) return undefined;
    const { host, origin, 'x-forwarded-host': forwardedHost } = headers;
    const suppressed = this.#lines.due(origin ?? `host ${host}`, performance.now());
    if (suppressed === undefined) return refusal;
    const { status, setting, advice } = refusal;
    const told = { host: short(host), origin: short(origin), forwardedHost: short(forwardedHost) };
    this.#logger.warn({ ...told, status, setting, suppressed }, advice);
    return refusal;
  }
}

function short(header: string | string[] | undefined): string | undefined {
  return header === undefined ? undefined : String(header).slice(0, LOGGED_HEADER_MAX_LENGTH);
}
