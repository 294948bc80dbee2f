import { SignJWT } from 'jose';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../testing/browser/browser.ts';
import { type LayimSite, type PageOptions, startLayimSite } from '../testing/browser/layim/site.ts';
import { untilPictureMoves, untilSoundArrives, WAIT } from '../testing/browser/media.ts';
import { ChatPage } from '../testing/browser/pages.ts';
import { startTestServer, type TestServer } from '../testing/server/start-test-server.ts';

const YI = { type: 'friend', id: 2 } as const;
const SECRET = 'a secret of more than thirty-two bytes';

let server: TestServer;
let site: LayimSite;
let browser: Browser;
const opened: ChatPage[] = [];

beforeAll(async () => {
  [server, browser] = await Promise.all([startTestServer({ DEMO: '1' }), launchBrowser()]);
  site = await startLayimSite({ videoCall: () => server.origin });
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((page) => page.close()));
});
afterAll(async () => {
  await browser.close();
  await site.close();
  await server.close();
});

async function open(options: PageOptions, at: LayimSite = site): Promise<ChatPage> {
  const page = await ChatPage.layim(browser, at, options);
  opened.push(page);
  return page;
}

/** Whether the handler that the page had on `tool(video)` before ran. */
function oldHandlerRan(page: ChatPage): Promise<boolean> {
  return page.page.evaluate(() => 'oldHandlerRan' in window);
}

describe.each([
  { kind: 'pc', init: 'inline' },
  { kind: 'pc', init: 'url' },
  // LayIM mobile 2.x knows no address for its people.
  { kind: 'mobile', init: 'inline' },
] as const)('LayIM on $kind, with its people from $init', ({ kind, init }) => {
  test('knows who is there, without a word about it in the page', async () => {
    const jia = await open({ kind, init, user: 1 });
    expect(jia.sent('register')).toMatchObject([{ name: '1', displayName: '测试甲' }]);
  });

  test('the toolbar’s button calls, and the page’s own old handler stays silent', async () => {
    const [jia, yi] = await Promise.all([open({ kind, init, user: 1 }), open({ kind, init, user: 2 })]);
    await jia.call(YI);
    await expect
      .poll(() => jia.sent('call'), WAIT)
      .toMatchObject([{ reqType: 'ptop', to: '2', media: 'video' }]);
    await expect.poll(() => yi.received('incomingCall'), WAIT).toMatchObject([{ from: '1' }]);
    expect(await oldHandlerRan(jia)).toBe(false);
    await yi.accept();
    await Promise.all([jia, yi].map(({ page }) => untilPictureMoves(page)));
    expect([...jia.errors, ...yi.errors]).toEqual([]);
  });
});

test('a voice call from the phone is answered on the desk', async () => {
  const [jia, yi] = await Promise.all([
    open({ kind: 'mobile', init: 'inline', user: 1 }),
    open({ kind: 'pc', init: 'inline', user: 2 }),
  ]);
  await jia.call(YI, 'audio');
  await yi.accept();
  await Promise.all([jia, yi].map(({ page }) => untilSoundArrives(page)));
  expect(jia.sent('call')).toMatchObject([{ media: 'audio' }]);
});

test('the group whose id is a user’s does not ring that user alone', async () => {
  const [yi, jia] = await Promise.all([
    open({ kind: 'pc', init: 'inline', user: 2 }),
    open({ kind: 'pc', init: 'inline', user: 1 }),
  ]);
  await yi.call({ type: 'group', id: 1 });
  await yi.part('room').waitFor();
  await jia.part('incoming').waitFor();
  expect(await oldHandlerRan(yi)).toBe(false);
  expect(yi.sent('call').filter((call) => call['reqType'] !== 'group')).toEqual([]);
  expect(jia.received('incomingCall')).toMatchObject([{ reqType: 'group', groupId: '1' }]);
});

test('LayIM’s own video button still asks for a film’s address', async () => {
  const jia = await open({ kind: 'pc', init: 'inline', user: 1 });
  await jia.openChat(YI);
  await jia.page.locator('.layim-tool-video[layim-event=media]').click();
  await jia.page.locator('.layui-layer-prompt').waitFor();
  expect(jia.sent('call')).toEqual([]);
});

test('a refused call leaves its line in the chat that is open', async () => {
  const [jia, yi] = await Promise.all([
    open({ kind: 'pc', init: 'inline', user: 1 }),
    open({ kind: 'pc', init: 'inline', user: 2 }),
  ]);
  await jia.call(YI);
  await yi.reject();
  const line = jia.page.locator('.layui-show .layim-chat-system', { hasText: '拒绝' });
  await line.waitFor();
  expect(await line.count()).toBe(1);
});

test('the call is above LayIM’s layers and leaves the chat usable when it is minimised, until its button brings it back', async () => {
  const [jia, yi] = await Promise.all([
    open({ kind: 'pc', init: 'inline', user: 1 }),
    open({ kind: 'pc', init: 'inline', user: 2 }),
  ]);
  await jia.call(YI);
  await yi.accept();
  await untilPictureMoves(jia.page);
  const { x, y, width, height } = (await jia.part('dialog').boundingBox()) ?? {
    x: 0,
    y: 0,
    width: 0,
    height: 0,
  };
  const onTop = ([left, top]: [number, number]) => document.elementFromPoint(left, top)?.localName;
  expect(await jia.page.evaluate(onTop, [x + width / 2, y + height / 2] as [number, number])).toBe(
    'video-call',
  );
  await jia.part('minimize').click();
  await jia.page.locator('.layim-chat.layui-show textarea').fill('边打边聊');
  await jia.page.locator('[layim-event=send]:visible').click();
  await jia.page.locator('.layui-show .layim-chat-text', { hasText: '边打边聊' }).waitFor();
  await untilPictureMoves(jia.page);
  await jia.tool('video').click();
  await jia.part('minimize').waitFor();
  expect(jia.sent('call')).toHaveLength(1);
});

test('with AUTH=jwt the page’s backend signs who is calling', async () => {
  const key = new TextEncoder().encode(SECRET);
  const sign = (user: number) =>
    new SignJWT({ name: user === 1 ? '甲先生' : '乙女士' })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(String(user))
      .setExpirationTime('1m')
      .sign(key);
  const signing = await startLayimSite({ videoCall: () => guarded.origin, tokenFor: sign });
  const guarded = await startTestServer({ JWT_SECRET: SECRET, ALLOWED_ORIGINS: signing.origin });
  try {
    const [jia, yi] = await Promise.all([
      open({ kind: 'pc', init: 'inline', user: 1 }, signing),
      open({ kind: 'pc', init: 'inline', user: 2 }, signing),
    ]);
    expect(jia.sent('register')).toEqual([{ id: 'register', protocol: 2, token: expect.any(String) }]);
    await jia.call(YI);
    await expect.poll(() => yi.part('incoming').textContent(), WAIT).toContain('甲先生');
    await yi.accept();
    await untilPictureMoves(jia.page);
  } finally {
    await signing.close();
    await guarded.close();
  }
});
