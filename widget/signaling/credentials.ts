/** Who the page says is using it. */
export interface Identity {
  readonly id: string;
  readonly name: string;
  readonly avatar: string;
}

/** What `register` is sent with. */
export type Credentials =
  | { readonly token: string }
  | { readonly name: string; readonly displayName: string; readonly avatar: string };

/** The page's backend handed out no token. */
class TokenError extends Error {
  override readonly name = 'TokenError';
  readonly code = 'token-unavailable';
}

/** Where tokens come from. */
export interface TokenSource {
  readonly token?: string | undefined;
  readonly tokenUrl?: string | undefined;
}

/**
 * Finds what to register with: a token fetched from the page's backend, else the given token, else the identity.
 *
 * @param source the element's `token` and `token-url`
 * @param identity the chat's or the element's user, when known
 * @throws TokenError the backend did not answer with a token
 */
export async function findCredentials(
  source: TokenSource,
  identity: () => Promise<Identity>,
): Promise<Credentials> {
  if (source.tokenUrl) return { token: await fetchToken(source.tokenUrl) };
  if (source.token) return { token: source.token };
  const { id, name, avatar } = await identity();
  return { name: id, displayName: name, avatar };
}

async function fetchToken(url: string): Promise<string> {
  let text: string;
  try {
    const response = await fetch(url, { credentials: 'include', cache: 'no-store' });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    text = (await response.text()).trim();
  } catch (cause) {
    throw new TokenError(`No token could be fetched from ${url}.`, { cause });
  }
  const token = text.startsWith('{') ? tokenIn(text) : text.replace(/^"|"$/g, '');
  if (!token) throw new TokenError(`${url} answered without a token.`);
  return token;
}

function tokenIn(json: string): string | undefined {
  try {
    const { token } = JSON.parse(json) as { token?: unknown };
    return typeof token === 'string' ? token : undefined;
  } catch {
    return undefined;
  }
}
