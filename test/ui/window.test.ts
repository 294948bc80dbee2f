import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DESKTOP, Gallery, PHONE, requests, show } from '../../testing/browser/gallery.ts';

let gallery: Gallery;
let page: Page;
beforeAll(async () => {
  gallery = await Gallery.start();
});
afterAll(() => gallery.close());
afterEach(() => page.context().close());

const part = (name: string) => page.locator(`[part~=${name}]`);

async function boxOf(locator: Locator) {
  // Only what has stopped gliding can be measured.
  await locator.evaluate((element) =>
    Promise.all(element.getAnimations({ subtree: false }).map((animation) => animation.finished)),
  );
  const box = await locator.boundingBox();
  if (!box) throw new Error('The element is not laid out.');
  return box;
}

/** Lets time pass in the page only when told. */
async function freezeClock() {
  await page.clock.install({ time: 0 });
  await page.clock.pauseAt(1000);
}

async function drag(from: { x: number; y: number }, dx: number, dy: number) {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x + dx / 2, from.y + dy / 2);
  await page.mouse.move(from.x + dx, from.y + dy);
  await page.mouse.up();
}

const middle = (box: { x: number; y: number; width: number; height: number }) => ({
  x: box.x + box.width / 2,
  y: box.y + box.height / 2,
});

