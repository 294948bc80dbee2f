/** Why no socket could be opened, as far as a page can find out. */
export interface Unreachable {
  readonly code: 'server-unreachable' | 'certificate' | 'insecure-page';
  /** One sentence that says what to do. */
  readonly message: string;
}

/** What is known about the page and the server. */
export interface Surroundings {
  /** The server's http(s) address. */
  readonly serverUrl: string;
  readonly pageUrl: string;
  /** Where the script itself came from. */
  readonly scriptUrl?: string | undefined;
  readonly online: boolean;
  readonly fetch: typeof fetch;
}

/**
 * Finds out why the socket fails. Browsers tell a page nothing about certificates: a refused one looks like
 * a server that is down. So it asks over https, and where the answer is the same it goes by what the browser
 * has already loaded from there.
 */
export async function findReason(surroundings: Surroundings): Promise<Unreachable> {
  const server = new URL(surroundings.serverUrl, surroundings.pageUrl);
  const page = new URL(surroundings.pageUrl);
  if (page.protocol === 'https:' && server.protocol === 'http:' && !isLoopback(server.hostname)) {
    return {
      code: 'insecure-page',
      message: `An https page cannot use the plain http server ${server.origin}; give it a certificate.`,
    };
  }
  const unreachable: Unreachable = {
    code: 'server-unreachable',
    message: `The call server ${server.origin} does not answer.`,
  };
  if (!surroundings.online || server.protocol !== 'https:' || wasTrusted(server, surroundings)) {
    return unreachable;
  }
  try {
    await surroundings.fetch(new URL('healthz', server), { mode: 'no-cors', cache: 'no-store' });
    return {
      ...unreachable,
      message: `${server.origin} answers but refuses the socket: is ${page.origin} in its ALLOWED_ORIGINS, and does its proxy pass WebSockets on?`,
    };
  } catch {
    return {
      code: 'certificate',
      message: `${server.origin} is down or its certificate is not trusted: open that address in a tab and accept it.`,
    };
  }
}

function wasTrusted(server: URL, { pageUrl, scriptUrl }: Surroundings): boolean {
  return [pageUrl, scriptUrl].some(
    (url) => url !== undefined && new URL(url, pageUrl).origin === server.origin,
  );
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || /^(127\.|\[::1\])/.test(hostname);
}
