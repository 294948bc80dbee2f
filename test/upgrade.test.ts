/** Pages that were open before the server was upgraded. */
import { readFileSync } from 'node:fs';
import type { Browser, Response } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../testing/browser/browser.ts';
import { untilPictureMoves, untilTilesMove } from '../testing/browser/media.ts';
import { ChatPage } from '../testing/browser/pages.ts';
import { startTestServer, type TestServer } from '../testing/server/start-test-server.ts';

const FORMER_ENTRY = 'calls-BL4Q1lUT.js';
/** The build may have kept the former file; one that nobody has is what must be answered. */
const GONE_ENTRY = 'calls-00000000.js';
const FORMER_SCRIPT = readFileSync(
  new URL('fixtures/former-build/video-call.js', import.meta.url),
  'utf8',
).replace(FORMER_ENTRY, GONE_ENTRY);

const JIA = { type: 'friend', id: 1 } as const;
const YI = { type: 'friend', id: 2 } as const;
const GROUP = { type: 'group', id: 1 } as const;
let server: TestServer;
let browser: Browser;
const opened: ChatPage[] = [];

beforeAll(async () => {
  [server, browser] = await Promise.all([startTestServer({ DEMO: '1' }), launchBrowser()]);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((page) => page.close()));
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

async function open(user: number, isFormer: boolean): Promise<ChatPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 } });
  if (isFormer) {
    await context.route('**/video-call.js', (route) =>
      route.fulfill({ body: FORMER_SCRIPT, contentType: 'text/javascript' }),
    );
  }
  const page = await ChatPage.demo(context, server.origin, user);
  opened.push(page);
  return page;
}

test('a former page calls somebody, is called, and hangs up', async () => {
  const [jia, yi] = await Promise.all([open(1, true), open(2, false)]);
  const answers: Response[] = [];
  jia.page.on('response', (response) => answers.push(response));

  await jia.call(YI);
  await yi.accept();
  await Promise.all([untilPictureMoves(jia.page), untilPictureMoves(yi.page)]);
  const entry = answers.find((response) => response.url().endsWith(GONE_ENTRY));
  expect(await entry?.text()).toMatch(/^export \* from '\.\/calls-/);
  await jia.hangUp();
  await Promise.all([jia.untilIdle(), yi.untilIdle()]);

  await yi.call(JIA);
  await jia.accept();
  await Promise.all([untilPictureMoves(jia.page), untilPictureMoves(yi.page)]);
  await yi.hangUp();
  await Promise.all([jia.untilIdle(), yi.untilIdle()]);
  expect(jia.errors).toEqual([]);
});

test('a former page takes part in a group’s call', async () => {
  const [jia, yi] = await Promise.all([open(1, true), open(2, false)]);
  await yi.call(GROUP);
  await jia.accept();
  await Promise.all([jia, yi].map(({ page }) => untilTilesMove(page, ['1', '2'])));
  await jia.leave();
  await jia.part('room').waitFor({ state: 'detached' });
  expect(jia.errors).toEqual([]);
});
