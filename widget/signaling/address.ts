/**
 * The address of the signaling socket.
 *
 * @param serverUrl the server's address (`http:` or `https:`), which may end in a path
 * @param pageUrl what a relative address is relative to
 * @throws TypeError if it is no address
 */
export function signalingAddress(serverUrl: string, pageUrl: string): string {
  const url = new URL(serverUrl, pageUrl);
  url.protocol = url.protocol === 'http:' || url.protocol === 'ws:' ? 'ws:' : 'wss:';
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/signal`;
  url.search = '';
  url.hash = '';
  return url.href;
}
