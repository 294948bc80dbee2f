import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../testing/browser/browser.ts';
import { WAIT } from '../testing/browser/media.ts';
import { startTestServer, type TestServer } from '../testing/server/start-test-server.ts';
import { TcpProxy } from '../testing/browser/tcp-proxy.ts';

const DESKTOP = { viewport: { width: 1280, height: 720 } };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  [server, browser] = await Promise.all([startTestServer({ DEMO: '1' }), launchBrowser()]);
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

async function open(
  path: string,
  options: BrowserContextOptions = DESKTOP,
  origin = server.origin,
): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage();
  page.setDefaultTimeout(WAIT.timeout);
  await page.goto(`${origin}${path}`);
  await page.locator('.layim-friend3, .layim-friend1').first().waitFor({ state: 'attached' });
  return page;
}

async function say(page: Page, text: string): Promise<void> {
  await page.locator('.layui-show textarea').fill(text);
  await page.keyboard.press('Enter');
}

test('the printed address opened three times gives three people, and a reload the same one', async () => {
  const pages = [await open('/'), await open('/'), await open('/')];
  expect(pages.map((page) => new URL(page.url()).search)).toEqual(['?user=1', '?user=2', '?user=3']);
  await pages[1]?.reload();
  await pages[1]?.locator('.layim-friend1').waitFor();
  expect(pages[1]?.url()).toContain('?user=2');
});

test('a message arrives with a badge, is read, and its sender sees that', async () => {
  const jia = await open('/demo/?user=1');
  const yi = await open('/demo/?user=2', PHONE);
  await jia.locator('.layui-layim-main .layim-friend2').click();
  await say(jia, '在吗 face[微笑]');
  await yi.locator('.layim-friend1 em', { hasText: '1' }).waitFor();
  await jia.locator('.layui-show small.sent').last().waitFor();
  await yi.locator('.layim-friend1').tap();
  await yi.locator('.layui-show .layim-chat-text', { hasText: '在吗 🙂' }).waitFor();
  await jia.locator('.layui-show small.read').last().waitFor();
  await yi.goBack();
  expect(await yi.locator('.layim-friend1 em').count()).toBe(0);
});

test('the group and the user of the same id are two chats', async () => {
  const jia = await open('/demo/?user=1');
  const bing = await open('/demo/?user=3');
  await jia.locator('.layui-layim-main .layim-group1').click();
  await say(jia, '大家好');
  await bing.locator('.layim-group1 em').waitFor();
  await bing.locator('.layui-layim-main .layim-group1').click();
  await bing.locator('.layui-show.layim-chat-group .layim-chat-text', { hasText: '大家好' }).waitFor();
  await bing.locator('.layui-layim-main .layim-friend1').click();
  expect(await bing.locator('.layui-show.layim-chat-friend .layim-chat-text').count()).toBe(0);
});

test('markup in a message is text', async () => {
  const jia = await open('/demo/?user=1');
  await jia.locator('.layui-layim-main .layim-friend2').click();
  const text = '<img src=x onerror="window.hit=1"> a(javascript:alert(1))[x]';
  await say(jia, text);
  await expect.poll(() => jia.locator('.layui-show .layim-chat-text').last().textContent(), WAIT).toBe(text);
  await jia.evaluate(() => {
    const { layui } = window as unknown as { layui: { layim: { getMessage(line: object): void } } };
    layui.layim.getMessage({
      system: true,
      type: 'friend',
      id: '2',
      content: '<img src=x onerror="hit=1">通话结束',
    });
  });
  await expect.poll(() => jia.locator('.layim-chat-system').textContent(), WAIT).toBe('通话结束');
  expect(await jia.evaluate(() => 'hit' in window)).toBe(false);
});

test('a picture is made small enough and arrives', async () => {
  const jia = await open('/demo/?user=1');
  const yi = await open('/demo/?user=2');
  await jia.locator('.layui-layim-main .layim-friend2').click();
  const buffer = await jia.screenshot();
  const picture = { name: 'screen.png', mimeType: 'image/png', buffer };
  await jia.locator('.layui-show input[type=file]').setInputFiles(picture);
  await yi.locator('.layui-layim-main .layim-friend1').click();
  const width = () =>
    yi.locator('.layui-show .image img').evaluate((image) => (image as HTMLImageElement).naturalWidth);
  await expect.poll(width, WAIT).toBeGreaterThan(300);
});

test('the window is dragged by its title, and never out of reach', async () => {
  const jia = await open('/demo/?user=1');
  const frame = jia.locator('.layui-layim-chat');
  const title = jia.locator('.layui-show .layim-chat-title');
  const before = await frame.boundingBox();
  const box = await title.boundingBox();
  const from = { x: (box?.x ?? 0) + 200, y: (box?.y ?? 0) + 20 };
  await jia.mouse.move(from.x, from.y);
  await jia.mouse.down();
  await jia.mouse.move(from.x + 60, from.y + 40);
  expect(await frame.boundingBox()).toMatchObject({ x: (before?.x ?? 0) + 60, y: (before?.y ?? 0) + 40 });
  await jia.mouse.move(from.x + 5000, from.y - 5000);
  await jia.mouse.up();
  const after = await frame.boundingBox();
  expect(after?.x).toBeLessThan(1280 - 100);
  expect(after?.y).toBeGreaterThanOrEqual(56);
});

test('what was said during a lost connection arrives once, when it is back', async () => {
  const proxy = await TcpProxy.start(server.port);
  try {
    const yi = await open('/demo/?user=2');
    const jia = await open('/demo/?user=1', DESKTOP, proxy.origin);
    await jia.locator('.layui-layim-main .layim-friend2').click();
    proxy.freeze();
    await say(jia, '还在吗');
    proxy.cut();
    proxy.thaw();
    await yi.locator('.layui-layim-main .layim-friend1').click();
    const message = yi.locator('.layui-show .layim-chat-text', { hasText: '还在吗' });
    await message.first().waitFor();
    await jia.locator('.layui-show li', { hasText: '还在吗' }).locator('small.read').waitFor();
    expect(await message.count()).toBe(1);
  } finally {
    await proxy.close();
  }
});

test.each([
  ['a desktop in the light', DESKTOP, 'light'],
  ['a desktop in the dark', DESKTOP, 'dark'],
  ['a phone in the light', PHONE, 'light'],
  ['a phone in the dark', PHONE, 'dark'],
] as const)('is accessible on %s', async (_, device, colorScheme) => {
  const jia = await open('/demo/?user=1', { ...device, colorScheme, reducedMotion: 'reduce' });
  await jia.locator('.layui-layim-main .layim-friend2').click();
  await say(jia, '你好');
  await jia.locator('.layui-show small.sent').last().waitFor();
  expect(await audit(jia)).toEqual([]);
  if (device === PHONE) await jia.goBack();
  await jia.locator('.me').click();
  expect(await audit(jia)).toEqual([]);
});

/** What axe-core finds wrong in the page. */
async function audit(page: Page): Promise<string[]> {
  await page.addScriptTag({ content: axe.source });
  const violations = await page.evaluate(async (tags) => {
    const { run } = (window as unknown as { axe: typeof axe }).axe;
    return (await run('#app', { runOnly: tags })).violations;
  }, WCAG);
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}
