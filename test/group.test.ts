import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../testing/browser/browser.ts';
import {
  DING,
  FOUR,
  type LayimSite,
  type PageOptions,
  startLayimSite,
} from '../testing/browser/layim/site.ts';
import { openPeers, untilTilesMove, untilVoicesArrive, WAIT } from '../testing/browser/media.ts';
import { ChatPage } from '../testing/browser/pages.ts';
import { startTestServer, type TestServer } from '../testing/server/start-test-server.ts';

const ADMIN_TOKEN = 'admin-of-the-tests';
/** Four pages with a picture of everybody take their time on a machine that is busy. */
const FOUR_PAGES_TIMEOUT_MS = 120_000;
const CHAT = { type: 'group', id: FOUR.id } as const;
let server: TestServer;
let site: LayimSite;
let browser: Browser;
const opened: ChatPage[] = [];

beforeAll(async () => {
  [server, browser] = await Promise.all([startTestServer({ ADMIN_TOKEN }), launchBrowser()]);
  site = await startLayimSite({ videoCall: () => server.origin });
  await put(`/api/groups/${FOUR.id}`, { name: FOUR.groupname, owner: '2', members: ['1', '2', '3'] });
  await put(`/api/groups/${FOUR.id}/members/${DING.id}`, { name: DING.username });
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((page) => page.close()));
  await expect.poll(() => server.pipelines(), WAIT).toBe(0);
});
afterAll(async () => {
  await browser.close();
  await site.close();
  await server.close();
});

/** Tells the call server of the page's people, as the page's backend does. */
async function put(path: string, body: object): Promise<void> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' };
  const { status } = await fetch(server.origin + path, {
    method: 'PUT',
    headers,
    body: JSON.stringify(body),
  });
  expect(status).toBe(201);
}

async function open(user: number, kind: PageOptions['kind'] = 'pc'): Promise<ChatPage> {
  const page = await ChatPage.layim(browser, site, { kind, init: 'inline', user });
  opened.push(page);
  return page;
}

test(
  'of four members one accepts, one refuses, one comes later',
  { timeout: FOUR_PAGES_TIMEOUT_MS },
  async () => {
    const [jia, yi, bing] = await Promise.all([open(1), open(2), open(3)]);
    await jia.call(CHAT);
    await jia.invited(DING.id).getByText('不在线').waitFor();
    await expect.poll(() => bing.part('incoming').textContent(), WAIT).toContain(FOUR.groupname);
    await bing.reject();
    await jia.invited(3).getByText('已拒绝').waitFor();
    await yi.accept();

    const ding = await open(DING.id);
    await expect.poll(() => ding.part('banner').textContent(), WAIT).toContain(FOUR.groupname);
    await ding.joinFromBanner();
    await Promise.all([jia, yi, ding].map(({ page }) => untilTilesMove(page, ['1', '2', '4'])));
    await Promise.all([jia, yi, ding].map(({ page }) => untilVoicesArrive(page, 2)));

    await yi.page.close();
    await Promise.all([jia, ding].map(({ page }) => untilTilesMove(page, ['1', '4'])));

    await jia.leave();
    await jia.untilStatus('你已离开通话');
    await untilTilesMove(ding.page, ['4']);
    await ding.leave();
    await ding.untilStatus('通话已结束');
    await expect.poll(() => server.pipelines(), WAIT).toBe(0);
    for (const { page, errors } of [jia, bing, ding]) {
      expect(await openPeers(page)).toBe(0);
      expect(errors).toEqual([]);
    }
  },
);

test('a group is called on the phone and answered on the desk', async () => {
  const [jia, yi] = await Promise.all([open(1, 'mobile'), open(2)]);
  await jia.call(CHAT);
  await yi.accept();
  await Promise.all([jia, yi].map(({ page }) => untilTilesMove(page, ['1', '2'])));
  await Promise.all([jia, yi].map(({ page }) => untilVoicesArrive(page, 1)));
  await jia.leave();
  await untilTilesMove(yi.page, ['2']);
  expect([...jia.errors, ...yi.errors]).toEqual([]);
});
