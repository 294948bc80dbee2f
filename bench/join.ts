import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../testing/browser/browser.ts';
import { ADMIN_TOKEN, makeGroup } from '../testing/server/groups.ts';
import { measureBareConnection } from './bare-connection.ts';
import { percentile, row } from './figures.ts';
import { startProduct } from './product.ts';

const JOINS = 15;
const GROUP = 'six';
const PAGE_USER = '1';
const PUBLISHERS = ['anna', 'ben', 'carl', 'dora', 'emil'];
const GOAL_MS = 900;

/** In the page: when each participant's second picture was drawn, in milliseconds since 1970. */
interface TileWatch {
  readonly moving: Record<string, number>;
}

/** What this needs of the element. */
interface Calling extends Element {
  call(target: { type: 'group'; id: string; name: string }): void;
  hangUp(): void;
}

/**
 * Joining a room of six: one page of Chromium, five members that replay recorded VP8. From the click to the second
 * picture on every tile, and what a join costs the signaling server.
 */
export async function join(): Promise<void> {
  const product = await startProduct({ ADMIN_TOKEN });
  await makeGroup({ url: product.url }, GROUP, [PAGE_USER, ...PUBLISHERS]);
  const browser = await launchBrowser();
  const page = await (await browser.newContext({ permissions: ['camera', 'microphone'] })).newPage();
  await page.addInitScript('globalThis.__name = (value) => value');
  await page.addInitScript(watchTiles);
  await page.goto(`${product.url}/demo/?user=${PAGE_USER}`);
  await page.waitForFunction(() => customElements.get('video-call'));

  const program = fileURLToPath(new URL('./publishers.ts', import.meta.url));
  const publishers = fork(program, [product.url, GROUP, PAGE_USER, ...PUBLISHERS], {
    execArgv: ['--import', 'tsx'],
  });
  await page.waitForTimeout(3_000);
  await call(page);
  await once(publishers, 'message');
  await hangUp(page);
  publishers.send('replay');
  await once(publishers, 'message');

  const joined: number[] = [];
  const cpuBefore = product.cpuSeconds();
  for (let i = 0; i < JOINS; i++) joined.push(await measureJoin(page));
  const cpuPerJoinMs = ((product.cpuSeconds() - cpuBefore) / JOINS) * 1000;
  publishers.disconnect();
  const bare: number[] = [];
  for (let i = 0; i < JOINS; i++) bare.push(await measureBareConnection(page));
  await browser.close();
  await product.close();
  print(joined, bare, cpuPerJoinMs);
}

function watchTiles(): void {
  const moving: Record<string, number> = {};
  Object.assign(window, { moving });
  const watched = new WeakSet<Element>();
  const watch = () => {
    const root = document.querySelector('video-call')?.shadowRoot;
    for (const tile of root?.querySelectorAll<HTMLElement>('[part~=tile]') ?? []) {
      const video = tile.querySelector('video');
      if (!video || watched.has(video)) continue;
      watched.add(video);
      video.requestVideoFrameCallback(() =>
        video.requestVideoFrameCallback(() => {
          moving[tile.dataset['name'] ?? ''] = performance.timeOrigin + performance.now();
        }),
      );
    }
    requestAnimationFrame(watch);
  };
  requestAnimationFrame(watch);
}

async function measureJoin(page: Page): Promise<number> {
  const clickedAt = await call(page);
  const times = await page.waitForFunction(
    (names) => {
      const { moving } = window as unknown as TileWatch;
      return names.every((name) => moving[name]) && Object.values(moving);
    },
    PUBLISHERS,
    { polling: 50 },
  );
  const last = Math.max(...((await times.jsonValue()) as number[]));
  await hangUp(page);
  return last - clickedAt;
}

async function call(page: Page): Promise<number> {
  return page.evaluate((id) => {
    const { moving } = window as unknown as TileWatch;
    for (const name of Object.keys(moving)) Reflect.deleteProperty(moving, name);
    const element: Calling | null = document.querySelector('video-call');
    element?.call({ type: 'group', id, name: id });
    return performance.timeOrigin + performance.now();
  }, GROUP);
}

async function hangUp(page: Page): Promise<void> {
  await page.waitForTimeout(500);
  await page.evaluate(() => {
    const element: Calling | null = document.querySelector('video-call');
    element?.hangUp();
  });
  await page.locator('video-call [part~=room]').waitFor({ state: 'detached' });
}

function print(joined: readonly number[], bare: readonly number[], cpuPerJoinMs: number): void {
  console.log(`\nJoining a room of ${PUBLISHERS.length + 1}, click → every tile moves, ${JOINS} joins`);
  const show = (label: string, values: readonly number[]) =>
    row(label, `p50 ${percentile(values, 50).toFixed(0)} ms`, `p95 ${percentile(values, 95).toFixed(0)} ms`);
  show('join', joined);
  show('two bare peer connections in one page, offer → second frame (baseline)', bare);
  row('ratio of p50', (percentile(joined, 50) / percentile(bare, 50)).toFixed(2));
  row('CPU of the signaling server for a join and a leave', `${cpuPerJoinMs.toFixed(1)} ms`);
  console.log(`  goal: p50 ≤ ${GOAL_MS} ms`);
}
