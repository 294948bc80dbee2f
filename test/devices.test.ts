import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchBrowser, type LaunchOptions } from '../testing/browser/browser.ts';
import { untilPictureMoves, untilSoundArrives, WAIT } from '../testing/browser/media.ts';
import { ChatPage } from '../testing/browser/pages.ts';
import { startTestServer, type TestServer } from '../testing/server/start-test-server.ts';

const YI = { type: 'friend', id: 2 } as const;

let server: TestServer;
let browser: Browser;
let other: Browser | undefined;

beforeAll(async () => {
  [server, browser] = await Promise.all([startTestServer({ DEMO: '1' }), launchBrowser()]);
});
afterEach(async () => {
  await other?.close();
  for (const context of browser.contexts()) await context.close();
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

/** 甲 has everything; 乙 sits at a browser with other devices. */
async function openWith(options: LaunchOptions): Promise<[ChatPage, ChatPage]> {
  other = await launchBrowser(options);
  return Promise.all([ChatPage.demo(browser, server.origin, 1), ChatPage.demo(other, server.origin, 2)]);
}

test('a callee without a camera answers with voice, and both sides go on', async () => {
  const [jia, yi] = await openWith({ cameras: 0 });
  await jia.call(YI);
  await yi.accept();
  await untilPictureMoves(yi.page);
  await Promise.all([untilSoundArrives(jia.page), untilSoundArrives(yi.page)]);
  await expect
    .poll(() => jia.received('mediaState').at(-1), WAIT)
    .toMatchObject({ name: '2', audio: true, video: false });
  expect([...jia.errors, ...yi.errors]).toEqual([]);
});

test('a caller without a camera calls all the same', async () => {
  const [jia, yi] = await openWith({ cameras: 0 });
  await yi.call({ type: 'friend', id: 1 });
  await jia.accept();
  await untilPictureMoves(yi.page);
  await Promise.all([untilSoundArrives(jia.page), untilSoundArrives(yi.page)]);
  expect(yi.sent('mediaState').at(-1)).toMatchObject({ audio: true, video: false });
});

test('a caller who does not allow the camera is told what to do, and rings nobody', async () => {
  const [jia, yi] = await openWith({ permission: 'deny' });
  await yi.call({ type: 'friend', id: 1 });
  await expect.poll(() => yi.part('dialog').textContent(), WAIT).toContain('浏览器没有允许使用摄像头');
  expect(jia.received('incomingCall')).toEqual([]);
  await yi.part('dismiss').or(yi.part('close')).first().click();
  await yi.untilIdle();
});

test('a callee who does not allow the camera refuses at once, reads why, and calls back', async () => {
  const [jia, yi] = await openWith({ permission: 'deny' });
  await jia.call(YI);
  await yi.accept();
  // Long before the server's own limit of a minute.
  await jia.untilStatus('对方没有可用的摄像头和麦克风');
  expect(jia.received('callResponse')).toMatchObject([{ response: 'rejected', code: 'no-device' }]);
  await yi.untilStatus('浏览器没有允许使用摄像头');
  await expect.poll(() => server.pipelines(), WAIT).toBe(0);
  await jia.untilIdle();

  // Not allowed yet, it is asked what to do; with voice only it rings.
  await yi.part('call-again').click();
  await yi.part('continue').click();
  await jia.accept();
  await untilPictureMoves(yi.page);
  await untilSoundArrives(yi.page);
  expect([...jia.errors, ...yi.errors]).toEqual([]);
});

test('a group’s call is joined without a camera that is not allowed: one listens', async () => {
  const [jia, yi] = await openWith({ permission: 'deny' });
  await jia.call({ type: 'group', id: 1 });
  await yi.accept();
  await untilSoundArrives(yi.page);
  await expect
    .poll(() => jia.received('mediaState').at(-1), WAIT)
    .toMatchObject({ name: '2', audio: false, video: false });
});

test('a microphone that is switched off sends no sound, and a camera no picture', async () => {
  const [jia, yi] = await openWith({});
  await jia.call(YI);
  await yi.accept();
  await untilPictureMoves(yi.page);
  await jia.part('camera').click();
  await jia.part('microphone').click();
  await expect
    .poll(() => yi.received('mediaState').at(-1), WAIT)
    .toMatchObject({ name: '1', audio: false, video: false });
  await expect.poll(() => yi.part('dialog').textContent(), WAIT).toContain('对方已关闭摄像头');
  await jia.part('camera').click();
  await untilPictureMoves(yi.page);
});
