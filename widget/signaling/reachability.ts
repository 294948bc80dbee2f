/** Why no socket could be opened, as far as a page can find out. */
export interface Unreachable {
  readonly code: 'server-unreachable' | 'certificate' | 'insecure-page';
  /** One sentence that says what to do. */
  readonly message: string;
}

/** What is known about the page and the server. */
export interface Surroundings {
  /** What the server said when it asked to come again; undefined if it was not reached. */
  readonly answer?: string | undefined;
  /** The server's http(s) address. */
  readonly serverUrl: string;
  readonly pageUrl: string;
  /** Where the script itself came from. */
  readonly scriptUrl?: string | undefined;
  readonly online: boolean;
  readonly fetch: typeof fetch;
}

/**
 * Finds out why the socket fails. Browsers tell a page nothing about refused sockets and certificates: both
 * look like a server that is down. So it asks over http(s), and where that fails too it goes by what the
 * browser has already loaded from there.
 */
export async function findReason(surroundings: Surroundings): Promise<Unreachable> {
  const { answer, online, serverUrl, pageUrl } = surroundings;
  const server = new URL(serverUrl, pageUrl);
  const page = new URL(pageUrl);
  if (answer !== undefined) return unreachable(`The call server ${server.origin} refuses for now: ${answer}`);
  if (page.protocol === 'https:' && server.protocol === 'http:' && !isLoopback(server.hostname)) {
    return {
      code: 'insecure-page',
      message: `An https page cannot use the plain http server ${server.origin}; give it a certificate.`,
    };
  }
  if (online && (await answers(server, surroundings.fetch))) {
    return unreachable(
      `${server.origin} answers but refuses the socket: is ${page.origin} in its ALLOWED_ORIGINS, and does its proxy pass WebSockets and the Host header on?`,
    );
  }
  if (!online || server.protocol !== 'https:' || wasTrusted(server, surroundings)) {
    return unreachable(`The call server ${server.origin} does not answer.`);
  }
  return {
    code: 'certificate',
    message: `${server.origin} is down or its certificate is not trusted: open that address in a tab and accept it.`,
  };
}

function unreachable(message: string): Unreachable {
  return { code: 'server-unreachable', message };
}

async function answers(server: URL, ask: typeof fetch): Promise<boolean> {
  try {
    await ask(new URL('healthz', server), { mode: 'no-cors', cache: 'no-store' });
    return true;
  } catch {
    return false;
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
