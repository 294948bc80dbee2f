import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchBrowser } from '../testing/browser/browser.ts';
import { measureBareConnection } from './bare-connection.ts';
import { percentile, row } from './figures.ts';
import { startProduct } from './product.ts';

const CALLS = 20;

/** What this needs of the element. */
interface Calling extends Element {
  call(target: { type: 'friend'; id: string }): void;
  hangUp(): void;
}

/** Moments of one accept, in milliseconds since 1970. */
interface Marks {
  click: number;
  devicesAsked: number;
  devicesOpen: number;
  /** `startCommunication` came. */
  started: number;
  connected: number;
  /** The first and second picture of the other side. */
  frames: number[];
}

/**
 * Click on "accept" → first moving remote frame at the callee, over {@link CALLS} calls on the demo page between two
 * tabs of one Chromium, and where the time goes; beside it what two bare peer connections take. The camera's opening is told apart: fake devices are no measure of it.
 */
export async function accept(): Promise<void> {
  const product = await startProduct();
  const browser = await launchBrowser();
  try {
    const caller = await openUser(browser, product.url, '1');
    const callee = await openUser(browser, product.url, '2');
    const samples: Marks[] = [];
    const bare: number[] = [];
    for (let call = 0; call < CALLS; call++) samples.push(await measureCall(caller.page, callee.page));
    for (let call = 0; call < CALLS; call++) bare.push(await measureBareConnection(callee.page));
    print(samples, bare);
    await caller.context.close();
    await callee.context.close();
  } finally {
    await browser.close();
    await product.close();
  }
}

async function openUser(
  browser: Browser,
  url: string,
  user: string,
): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ permissions: ['camera', 'microphone'] });
  const page = await context.newPage();
  // The transpiler marks functions with a helper that the page does not have.
  await page.addInitScript('globalThis.__name = (value) => value');
  await page.addInitScript(recordMarks);
  await page.goto(`${url}/demo/?user=${user}`);
  return { context, page };
}

/** Runs in the page: notes the moments of a call in `window.marks`. */
function recordMarks(): void {
  const now = () => performance.timeOrigin + performance.now();
  const marks: Marks = { click: 0, devicesAsked: 0, devicesOpen: 0, started: 0, connected: 0, frames: [] };
  Object.assign(window, { marks });

  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    marks.devicesAsked = now();
    const stream = await open(constraints);
    marks.devicesOpen = now();
    return stream;
  };

  const Connection = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Connection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      this.addEventListener('connectionstatechange', () => {
        if (this.connectionState === 'connected') marks.connected = now();
      });
    }
  };

  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener('message', ({ data }) => {
        if (String(data).includes('"startCommunication"')) marks.started = now();
      });
    }
  };

  const watched = new WeakSet<Element>();
  const watch = () => {
    const root = document.querySelector('video-call')?.shadowRoot;
    const button = root?.querySelector('[part~=accept]');
    if (button && !watched.has(button)) {
      watched.add(button);
      button.addEventListener('click', () => (marks.click = now()), { capture: true });
    }
    const video = root?.querySelector<HTMLVideoElement>('video[part~=remote-video]');
    if (video && !watched.has(video)) {
      watched.add(video);
      const onFrame = () => {
        marks.frames.push(now());
        if (marks.frames.length < 2) video.requestVideoFrameCallback(onFrame);
      };
      video.requestVideoFrameCallback(onFrame);
    }
    requestAnimationFrame(watch);
  };
  requestAnimationFrame(watch);
}

async function measureCall(caller: Page, callee: Page): Promise<Marks> {
  for (const page of [caller, callee]) {
    await page.evaluate(() => {
      const { marks } = window as unknown as { marks: Marks };
      Object.assign(marks, {
        click: 0,
        devicesAsked: 0,
        devicesOpen: 0,
        started: 0,
        connected: 0,
        frames: [],
      });
    });
  }
  await caller.evaluate(() => {
    const element: Calling | null = document.querySelector('video-call');
    element?.call({ type: 'friend', id: '2' });
  });
  const acceptButton = callee.locator('video-call [part~=accept]').first();
  await acceptButton.waitFor();
  // A person needs a moment to see who is calling; the connection is made in it.
  await callee.waitForTimeout(1_000);
  await acceptButton.dispatchEvent('click');
  await callee.waitForFunction(
    () => (window as unknown as { marks: Marks }).marks.frames.length >= 2,
    undefined,
    {
      timeout: 15_000,
      polling: 50,
    },
  );
  const marks = await callee.evaluate(() => (window as unknown as { marks: Marks }).marks);
  await callee.waitForTimeout(500);
  await caller.evaluate(() => {
    const element: Calling | null = document.querySelector('video-call');
    element?.hangUp();
  });
  await callee.locator('video-call [part~=dialog]').waitFor({ state: 'detached', timeout: 15_000 });
  await caller.locator('video-call [part~=dialog]').waitFor({ state: 'detached', timeout: 15_000 });
  return marks;
}

function print(samples: readonly Marks[], bare: readonly number[]): void {
  const part = (of: (marks: Marks) => number) => samples.map((marks) => Math.max(0, of(marks)));
  const devices = (marks: Marks) =>
    Math.max(0, marks.devicesOpen - Math.max(marks.devicesAsked, marks.click));
  const frame = (marks: Marks) => (marks.frames[1] ?? Number.NaN) - marks.click;
  const show = (label: string, values: readonly number[]) =>
    row(label, `p50 ${percentile(values, 50).toFixed(0)} ms`, `p95 ${percentile(values, 95).toFixed(0)} ms`);

  console.log(
    `\nClick on accept → first moving remote frame, ${samples.length} calls, loopback, 2 tabs of one Chromium`,
  );
  show('whole', part(frame));
  show('  opening camera and microphone (getUserMedia, runs beside the rest)', part(devices));
  show(
    '  signaling: the click → startCommunication',
    part((m) => m.started - m.click),
  );
  show(
    '  ICE and DTLS after it (the rest was done while it rang)',
    part((m) => m.connected - Math.max(m.started, m.click)),
  );
  show(
    '  then the first key frame and the next frame',
    part((m) => (m.frames[1] ?? 0) - Math.max(m.connected, m.started)),
  );
  show('two bare peer connections in one page, offer → second frame (baseline)', bare);
  row('ratio of p50', (percentile(part(frame), 50) / percentile(bare, 50)).toFixed(2));
  console.log('  goal: p50 ≤ 200 ms with the connection made while it rings (≤ 400 ms without)');
}
