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
const tile = (name: string) => page.locator(`[part~=tile][data-name=${name}]`);
const tileNames = () =>
  part('tile').evaluateAll((tiles) => tiles.map((element) => element.getAttribute('data-name')));
const area = async (locator: Locator) => {
  const box = await locator.boundingBox();
  return (box?.width ?? 0) * (box?.height ?? 0);
};

/** Lets time pass in the page only when told. */
async function freezeClock() {
  await page.clock.install({ time: 0 });
  await page.clock.pauseAt(1000);
}

/** Tiles that leave the window, or lie over one another. */
function misplaced() {
  return page.locator('[part~=tile], [part~=invited]').evaluateAll((tiles) => {
    const frame = tiles[0]?.closest('[part~=room]')?.getBoundingClientRect();
    const boxes = tiles.map((element) => element.getBoundingClientRect());
    if (!frame) return ['no window'];
    return boxes.flatMap((one, index) => {
      const inside =
        one.left >= frame.left &&
        one.right <= frame.right &&
        one.top >= frame.top &&
        one.bottom <= frame.bottom;
      const apart = boxes.every(
        (other, at) =>
          at === index ||
          one.right <= other.left ||
          other.right <= one.left ||
          one.bottom <= other.top ||
          other.bottom <= one.top,
      );
      return inside && apart ? [] : [tiles[index]?.getAttribute('data-name')];
    });
  });
}

describe.each([
  ['1280×720', DESKTOP],
  ['390×844', PHONE],
])('on %s', (_, options) => {
  test('up to sixteen and all who are asked have a tile of their own', async () => {
    page = await gallery.open({ ...options, reducedMotion: 'reduce' });
    for (const [state, count] of [
      ['room-1', 1],
      ['room-2', 2],
      ['room-4', 4],
      ['room-9', 9],
      ['room-16', 16],
      ['room-share', 6],
    ] as const) {
      await show(page, 'idle');
      await show(page, state);
      await tile('user-1').waitFor();
      expect(await misplaced(), state).toEqual([]);
      // A phone's strip has room for fewer than six.
      if (state !== 'room-share') expect(await part('tile').count(), state).toBe(count);
    }
  });
});

describe('the card and the banner', () => {
  beforeEach(async () => {
    page = await gallery.open(DESKTOP);
  });

  test('the card says which group calls, who began and who is in; it joins and refuses', async () => {
    const title = await page.title();
    await show(page, 'group-incoming');
    expect(await part('incoming').innerText()).toMatch(/测试群\s*测试甲 发起了视频通话[^]*3 人已在通话中/);
    expect(await page.title()).toBe('【来电】测试群');
    await part('accept').click();
    await part('accept-audio').click();
    await part('reject').click();
    expect(await requests(page)).toEqual(['join group-1 video', 'join group-1 audio', 'reject']);
    await show(page, 'group-missed');
    expect(await part('status').innerText()).toBe('通话已取消');
    expect(await part('room').count()).toBe(0);
    expect(await page.title()).toBe(title);
  });

  test('the banner joins, goes when closed, and comes back with the next call', async () => {
    await show(page, 'banner');
    expect((await part('banner').innerText()).replace(/\s+/g, ' ')).toBe('测试群 正在视频通话 · 3 人 加入');
    await part('join').click();
    expect(await requests(page)).toEqual(['join group-1 video']);
    await part('dismiss').click();
    await show(page, 'banner');
    expect(await part('banner').count()).toBe(0);
    await show(page, 'idle');
    await show(page, 'banner');
    expect(await part('banner').count()).toBe(1);
  });

  test.each(['incoming', 'talking'])('there is no banner while oneself is busy: %s', async (state) => {
    await show(page, 'banner');
    expect(await part('banner').count()).toBe(1);
    await show(page, `${state}+banner`);
    expect(await part('banner').count()).toBe(0);
  });
});

