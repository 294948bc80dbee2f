import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launchBrowser } from '../testing/browser/browser.ts';
import { received, untilPictureMoves, untilSoundArrives, WAIT } from '../testing/browser/media.ts';
import { ChatPage } from '../testing/browser/pages.ts';
import { startTestServer, type TestServer } from '../testing/server/start-test-server.ts';
import { TcpProxy } from '../testing/browser/tcp-proxy.ts';

const YI = { type: 'friend', id: 2 } as const;
const OUTAGE_MS = 5_000;

let browser: Browser;
let server: TestServer;
let proxy: TcpProxy;
let jia: ChatPage;
let yi: ChatPage;

beforeAll(async () => {
  browser = await launchBrowser();
});
/** 甲, behind the proxy, talks to 乙. */
beforeEach(async () => {
  server = await startTestServer({ DEMO: '1' });
  proxy = await TcpProxy.start(server.port);
  [jia, yi] = await Promise.all([
    ChatPage.demo(browser, proxy.origin, 1),
    ChatPage.demo(browser, server.origin, 2),
  ]);
  await jia.call(YI);
  await yi.accept();
  await Promise.all([untilPictureMoves(jia.page), untilPictureMoves(yi.page)]);
});
afterEach(async () => {
  await Promise.all([jia.close(), yi.close()]);
  await proxy.close();
  await server.close();
});
afterAll(() => browser.close());

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

test('a media server that is killed in mid-call is replaced, and the call goes on by itself', async () => {
  const [pid] = server.workerPids();
  expect(pid).toBeTypeOf('number');
  process.kill(pid as number, 'SIGKILL');
  await expect.poll(() => server.workerPids()[0] ?? pid, WAIT).not.toBe(pid);
  await expect.poll(() => jia.received('restartMedia').length, WAIT).toBeGreaterThan(0);
  await Promise.all([untilPictureMoves(jia.page), untilPictureMoves(yi.page)]);
  await Promise.all([untilSoundArrives(jia.page), untilSoundArrives(yi.page)]);
  expect(await server.pipelines()).toBe(1);
  await jia.hangUp();
  await yi.untilStatus('通话已结束');
  await expect.poll(() => server.pipelines(), WAIT).toBe(0);
});

test('a network that delivers nothing for a while is noticed by nobody in the call', async () => {
  proxy.freeze();
  const before = await received(yi.page);
  await jia.part('microphone').click();
  await pause(OUTAGE_MS);
  // The media takes another way: it goes on meanwhile.
  expect((await received(yi.page)).framesDecoded).toBeGreaterThan(before.framesDecoded);
  proxy.thaw();
  await expect.poll(() => yi.received('mediaState').at(-1), WAIT).toMatchObject({ name: '1', audio: false });
  expect(yi.received('stopCommunication')).toEqual([]);
  await yi.hangUp();
  await jia.untilStatus('通话已结束');
});

test('a broken connection is resumed with its call, and the other side sees nothing of it', async () => {
  proxy.cut();
  await expect
    .poll(() => jia.received('registerResponse').at(-1), WAIT)
    .toMatchObject({ response: 'accepted', resumed: true });
  await untilPictureMoves(jia.page);
  expect(yi.received('stopCommunication')).toEqual([]);
  await jia.hangUp();
  await yi.untilStatus('通话已结束');
  await expect.poll(() => server.pipelines(), WAIT).toBe(0);
});
