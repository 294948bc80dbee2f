import { isLoopback } from '../config.ts';

/** Which pages may open sockets and use the API. */
export interface OriginPolicyOptions {
  readonly allowedOrigins: readonly string[];
  /** Whether only this machine can connect; then Host must be a name of it (DNS rebinding). */
  readonly isLoopbackOnly: boolean;
  /** Whether pages of any `localhost` origin are welcome: with `AUTH=none`. */
  readonly allowsLocalhost: boolean;
}

/** Decides by the headers `Origin` and `Host`, against cross-site WebSocket hijacking and DNS rebinding. */
export class OriginPolicy {
  readonly #options: OriginPolicyOptions;
  readonly #allowedHosts: ReadonlySet<string>;

  constructor(options: OriginPolicyOptions) {
    this.#options = options;
    this.#allowedHosts = new Set(options.allowedOrigins.map((origin) => new URL(origin).host));
  }

  /** Whether the server may be addressed by this `Host`. Behind a proxy, `ALLOWED_ORIGINS` names it. */
  isHostAllowed(host: string | undefined): boolean {
    if (!this.#options.isLoopbackOnly) return true;
    if (host === undefined || !URL.canParse(`http://${host}`)) return false;
    return this.#allowedHosts.has(host) || isLoopback(new URL(`http://${host}`).hostname);
  }

  /** Whether a page of this origin may connect. Without the header it is no browser's page. */
  isAllowed(origin: string | undefined, host: string | undefined): boolean {
    if (origin === undefined) return true;
    if (!URL.canParse(origin)) return false;
    const { host: originHost, hostname, origin: normalized } = new URL(origin);
    if (originHost !== '' && originHost === host?.toLowerCase()) return true;
    if (this.#options.allowedOrigins.includes(normalized)) return true;
    return this.#options.allowsLocalhost && isLoopback(hostname);
  }
}
