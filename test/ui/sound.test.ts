/** What is heard: the ringing, and a sound that the browser refuses at first. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Gallery, requests, show } from '../../testing/browser/gallery.ts';

let gallery: Gallery;
let page: Page;
beforeAll(async () => {
  gallery = await Gallery.start();
});
beforeEach(async () => {
  page = await gallery.open();
});
afterEach(() => page.context().close());
afterAll(() => gallery.close());

const part = (name: string) => page.locator(`[part~=${name}]`);

interface Sounding {
  readonly contexts: AudioContext[];
}
const states = () => page.evaluate(() => (window as unknown as Sounding).contexts.map(({ state }) => state));

test.each(['incoming', 'ringing'])('%s rings until answered, then frees the device', async (state) => {
  await page.evaluate(() => {
    const contexts: AudioContext[] = [];
    Object.assign(window, { contexts });
    window.AudioContext = class extends AudioContext {
      constructor() {
        super();
        contexts.push(this);
      }
    };
  });
  await page.mouse.click(300, 300);
  await show(page, state);
  await expect.poll(states).toEqual(['running']);
  await show(page, 'accepted');
  await expect.poll(states).toEqual(['closed']);
});

test('where the browser refuses sound, the picture plays and a click brings the sound', async () => {
  // Chromium counts every command of a test as a gesture, so its refusal is imitated.
  await page.evaluate(() => {
    const play = HTMLMediaElement.prototype.play;
    HTMLMediaElement.prototype.play = function () {
      const refused = !this.muted && !document.body.dataset['clicked'];
      if (refused) return Promise.reject(new DOMException('', 'NotAllowedError'));
      if (this instanceof HTMLAudioElement) document.body.dataset['played'] = 'yes';
      return play.call(this);
    };
    addEventListener('click', () => (document.body.dataset['clicked'] = 'yes'), { capture: true });
  });
  await show(page, 'talking');
  const video = part('remote-video');
  const played = () => page.evaluate(() => document.body.dataset['played']);
  await part('resume-sound').waitFor();
  expect(await played()).toBeUndefined();
  await expect
    .poll(() => video.evaluate((element: HTMLVideoElement) => element.currentTime))
    .toBeGreaterThan(0);
  await part('resume-sound').click();
  await expect.poll(played).toBe('yes');
  expect(await part('resume-sound').count()).toBe(0);
  expect(await requests(page)).toEqual(['resumeSound']);
});
