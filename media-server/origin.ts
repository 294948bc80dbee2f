const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Whether a WebSocket handshake with this `Origin` may go on. Only browsers send one. While the server listens on
 * loopback, no page of another machine may reach it through the browser of somebody who works on this one: the
 * protocol itself knows no authentication.
 * @param host the address that the server listens on
 */
export function isOriginAllowed(origin: string | undefined, host: string): boolean {
  if (origin === undefined || !LOOPBACK.test(host === '::1' ? '[::1]' : host)) return true;
  return URL.canParse(origin) && LOOPBACK.test(new URL(origin).hostname);
}
