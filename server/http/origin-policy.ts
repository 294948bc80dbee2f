import type { IncomingHttpHeaders } from 'node:http';
import type { BlockList } from 'node:net';
import { isLoopback } from '../loopback.ts';
import { nameIn, originIn } from './origin.ts';
import { addressIn, isTrustedProxy } from './trusted-proxies.ts';

/** Which pages may open sockets and use the API. */
export interface OriginPolicyOptions {
  /** As `originIn` writes them. */
  readonly allowedOrigins: readonly string[];
  /** The address under which browsers reach the server, if it was told. */
  readonly publicUrl: URL | undefined;
  /** Whose `X-Forwarded-Host` is believed, besides this machine's. */
  readonly trustedProxies: BlockList;
  /** Whether only this machine can connect; then the server must be addressed by a name of it (DNS rebinding). */
  readonly isLoopbackOnly: boolean;
  /** Whether pages of any `localhost` origin are welcome: with `AUTH=none`. */
  readonly allowsLocalhost: boolean;
}

/** What is looked at of a request; an `IncomingMessage` will do. */
export interface AddressedRequest {
  readonly headers: Readonly<IncomingHttpHeaders>;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/** Why a request is refused, and what the admin can do about it. */
export interface OriginRefusal {
  readonly status: 403 | 421;
  /** The setting that would let it in. */
  readonly setting: 'ALLOWED_ORIGINS' | 'PUBLIC_URL';
  /** One sentence. */
  readonly advice: string;
}

/** Decides by the headers `Origin` and `Host`, against cross-site WebSocket hijacking and DNS rebinding. */
export class OriginPolicy {
  readonly #options: OriginPolicyOptions;
  /** Names under which the server may be addressed; a proxy may have dropped or changed the port. */
  readonly #publicNames: ReadonlySet<string>;

  constructor(options: OriginPolicyOptions) {
    this.#options = options;
    const origins = [...options.allowedOrigins, ...(options.publicUrl ? [options.publicUrl.origin] : [])];
    const pages = origins.filter(isOfTheWeb);
    this.#publicNames = new Set(pages.map((origin) => new URL(origin).hostname));
  }

  /** Why the server may not be addressed like this; undefined if it may. */
  hostRefusalOf({ headers }: AddressedRequest): OriginRefusal | undefined {
    if (this.#isHostAllowed(headers.host)) return undefined;
    return {
      status: 421,
      setting: 'PUBLIC_URL',
      advice:
        'This server listens on loopback only and answers to names of its own machine; set PUBLIC_URL to the address that browsers use.',
    };
  }

  /** Why a page may not connect; undefined if it may. Without the header `Origin` it is no browser's page. */
  refusalOf(request: AddressedRequest): OriginRefusal | undefined {
    const refusal = this.hostRefusalOf(request);
    const { origin: header, host } = request.headers;
    if (refusal || header === undefined) return refusal;
    const origin = originIn(header);
    if (origin !== undefined && this.#isAllowed(origin, request)) return undefined;
    return originRefusal(origin, host);
  }

  #isAllowed(origin: string, request: AddressedRequest): boolean {
    if (this.#options.allowedOrigins.includes(origin)) return true;
    if (origin === this.#options.publicUrl?.origin) return true;
    const name = nameIn(origin);
    if (name === undefined) return false;
    if (this.#options.allowsLocalhost && isLoopback(name)) return true;
    return isOfTheWeb(origin) && this.#hostsOf(request).some((host) => originOf(origin, host) === origin);
  }

  /**
   * By which hosts the browser may have addressed the server. On a loopback listener what a proxy says counts only
   * for names that were configured: a name that was rebound to this machine may well come through a proxy on it.
   */
  #hostsOf({ headers, socket }: AddressedRequest): string[] {
    const { host } = headers;
    const proxy = addressIn(socket.remoteAddress ?? '');
    const isTrusted = proxy !== undefined && isTrustedProxy(proxy, this.#options.trustedProxies);
    const forwarded = isTrusted ? String(headers['x-forwarded-host'] ?? '').split(',') : [];
    const hosts = forwarded.map((each) => each.trim()).filter((each) => this.#isHostAllowed(each));
    return host === undefined ? hosts : [host, ...hosts];
  }

  #isHostAllowed(host: string | undefined): boolean {
    if (!this.#options.isLoopbackOnly) return true;
    const name = hostnameIn(host);
    return name !== undefined && (isLoopback(name) || this.#publicNames.has(name));
  }
}

function originRefusal(origin: string | undefined, host: string | undefined): OriginRefusal {
  const isRenamed = origin !== undefined && isOfTheWeb(origin) && nameIn(origin) === hostnameIn(host);
  if (isRenamed) {
    return {
      status: 403,
      setting: 'PUBLIC_URL',
      advice: `A proxy seems to change the port in Host: set PUBLIC_URL to ${origin}, or let it pass Host on as it is.`,
    };
  }
  return {
    status: 403,
    setting: 'ALLOWED_ORIGINS',
    advice:
      'Pages of this origin may not connect: add it to ALLOWED_ORIGINS, or set PUBLIC_URL if it is the address of this server.',
  };
}

function isOfTheWeb(origin: string): boolean {
  return /^https?:/.test(origin);
}

function hostnameIn(host: string | undefined): string | undefined {
  if (!host || !URL.canParse(`http://${host}`)) return undefined;
  return new URL(`http://${host}`).hostname;
}

/** The origin of a page under this host, with the scheme of another origin. */
function originOf(origin: string, host: string): string | undefined {
  const address = `${new URL(origin).protocol}//${host}`;
  return host !== '' && URL.canParse(address) ? new URL(address).origin : undefined;
}
