import { once } from 'node:events';
import { WebSocket } from 'ws';

/** A page of an attacker: a socket that says what it likes. */
export class Page {
  readonly socket: WebSocket;
  readonly #frames: string[] = [];

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('message', (data) => this.#frames.push(String(data)));
  }

  /**
   * @param url the server's, with `http`
   * @param address the address to appear under, as behind a trusted proxy
   */
  static async open(url: string, address?: string): Promise<Page> {
    const headers = address === undefined ? {} : { 'X-Forwarded-For': address };
    const socket = new WebSocket(`${url.replace('http', 'ws')}/signal`, { headers });
    const page = new Page(socket);
    await once(socket, 'open');
    return page;
  }

  /** Opens a page and registers it under this name. */
  static async register(url: string, name: string): Promise<Page> {
    const page = await Page.open(url);
    page.say({ id: 'register', protocol: 2, name });
    await page.hear('registerResponse');
    return page;
  }

  say(message: object): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  /** Waits for a frame with this `id`, also one that came before, and takes it. */
  async hear<Message extends { id: string }>(id: Message['id']): Promise<Message> {
    for (;;) {
      const index = this.#frames.findIndex((frame) => frame.includes(`"id":"${id}"`));
      const [frame] = index < 0 ? [] : this.#frames.splice(index, 1);
      if (frame !== undefined) return JSON.parse(frame) as Message;
      await once(this.socket, 'message');
    }
  }
}

/** Opens several pages, some at a time so that the listener's backlog does not overflow. */
export async function openPages(count: number, open: (page: number) => Promise<Page>): Promise<Page[]> {
  const pages: Page[] = [];
  while (pages.length < count) {
    const opening = Array.from({ length: Math.min(50, count - pages.length) }, (_, i) =>
      open(pages.length + i),
    );
    const opened = await Promise.allSettled(opening);
    pages.push(...opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])));
    if (opened.every(({ status }) => status === 'rejected')) return pages;
  }
  return pages;
}
