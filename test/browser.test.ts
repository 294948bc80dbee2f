import type { Browser } from 'playwright-core';
import { afterEach, expect, test } from 'vitest';
import { findChromium, launchBrowser, type LaunchOptions } from '../testing/browser/browser.ts';

let browser: Browser | undefined;
afterEach(() => browser?.close());

/** What a page on localhost (a secure context) gets when it asks for camera and microphone. */
async function capture(options: LaunchOptions, constraints: MediaStreamConstraints): Promise<string[]> {
  browser = await launchBrowser(options);
  const page = await browser.newPage();
  await page.route('http://localhost/', (route) => route.fulfill({ contentType: 'text/html', body: '' }));
  await page.goto('http://localhost/');
  return page.evaluate(async (wanted) => {
    try {
      const stream = await navigator.mediaDevices.getUserMedia(wanted);
      return stream
        .getTracks()
        .map((track) => track.kind)
        .sort();
    } catch (error) {
      return [(error as Error).name];
    }
  }, constraints);
}

test('CHROMIUM_PATH that names nothing is an error, not ignored', () => {
  const before = process.env['CHROMIUM_PATH'];
  process.env['CHROMIUM_PATH'] = '/nowhere/chromium';
  try {
    expect(() => findChromium()).toThrow('/nowhere/chromium');
  } finally {
    if (before === undefined) delete process.env['CHROMIUM_PATH'];
    else process.env['CHROMIUM_PATH'] = before;
  }
});

test('a browser has a fake camera and microphone and nobody has to allow them', async () => {
  expect(await capture({}, { audio: true, video: true })).toEqual(['audio', 'video']);
});

test('a browser without a camera still has a microphone', async () => {
  expect(await capture({ cameras: 0 }, { video: true })).toEqual(['NotFoundError']);
  await browser?.close();
  expect(await capture({ cameras: 0 }, { audio: true })).toEqual(['audio']);
});

test('a browser whose user says no', async () => {
  expect(await capture({ permission: 'deny' }, { audio: true, video: true })).toEqual(['NotAllowedError']);
});
