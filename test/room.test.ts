import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../testing/browser/browser.ts';
import { openPeers, received, untilSoundArrives, WAIT } from '../testing/browser/media.ts';
import { ChatPage } from '../testing/browser/pages.ts';
import { startTestServer, type TestServer } from '../testing/server/start-test-server.ts';
import { TcpProxy } from '../testing/browser/tcp-proxy.ts';

const GROUP = { type: 'group', id: 1 } as const;
let server: TestServer;
let browser: Browser;
const opened: ChatPage[] = [];

beforeAll(async () => {
  [server, browser] = await Promise.all([startTestServer({ DEMO: '1' }), launchBrowser()]);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((page) => page.close()));
  await expect.poll(() => server.pipelines(), WAIT).toBe(0);
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

async function open(user: number, origin = server.origin): Promise<ChatPage> {
  const page = await ChatPage.demo(browser, origin, user);
  opened.push(page);
  return page;
}

/** Everybody's page, with everybody in the room of the group. */
async function together(origin?: string): Promise<[ChatPage, ChatPage, ChatPage]> {
  const pages = await Promise.all([open(1), open(2, origin), open(3)]);
  const [jia, yi, bing] = pages;
  await jia.call(GROUP);
  await Promise.all([yi.accept(), bing.accept()]);
  await Promise.all(pages.map((page) => untilPictures(page, 3)));
  return pages;
}

const part = (chat: ChatPage, name: string) => chat.page.locator(`video-call [part~="${name}"]`);

/** Waits until this many moving pictures, one's own among them, are on the page. */
async function untilPictures(chat: ChatPage, count: number): Promise<void> {
  const shown = () =>
    chat.page
      .locator('video-call [part~="tile"] video')
      .evaluateAll(
        (videos) =>
          videos.filter((video) => video instanceof HTMLVideoElement && video.videoWidth > 0 && !video.paused)
            .length,
      );
  await expect.poll(shown, WAIT).toBe(count);
  const before = (await received(chat.page)).framesDecoded;
  await expect.poll(async () => (await received(chat.page)).framesDecoded, WAIT).toBeGreaterThan(before);
}

test('three people see and hear each other, and when all have left nothing is left', async () => {
  const pages = await together();
  const [jia, yi, bing] = pages;
  await Promise.all(pages.map((page) => untilSoundArrives(page.page)));
  expect(await openPeers(jia.page)).toBe(3);

  await yi.part('hang-up').click();
  await Promise.all([untilPictures(jia, 2), untilPictures(bing, 2)]);
  expect(await openPeers(jia.page)).toBe(2);

  await jia.part('hang-up').click();
  await bing.part('hang-up').click();
  await expect.poll(() => server.pipelines(), WAIT).toBe(0);
  for (const page of pages) {
    await expect.poll(() => openPeers(page.page), WAIT).toBe(0);
    expect(page.errors).toEqual([]);
    expect(page.received('error')).toEqual([]);
  }
});

test('who refused sees that the call runs, and joins it late', async () => {
  const [jia, yi, bing] = await Promise.all([open(1), open(2), open(3)]);
  await jia.call(GROUP);
  await yi.reject();
  await bing.accept();
  await Promise.all([untilPictures(jia, 2), untilPictures(bing, 2)]);
  const told = [...jia.received('invitedState'), ...jia.received('invitedChanged')];
  expect(told.flatMap(({ data }) => data)).toContainEqual(
    expect.objectContaining({ name: '2', state: 'declined' }),
  );

  await part(yi, 'banner').locator('[part~="join"]').click();
  await Promise.all([jia, yi, bing].map((page) => untilPictures(page, 3)));
});

test('who left is rung again from the list of people, the caller too', async () => {
  const [jia, yi, bing] = await together();
  await yi.part('hang-up').click();
  await untilPictures(jia, 2);
  await part(jia, 'participants').click();
  const row = (chat: ChatPage, name: string) => chat.page.locator(`video-call li[data-name="${name}"]`);
  await row(jia, '2').getByText('已离开').waitFor();
  await row(jia, '2').locator('[part~="invite"]').click();
  await yi.accept();
  await Promise.all([jia, yi, bing].map((page) => untilPictures(page, 3)));

  await jia.part('hang-up').click();
  await untilPictures(bing, 2);
  await part(bing, 'participants').click();
  await row(bing, '1').locator('[part~="invite"]').click();
  await jia.accept();
  await Promise.all([jia, yi, bing].map((page) => untilPictures(page, 3)));
  expect(jia.received('incomingCall')).toMatchObject([{ reqType: 'group' }]);
});

test('the caller mutes one, removes another, and ends the call for all', async () => {
  const [jia, yi, bing] = await together();
  await part(jia, 'participants').click();
  const row = (name: string) => jia.page.locator(`video-call li[data-name="${name}"]`);
  await row('2').locator('[part~="mute"]').click();
  await expect.poll(() => yi.page.getByText('已将你静音').isVisible(), WAIT).toBe(true);
  await expect.poll(() => yi.sent('mediaState').at(-1), WAIT).toMatchObject({ audio: false });

  await row('3').locator('[part~="remove"]').click();
  await row('3').locator('[part~="remove"]').click();
  await expect.poll(() => bing.page.getByText('你已被移出通话').isVisible(), WAIT).toBe(true);
  await Promise.all([untilPictures(jia, 2), untilPictures(yi, 2)]);
  expect(await openPeers(bing.page)).toBe(0);
  expect(await part(yi, 'end-for-all').count()).toBe(0);

  await part(jia, 'end-for-all').click();
  await part(jia, 'end-for-all').click();
  await Promise.all([jia, yi].map((page) => expect.poll(() => openPeers(page.page), WAIT).toBe(0)));
});

test('a closed page is no ghost', async () => {
  const [jia, yi, bing] = await together();
  await yi.page.close();
  await Promise.all([untilPictures(jia, 2), untilPictures(bing, 2)]);
  expect(jia.received('participantLeft')).toMatchObject([{ name: '2', reason: 'hangup' }]);
});

test('a killed media server is replaced, and everybody sees everybody again', async () => {
  const pages = await together();
  const [pid] = server.workerPids();
  process.kill(pid as number, 'SIGKILL');
  for (const page of pages) await expect.poll(() => page.received('restartMedia').length, WAIT).toBe(1);
  await Promise.all(pages.map((page) => untilPictures(page, 3)));
  await Promise.all(pages.map((page) => untilSoundArrives(page.page)));
});

test('a broken connection is resumed in the room, and nobody saw it leave', async () => {
  const proxy = await TcpProxy.start(server.port);
  const [jia, yi, bing] = await together(proxy.origin);
  proxy.cut();
  await expect
    .poll(() => yi.received('registerResponse').at(-1), WAIT)
    .toMatchObject({ response: 'accepted', resumed: true });
  await Promise.all([jia, yi, bing].map((page) => untilPictures(page, 3)));
  expect(jia.received('participantLeft')).toEqual([]);
  await yi.close();
  await proxy.close();
});
