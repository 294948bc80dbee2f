/**
 * An origin in the only way in which it is compared (RFC 6454, 6.1): of web pages without a default port, of
 * other schemes (`file://`, `app://bundle`) literally.
 * @returns undefined if it is no origin
 */
export function originIn(text: string): string | undefined {
  if (text === 'null') return text;
  const [, scheme = '', authority = ''] = /^([a-z][a-z\d+.-]*):\/\/([^/?#\s]*)\/?$/i.exec(text) ?? [];
  if (scheme === '' || (authority === '' && scheme.toLowerCase() !== 'file')) return undefined;
  if (!/^https?$/i.test(scheme)) return `${scheme}://${authority}`.toLowerCase();
  return URL.canParse(text) ? new URL(text).origin : undefined;
}

/** The name or address of the host in an origin; undefined if it has none. */
export function nameIn(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).hostname || undefined : undefined;
}
