import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as v from 'valibot';
import { WebSocket, WebSocketServer } from 'ws';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type ClientMessage,
  IMAGE_MAX_LENGTH,
  ServerMessage,
  TEXT_MAX_LENGTH,
} from '../protocol/messages.ts';
import { FRAMES_MAX } from './chat.ts';
import { demoRoutes } from './index.ts';

let http: Server;
let sockets: WebSocketServer;

beforeEach(async () => {
  http = createServer().listen(0, '127.0.0.1');
  sockets = new WebSocketServer({ server: http });
  const [route] = demoRoutes({ logger: { info: () => undefined, warn: () => undefined } });
  sockets.on('connection', (socket, request) => route?.onConnection(socket, request));
  await once(http, 'listening');
});

afterEach(async () => {
  for (const socket of sockets.clients) socket.terminate();
  http.close();
  await once(http, 'close');
});

/** A page: what it received so far, and a wait for what is to come. */
class Page {
  readonly socket = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}/demo/chat`);
  readonly #received: ServerMessage[] = [];
  #wake = (): void => undefined;

  constructor() {
    this.socket.on('message', (data) => {
      this.#received.push(v.parse(ServerMessage, JSON.parse(String(data))));
      this.#wake();
    });
  }

  static async entered(user?: number) {
    const page = await Page.open();
    page.send(user === undefined ? { id: 'enter' } : { id: 'enter', user });
    return { page, entered: await page.next('entered') };
  }

  static async open(): Promise<Page> {
    const page = new Page();
    await once(page.socket, 'open');
    return page;
  }

  send(message: ClientMessage): void {
    this.socket.send(JSON.stringify(message));
  }

  say(to: number, text: string, token = text): void {
    this.send({ id: 'say', to: { type: 'friend', id: to }, content: { kind: 'text', text }, token });
  }

  /** Takes the oldest message of this kind that was not taken yet. */
  async next<I extends ServerMessage['id']>(id: I): Promise<Extract<ServerMessage, { id: I }>> {
    for (;;) {
      const index = this.#received.findIndex((message) => message.id === id);
      if (index >= 0) return this.#received.splice(index, 1)[0] as Extract<ServerMessage, { id: I }>;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

test('without a user each page becomes the next one who is not online', async () => {
  const users = [];
  for (let i = 0; i < 4; i++) users.push((await Page.entered()).entered.mine.id);
  expect(users).toEqual([1, 2, 3, 1]);
});

test('a user is offline when the last of its pages is gone', async () => {
  const { page: jia } = await Page.entered(1);
  const { page: first } = await Page.entered(2);
  expect(await jia.next('presence')).toMatchObject({ user: 2, online: true });
  const { page: second } = await Page.entered(2);
  first.socket.close();
  await once(first.socket, 'close');
  const { entered } = await Page.entered(3);
  expect(entered.online).toEqual([1, 2, 3]);
  second.socket.close();
  await jia.next('presence');
  expect(await jia.next('presence')).toMatchObject({ user: 2, online: false });
});

test('a message reaches every page of both and nobody else', async () => {
  const { page: jia } = await Page.entered(1);
  const { page: jiaToo } = await Page.entered(1);
  const { page: yi } = await Page.entered(2);
  const { page: bing } = await Page.entered(3);
  jia.say(2, '你好', 'a');
  expect((await jia.next('said')).token).toBe('a');
  expect((await jiaToo.next('said')).message.content).toEqual({ kind: 'text', text: '你好' });
  expect((await yi.next('said')).message).toMatchObject({ from: 1, to: { type: 'friend', id: 2 } });
  yi.say(3, '给丙');
  expect((await bing.next('said')).message.content).toMatchObject({ text: '给丙' });
});

test('the group with the id of a user is another chat', async () => {
  const { page: jia } = await Page.entered(1);
  const { page: bing } = await Page.entered(3);
  jia.send({
    id: 'say',
    to: { type: 'group', id: 1 },
    content: { kind: 'text', text: '大家好' },
    token: 'g',
  });
  expect((await bing.next('said')).message.to).toEqual({ type: 'group', id: 1 });
  bing.say(1, '只给甲');
  await bing.next('said');
  const { entered } = await Page.entered(2);
  expect(entered.history.map((message) => message.content)).toEqual([{ kind: 'text', text: '大家好' }]);
});

test('a message sent again after a lost connection counts once', async () => {
  const { page } = await Page.entered(1);
  page.say(2, '一次', 'same');
  const first = await page.next('said');
  page.socket.terminate();
  const { page: again, entered } = await Page.entered(1);
  again.say(2, '一次', 'same');
  expect((await again.next('said')).message).toEqual(first.message);
  expect(entered.history).toHaveLength(1);
});

test('the sender learns how far the other has read, also after a reload', async () => {
  const { page: jia } = await Page.entered(1);
  const { page: yi } = await Page.entered(2);
  jia.say(2, '看到了吗');
  const { seq } = (await yi.next('said')).message;
  yi.send({ id: 'read', chat: { type: 'friend', id: 1 }, upTo: seq + 100 });
  const mark = { by: 2, chat: { type: 'friend', id: 2 }, upTo: seq };
  expect((await jia.next('read')).mark).toEqual(mark);
  expect((await Page.entered(1)).entered.read).toEqual([mark]);
});

test.each([
  ['no JSON', 'hello'],
  ['an unknown message', JSON.stringify({ id: 'shout' })],
  ['an empty text', say({ kind: 'text', text: '  ' })],
  ['a text that is too long', say({ kind: 'text', text: 'x'.repeat(TEXT_MAX_LENGTH + 1) })],
  ['an image that is a script', say({ kind: 'image', url: 'data:image/svg+xml;base64,AAAA' })],
  ['an image from elsewhere', say({ kind: 'image', url: 'https://example.com/a.png' })],
  [
    'an image that is too large',
    say({ kind: 'image', url: `data:image/png;base64,${'A'.repeat(IMAGE_MAX_LENGTH)}` }),
  ],
])('%s is refused and harms nobody', async (_, frame) => {
  const { page } = await Page.entered(1);
  page.socket.send(frame);
  expect((await page.next('refused')).code).toBe('bad-message');
  page.say(2, 'still here');
  expect((await page.next('said')).message.from).toBe(1);
});

function say(content: object): string {
  return JSON.stringify({ id: 'say', to: { type: 'friend', id: 2 }, content, token: 't' });
}

test('nobody speaks before entering, to strangers, or as an unknown user', async () => {
  const page = await Page.open();
  page.say(2, 'early');
  expect((await page.next('refused')).code).toBe('not-entered');
  page.send({ id: 'enter', user: 99 });
  expect((await page.next('refused')).code).toBe('unknown-user');
  page.send({ id: 'enter', user: 1 });
  await page.next('entered');
  page.say(1, 'to myself');
  expect(await page.next('refused')).toMatchObject({ code: 'unknown-chat', token: 'to myself' });
});

test('who floods is sent away', async () => {
  const { page } = await Page.entered(1);
  for (let i = 0; i <= FRAMES_MAX; i++) page.say(2, `${i}`);
  const [code] = await once(page.socket, 'close');
  expect(code).toBe(1008);
});
