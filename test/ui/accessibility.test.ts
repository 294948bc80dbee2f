import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  DESKTOP,
  Gallery,
  PHONE,
  show,
  stateNames,
  type OpenOptions,
} from '../../testing/browser/gallery.ts';

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** The least that a finger hits safely, in CSS pixels. */
const TOUCH_TARGET_PX = 44;
const AUDIT_TIMEOUT_MS = 120_000;

let gallery: Gallery;
beforeAll(async () => {
  gallery = await Gallery.start();
});
afterAll(() => gallery.close());

/** What axe-core finds wrong in the element; empty if nothing. */
async function audit(page: Page): Promise<string[]> {
  const results = await page.evaluate(async (tags) => {
    const { run } = (window as unknown as { axe: typeof axe }).axe;
    const { violations, passes } = await run('video-call', { runOnly: tags });
    return { violations, checked: passes.length };
  }, WCAG);
  expect(results.checked).toBeGreaterThan(3);
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`),
  );
}

const VARIANTS: readonly [string, OpenOptions][] = [
  ['on a desktop', DESKTOP],
  ['on a phone, dark, in English', { ...PHONE, colorScheme: 'dark', language: 'en' }],
];

describe.each(VARIANTS)('%s', (_, options) => {
  test('an accessibility audit of every state finds nothing', { timeout: AUDIT_TIMEOUT_MS }, async () => {
    const page = await gallery.open({ ...options, reducedMotion: 'reduce' });
    await page.evaluate(axe.source);
    const found: string[] = [];
    for (const name of await stateNames(page)) {
      await show(page, 'idle');
      await show(page, name);
      found.push(...(await audit(page)).map((fault) => `${name}: ${fault}`));
    }
    await show(page, 'room-moderator');
    await page.locator('[part~=participants]').click();
    await page.locator('[part~=end-for-all]').click();
    found.push(...(await audit(page)).map((fault) => `list of people: ${fault}`));
    expect(found).toEqual([]);
    await page.context().close();
  });
});

test('on a phone every control is large enough for a finger', async () => {
  const page = await gallery.open({ ...PHONE, reducedMotion: 'reduce' });
  const small: string[] = [];
  for (const name of [...(await stateNames(page)), 'list of people']) {
    await show(page, 'idle');
    await show(page, name === 'list of people' ? 'room-moderator' : name);
    if (name === 'list of people') await page.locator('[part~=participants]').click();
    const controls = page.locator('video-call').locator('button, a');
    const faults = await controls.evaluateAll((elements, least) => {
      return elements.flatMap((element) => {
        const { width, height } = element.getBoundingClientRect();
        if (!width || (width >= least && height >= least)) return [];
        return [`${element.getAttribute('part')} ${width}×${height}`];
      });
    }, TOUCH_TARGET_PX);
    small.push(...faults.map((fault) => `${name}: ${fault}`));
  }
  expect(small).toEqual([]);
  await page.context().close();
});

test('a name of markup is only a name', async () => {
  const page = await gallery.open();
  const dialogs: string[] = [];
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  await show(page, 'incoming-long');
  await page.getByText('<img src=x onerror=alert(1)>').waitFor();
  expect(await page.locator('video-call').locator('img').count()).toBe(0);
  expect(dialogs).toEqual([]);
  await page.context().close();
});