describe('the window', () => {
  beforeEach(async () => {
    page = await gallery.open({ ...DESKTOP, reducedMotion: 'reduce' });
  });

  test('a press enlarges a tile and another brings it back, while its picture plays on', async () => {
    await show(page, 'room-9');
    const before = await area(tile('user-3'));
    const video = tile('user-3').locator('video');
    const played = () => video.evaluate((element: HTMLVideoElement) => element.currentTime);
    await expect.poll(played).toBeGreaterThan(0);
    const time = await played();
    await tile('user-3').getByRole('button', { name: '放大 测试丙 的画面' }).click();
    await expect.poll(() => area(tile('user-3'))).toBeGreaterThan(4 * before);
    expect(await played()).toBeGreaterThanOrEqual(time);
    await page.keyboard.press('Enter');
    await expect.poll(() => area(tile('user-3'))).toBe(before);
  });

  test('a share takes the stage, and is told', async () => {
    await show(page, 'room-share');
    const areas = await Promise.all(['user-1', 'user-2', 'user-3'].map((name) => area(tile(name))));
    expect(areas[2]).toBeGreaterThan(4 * Math.max(areas[0] ?? 0, areas[1] ?? 0));
    expect(await tile('user-3').innerText()).toBe('测试丙 正在共享屏幕');
  });

  test('one’s own picture is mirrored, silent and called 我; the speaker has a frame', async () => {
    await show(page, 'room-4');
    await expect.poll(() => tile('user-1').innerText()).toBe('我');
    expect(await tile('user-1').locator('video.mirrored').count()).toBe(1);
    expect(await page.locator('.mirrored').count()).toBe(1);
    await expect
      .poll(() =>
        page.locator('.tile-speaking').evaluateAll((all) => all.map((one) => one.getAttribute('data-name'))),
      )
      .toEqual(['user-2']);
    expect(await tile('user-3').getAttribute('aria-label')).toBe('测试丙, 已静音');
  });

  test('more than a page holds are on further pages, and all are heard', async () => {
    await show(page, 'room-20');
    expect(await part('tile').count()).toBe(10);
    await part('next-page').click();
    const second = await tileNames();
    expect(second).toHaveLength(10);
    await part('room').focus();
    await page.keyboard.press('PageUp');
    expect(await tileNames()).toContain('user-1');
    expect(second.filter((name) => name === 'user-1' || name === 'user-2')).toEqual([]);
    const sounding = page.locator('audio');
    await expect
      .poll(() =>
        sounding.evaluateAll((all) => all.filter((one) => !(one as HTMLAudioElement).paused).length),
      )
      .toBe(19);
    const loud = page.locator('video:not([muted])');
    expect(await loud.evaluateAll((all) => all.filter((one) => !(one as HTMLVideoElement).muted))).toEqual(
      [],
    );
  });

  test('who refused vanishes after ten seconds, who did not answer can be rung again', async () => {
    await freezeClock();
    await show(page, 'room-ringing');
    await page.clock.runFor(9900);
    expect(await part('invited').count()).toBe(6);
    expect(await part('invited').nth(2).innerText()).toMatch(/已拒绝/);
    await page.clock.runFor(200);
    expect(await part('invited').count()).toBe(3);
    await part('invite').click();
    expect(await requests(page)).toEqual(['invite user-18']);
  });

  test('the list of people rings again, mutes, and asks before it removes or ends for all', async () => {
    await show(page, 'room-moderator');
    await part('participants').click();
    const row = (name: string) => part('participants-panel').locator(`li[data-name=${name}]`);
    await row('user-2').locator('[part~=mute]').click();
    await row('user-2').locator('[part~=remove]').click();
    await part('end-for-all').click();
    expect(await requests(page)).toEqual(['mute user-2']);
    await row('user-2').locator('[part~=remove]').click();
    await part('end-for-all').click();
    await row('user-21').locator('[part~=invite]').click();
    expect(await row('user-19').innerText()).toContain('已离开');
    await row('user-19').locator('[part~=invite]').click();
    await part('invite-all').click();
    expect((await requests(page)).slice(1)).toEqual([
      'remove user-2',
      'endForAll',
      'invite user-21',
      'invite user-19',
      'invite user-21,user-20,user-19',
    ]);
    expect(await page.locator('[part~=invited][data-name=user-19]').count()).toBe(0);
    expect(await misplaced()).toEqual([]);
    await page.keyboard.press('Escape');
    expect(await part('participants-panel').count()).toBe(0);
    expect(
      await part('participants').evaluate(
        (button) => (button.getRootNode() as ShadowRoot).activeElement === button,
      ),
    ).toBe(true);
  });

  test('on a phone held sideways the list of people covers no tile', async () => {
    await page.context().close();
    page = await gallery.open({ ...PHONE, viewport: { width: 844, height: 390 }, reducedMotion: 'reduce' });
    await show(page, 'room-4');
    await part('participants').click();
    const list = await part('participants-panel').boundingBox();
    const rightmost = () =>
      part('tile').evaluateAll((tiles) =>
        Math.max(...tiles.map((tile) => tile.getBoundingClientRect().right)),
      );
    await expect.poll(rightmost).toBeLessThanOrEqual(list?.x ?? 0);
  });

  test('who may not moderate sees no such buttons', async () => {
    await show(page, 'room-4');
    await part('room').press('p');
    await part('participants-panel').waitFor();
    expect(await page.locator('[part~=mute], [part~=remove], [part~=end-for-all]').count()).toBe(0);
  });

  test('minimised it shows who speaks, and everybody is still heard', async () => {
    await show(page, 'room-9');
    await part('minimize').click();
    expect(await tileNames()).toEqual(['user-2']);
    expect(await page.locator('audio').count()).toBe(8);
    await part('microphone').click();
    await part('restore').click();
    expect(await tileNames()).toHaveLength(9);
    await part('hang-up').click();
    expect(await requests(page)).toEqual(['toggleMicrophone', 'leave']);
  });

  test('what is wrong, and what came to an end, is told with what helps', async () => {
    await show(page, 'room-moderated');
    await page.getByText('测试乙 已将你静音').waitFor();
    await show(page, 'room-reconnecting');
    expect(await part('status').innerText()).toBe('网络不稳定，正在重新连接……');
    await show(page, 'room-sound-blocked');
    await part('resume-sound').click();
    await show(page, 'room-media-unavailable');
    await part('retry').click();
    await show(page, 'room-lost');
    expect(await part('status').textContent()).toContain('网络已断开');
    await show(page, 'room-left');
    expect(await part('status').textContent()).toContain('你已离开通话');
    await part('join').click();
    expect(await requests(page)).toEqual(['resumeSound', 'retry', 'join group-1 video']);
  });

  test('where the browser refuses sound, one click brings everybody’s', async () => {
    // Chromium counts every command of a test as a gesture, so its refusal is imitated.
    await page.evaluate(() => {
      const play = HTMLMediaElement.prototype.play;
      HTMLMediaElement.prototype.play = function () {
        const refused = !this.muted && !document.body.dataset['clicked'];
        return refused ? Promise.reject(new DOMException('', 'NotAllowedError')) : play.call(this);
      };
      addEventListener('click', () => (document.body.dataset['clicked'] = 'yes'), { capture: true });
    });
    await show(page, 'room-9');
    const silent = () =>
      page
        .locator('audio')
        .evaluateAll((all) => all.filter((one) => (one as HTMLAudioElement).paused).length);
    await part('resume-sound').waitFor();
    expect(await silent()).toBe(8);
    await part('resume-sound').click();
    await expect.poll(silent).toBe(0);
    expect(await part('resume-sound').count()).toBe(0);
    expect(await requests(page)).toEqual(['resumeSound']);
  });
});