describe('on a desktop', () => {
  beforeEach(async () => {
    page = await gallery.open(DESKTOP);
  });

  test('an incoming call takes neither the focus nor the keys of who is typing', async () => {
    await page.evaluate(() => {
      document.body.append(document.createElement('textarea'));
      document.querySelector('textarea')?.focus();
    });
    await page.keyboard.type('在');
    await show(page, 'incoming');
    await part('incoming').waitFor();
    await page.keyboard.type('吗 mv ');
    await page.keyboard.press('Escape');
    expect(await page.locator('textarea').inputValue()).toBe('在吗 mv ');
    expect(await requests(page)).toEqual([]);
  });

  test('the card accepts, accepts with voice only, refuses, and flashes the title meanwhile', async () => {
    const title = await page.title();
    await show(page, 'incoming');
    expect(await part('incoming').innerText()).toMatch(/测试乙\s*与你发起视频通话/);
    expect(await page.title()).toBe('【来电】测试乙');
    await part('accept').click();
    await part('accept-audio').click();
    await part('reject').click();
    expect(await requests(page)).toEqual(['accept video', 'accept audio', 'reject']);
    await show(page, 'idle');
    expect(await page.title()).toBe(title);
  });

  test('a page that reads from right to left changes nothing', async () => {
    await page.evaluate(() => (document.documentElement.dir = 'rtl'));
    await show(page, 'incoming');
    expect((await boxOf(part('reject'))).x).toBeLessThan((await boxOf(part('accept'))).x);
  });

  test('a call that ended before it was answered here is told on the card, which then goes', async () => {
    await freezeClock();
    await show(page, 'missed');
    expect(await part('status').innerText()).toBe('对方已取消');
    expect(await part('dialog').count()).toBe(0);
    await page.clock.runFor(2900);
    expect(await requests(page)).toEqual([]);
    await page.clock.runFor(200);
    expect(await requests(page)).toEqual(['dismiss']);
  });

  test('the end of a call stays for who touches it', async () => {
    await freezeClock();
    await show(page, 'declined');
    expect(await part('status').innerText()).toContain('对方已拒绝');
    await page.mouse.move(...(Object.values(middle(await boxOf(part('call-again')))) as [number, number]));
    await page.clock.runFor(10_000);
    expect(await requests(page)).toEqual([]);
    await part('call-again').click();
    expect(await requests(page)).toEqual(['callAgain']);
  });

  test('the end of a call goes by itself under a pointer that only moves away, or clicked twice', async () => {
    await freezeClock();
    await show(page, 'talking');
    const { x, y } = middle(await boxOf(part('hang-up')));
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.up();
    await show(page, 'declined');
    await page.mouse.down({ clickCount: 2 });
    await page.mouse.up({ clickCount: 2 });
    await page.mouse.move(x + 40, y - 10);
    await page.clock.runFor(3100);
    expect((await requests(page)).filter((request) => request !== 'hangUp')).toEqual(['dismiss']);
  });

  test('the line of state follows the call', async () => {
    const lines: string[] = [];
    for (const state of ['connecting', 'ringing', 'accepted', 'reconnecting']) {
      await show(page, state);
      lines.push(await part('status').innerText());
    }
    expect(lines).toEqual([
      '正在连接中……',
      '对方正在响铃……',
      '对方已接听，正在接通……',
      '网络不稳定，正在重新连接……',
    ]);
  });

  test('the window is dragged by its head, resized by its edges, and remembers its place', async () => {
    await show(page, 'talking');
    const before = await boxOf(part('dialog'));
    await drag({ x: before.x + before.width / 2, y: before.y + 20 }, -120, 60);
    const moved = await boxOf(part('dialog'));
    expect(moved).toEqual({ ...before, x: before.x - 120, y: before.y + 60 });
    await drag({ x: moved.x + moved.width - 6, y: moved.y + moved.height - 6 }, 90, -40);
    const resized = await boxOf(part('dialog'));
    expect(resized).toEqual({ ...moved, width: moved.width + 90, height: moved.height - 40 });
    await show(page, 'idle');
    await show(page, 'talking');
    expect(await boxOf(part('dialog'))).toEqual(resized);
    await page.setViewportSize({ width: 700, height: 420 });
    const fitted = await boxOf(part('dialog'));
    expect(fitted.x + fitted.width).toBeLessThanOrEqual(700);
    expect(fitted.y + fitted.height).toBeLessThanOrEqual(420);
  });

  test('minimised it is a tile that goes to any corner, plays on, and comes back', async () => {
    await show(page, 'talking');
    const video = part('remote-video');
    await expect
      .poll(() => video.evaluate((element: HTMLVideoElement) => element.currentTime))
      .toBeGreaterThan(0);
    const open = await boxOf(part('dialog'));
    await part('minimize').click();
    const tile = await boxOf(part('dialog'));
    expect([tile.x + tile.width, tile.y + tile.height]).toEqual([1260, 700]);
    await drag({ x: tile.x + 40, y: tile.y + 60 }, -900, -500);
    const corner = await boxOf(part('dialog'));
    expect([corner.x, corner.y]).toEqual([20, 20]);
    expect(await video.evaluate((element: HTMLVideoElement) => element.paused)).toBe(false);
    await part('microphone').click();
    await part('restore').click();
    expect(await boxOf(part('dialog'))).toEqual(open);
    expect(await requests(page)).toEqual(['toggleMicrophone']);
  });

  test('one’s own picture goes to any corner and changes places with the other', async () => {
    await show(page, 'talking');
    const own = part('local-video');
    const start = await boxOf(own);
    await drag(middle(start), -300, 200);
    await expect.poll(async () => (await boxOf(own)).x).toBeLessThan(start.x - 200);
    const widths = async () => [(await boxOf(own)).width, (await boxOf(part('remote-video'))).width];
    const [small = 0, large = 0] = await widths();
    expect(small).toBeLessThan(large);
    await page.mouse.click(...(Object.values(middle(await boxOf(own))) as [number, number]));
    await expect.poll(widths).toEqual([large, expect.any(Number)]);
    const swap = page.getByRole('button', { name: '切换大小画面' });
    const other = await boxOf(part('remote-video'));
    await swap.press('ArrowUp');
    await expect.poll(async () => (await boxOf(part('remote-video'))).y).toBeLessThan(other.y);
  });

  test('the focus goes back to where the call was started', async () => {
    await page.evaluate(() => {
      document.body.append(document.createElement('button'));
      document.querySelector<HTMLElement>('body > button')?.focus();
    });
    const focused = () => page.evaluate(() => document.activeElement?.localName);
    await show(page, 'ringing');
    await expect.poll(focused).toBe('video-call');
    await show(page, 'idle');
    await expect.poll(focused).toBe('button');
  });

  test('the focus stays in the window when its button goes, and then goes back too', async () => {
    await page.evaluate(() => {
      document.body.append(document.createElement('button'));
      document.querySelector<HTMLElement>('body > button')?.focus();
    });
    const focused = () =>
      page.evaluate(() => {
        const active = document.activeElement;
        return active?.shadowRoot?.activeElement?.getAttribute('part') ?? active?.localName;
      });
    await show(page, 'talking');
    for (const name of ['minimize', 'restore']) {
      await part(name).press('Enter');
      await expect.poll(focused).toBe('dialog');
    }
    await part('hang-up').focus();
    await show(page, 'ended');
    await expect.poll(focused).toBe('dialog');
    await part('dismiss').focus();
    await show(page, 'idle');
    await expect.poll(focused).toBe('button');
  });

  test('M and V switch while the window has focus, and Escape does not hang up', async () => {
    await show(page, 'talking');
    await part('dialog').focus();
    await page.keyboard.press('m');
    await page.keyboard.press('v');
    await page.keyboard.press('Control+m');
    await page.keyboard.press('Escape');
    expect(await requests(page)).toEqual(['toggleMicrophone', 'toggleCamera']);
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await page.keyboard.press('m');
    expect(await requests(page)).toHaveLength(2);
  });

  test('head and controls fade when all is still, but not under keyboard focus', async () => {
    await freezeClock();
    await show(page, 'talking');
    const faded = () => page.locator('.frame-still').count();
    await page.clock.runFor(2900);
    expect(await faded()).toBe(0);
    await page.clock.runFor(200);
    expect(await faded()).toBe(1);
    await page.mouse.move(...(Object.values(middle(await boxOf(part('dialog')))) as [number, number]));
    expect(await faded()).toBe(0);
    await page.keyboard.press('Tab');
    await page.clock.runFor(20_000);
    expect(await faded()).toBe(0);
  });

  test('head and controls stay for who wants less motion', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await freezeClock();
    await show(page, 'talking');
    await page.clock.runFor(20_000);
    expect(await page.locator('.frame-still').count()).toBe(0);
  });

  test('what the buttons of the head say is not cut off', async () => {
    await page.context().close();
    page = await gallery.open({ viewport: { width: 640, height: 360 }, language: 'en' });
    await show(page, 'ringing');
    await part('minimize').hover();
    const hidden = ({ scrollWidth, clientWidth }: Element) => scrollWidth - clientWidth;
    expect(await part('dialog').evaluate(hidden)).toBe(0);
  });

  test('fullscreen fills the screen and goes back', async () => {
    await show(page, 'talking');
    const before = await boxOf(part('dialog'));
    await part('fullscreen').click();
    await expect.poll(async () => (await boxOf(part('dialog'))).width).toBe(1280);
    await part('fullscreen').click();
    await expect.poll(() => boxOf(part('dialog'))).toEqual(before);
  });

  test('switches tell whether they are on, problems offer what helps', async () => {
    await show(page, 'talking-no-device');
    expect(await part('microphone').getAttribute('aria-pressed')).toBe('false');
    expect(await part('camera').getAttribute('data-hint')).toContain('没有找到摄像头');
    expect(await part('camera').locator('.control-warning').count()).toBe(1);
    await show(page, 'permission-denied');
    await part('retry').click();
    await part('continue').click();
    await show(page, 'permission-denied-called');
    expect(await page.locator('[part~=retry], [part~=continue]').count()).toBe(0);
    await part('call-again').click();
    await show(page, 'certificate');
    expect(await part('open-server').getAttribute('href')).toBe('https://example.test:8443');
    await show(page, 'unsupported-browser');
    await part('retry').click();
    expect(await requests(page)).toEqual(['retry', 'continueWithoutDevices', 'retry', 'dismiss']);
  });
});

describe('on a phone', () => {
  beforeEach(async () => {
    page = await gallery.open(PHONE);
  });

  test('the call fills the screen and the card the width of its top', async () => {
    await show(page, 'incoming');
    const card = await boxOf(part('incoming'));
    expect([card.x, card.y, card.width]).toEqual([8, 8, 374]);
    await show(page, 'talking');
    expect(await boxOf(part('dialog'))).toEqual({ x: 0, y: 0, width: 390, height: 844 });
  });

  test('the touch that brings faded controls back presses none of them', async () => {
    await freezeClock();
    await show(page, 'talking');
    await page.clock.runFor(3100);
    expect(await page.locator('.frame-still').count()).toBe(1);
    await part('hang-up').tap();
    expect(await page.locator('.frame-still').count()).toBe(0);
    expect(await requests(page)).toEqual([]);
    await part('hang-up').tap();
    expect(await requests(page)).toEqual(['hangUp']);
  });
});
