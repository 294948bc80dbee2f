import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../testing/browser/browser.ts';
import { openPeers, untilPictureMoves, untilSoundArrives, WAIT } from '../testing/browser/media.ts';
import { ChatPage } from '../testing/browser/pages.ts';
import { startTestServer, type TestServer } from '../testing/server/start-test-server.ts';

const JIA = { type: 'friend', id: 1 } as const;
const YI = { type: 'friend', id: 2 } as const;
const BING = { type: 'friend', id: 3 } as const;
let server: TestServer;
let browser: Browser;
const opened: ChatPage[] = [];

beforeAll(async () => {
  [server, browser] = await Promise.all([startTestServer({ DEMO: '1' }), launchBrowser()]);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((page) => page.close()));
  await untilNothingIsHeld();
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

async function open(user: number): Promise<ChatPage> {
  const page = await ChatPage.demo(browser, server.origin, user);
  opened.push(page);
  return page;
}

async function untilNothingIsHeld(): Promise<void> {
  await expect.poll(() => server.pipelines(), WAIT).toBe(0);
}

async function talking(): Promise<[ChatPage, ChatPage]> {
  const [jia, yi] = await Promise.all([open(1), open(2)]);
  await jia.call(YI);
  await yi.accept();
  await Promise.all([untilPictureMoves(jia.page), untilPictureMoves(yi.page)]);
  return [jia, yi];
}

test('two people see and hear each other, and after hanging up nothing is left', async () => {
  const [jia, yi] = await talking();
  await Promise.all([untilSoundArrives(jia.page), untilSoundArrives(yi.page)]);
  await untilPictureMoves(jia.page, 'local-video');
  expect(await server.pipelines()).toBe(1);

  await jia.hangUp();
  await yi.untilStatus('通话已结束');
  await Promise.all([jia.untilIdle(), yi.untilIdle(), untilNothingIsHeld()]);
  expect(await openPeers(jia.page)).toBe(0);
  expect(await openPeers(yi.page)).toBe(0);
  expect([...jia.errors, ...yi.errors]).toEqual([]);
});

test('a refused call says so on the caller’s side', async () => {
  const [jia, yi] = await Promise.all([open(1), open(2)]);
  await jia.call(YI);
  await jia.untilStatus('对方正在响铃');
  await yi.reject();
  await jia.untilStatus('对方已拒绝');
  await yi.part('incoming').waitFor({ state: 'detached' });
  expect(jia.received('callResponse')).toMatchObject([{ response: 'rejected', code: 'declined' }]);
});

test('who talks already is busy, and is told who called', async () => {
  const [, yi] = await talking();
  const bing = await open(3);
  await bing.call(YI);
  await bing.untilStatus('对方忙线中');
  await expect.poll(() => yi.received('missedCall').map((missed) => missed['from']), WAIT).toEqual(['3']);
  await untilPictureMoves(yi.page);
});

test('who is not there is offline', async () => {
  const jia = await open(1);
  await jia.call(BING);
  await jia.untilStatus('对方不在线');
  expect(jia.received('callResponse')).toMatchObject([{ response: 'rejected', code: 'offline' }]);
});

test('the caller thinks better of it', async () => {
  const [jia, yi] = await Promise.all([open(1), open(2)]);
  await jia.call(YI);
  await yi.part('accept').waitFor();
  await jia.hangUp();
  await yi.part('accept').waitFor({ state: 'detached' });
  expect(yi.received('stopCommunication')).toMatchObject([{ reason: 'cancelled' }]);
});

test('the caller closes the tab while it rings, and in the middle of the call', async () => {
  const [caller, yi] = await Promise.all([open(1), open(2)]);
  await caller.call(YI);
  await yi.part('accept').waitFor();
  await caller.page.close();
  await yi.part('accept').waitFor({ state: 'detached' });

  const again = await open(1);
  await again.call(YI);
  await yi.accept();
  await untilPictureMoves(yi.page);
  await again.page.close({ runBeforeUnload: true });
  await yi.untilStatus('通话已结束');
  await untilNothingIsHeld();
  const reasons = yi.received('stopCommunication').map(({ reason }) => reason);
  expect(reasons).toEqual(['cancelled', 'hangup']);
});

test('it rings in both tabs of the callee, and stops in one when the other answers', async () => {
  const [jia, yi] = await Promise.all([open(1), open(2)]);
  const second = await ChatPage.demo(yi.page.context(), server.origin, 2);
  await jia.call(YI);
  await yi.part('accept').waitFor();
  await second.accept();
  await yi.part('accept').waitFor({ state: 'detached' });
  expect(yi.received('stopCommunication')).toMatchObject([{ reason: 'answered-elsewhere' }]);
  await Promise.all([untilPictureMoves(jia.page), untilPictureMoves(second.page)]);
});

test('both call each other at once and have one call', async () => {
  const [jia, yi] = await Promise.all([open(1), open(2)]);
  await Promise.all([jia.openChat(YI), yi.openChat(JIA)]);
  await Promise.all([jia.tool('video').click(), yi.tool('video').click()]);
  // Whose click came late enough to be rung first accepts instead.
  await Promise.all([untilPictureMoves(jia.page), untilPictureMoves(yi.page)]);
  expect(await server.pipelines()).toBe(1);
});

test('chat messages arrive at once during a call', async () => {
  const [jia, yi] = await talking();
  await jia.part('minimize').click();
  await jia.page.locator('.layui-show textarea').fill('能听到吗');
  const sentAt = Date.now();
  await jia.page.keyboard.press('Enter');
  await yi.page.locator('.layim-chat-text', { hasText: '能听到吗' }).first().waitFor({ state: 'attached' });
  expect(Date.now() - sentAt).toBeLessThan(1000);
});

test('nobody answers within the ring timeout', async () => {
  const impatient = await startTestServer({ DEMO: '1', RING_TIMEOUT: '3' });
  try {
    const [jia, yi] = (await Promise.all(
      [1, 2].map((user) => ChatPage.demo(browser, impatient.origin, user)),
    )) as [ChatPage, ChatPage];
    opened.push(jia, yi);
    await jia.call(YI);
    await jia.untilStatus('无人接听');
    await yi.part('accept').waitFor({ state: 'detached' });
    await expect.poll(() => yi.received('missedCall'), WAIT).toHaveLength(1);
    await expect.poll(() => impatient.pipelines(), WAIT).toBe(0);
  } finally {
    await impatient.close();
  }
});
