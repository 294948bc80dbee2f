/** The gallery of the interface's states (`widget/gallery`), in a browser and without a server. */
import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { build, type Rolldown } from 'vite';
import { launchBrowser } from './browser.ts';

const ROOT = fileURLToPath(new URL('../../widget/gallery', import.meta.url));
/** A secure context, as a real page is. */
const ORIGIN = 'http://localhost';

export const DESKTOP: BrowserContextOptions = { viewport: { width: 1280, height: 720 } };
export const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
};

export interface OpenOptions extends BrowserContextOptions {
  /** Language of the interface; zh-CN by default. */
  readonly language?: 'zh-CN' | 'en';
}

/** The built gallery and the browser that shows it. */
export class Gallery {
  readonly #files: ReadonlyMap<string, string | Uint8Array>;
  readonly #browser: Browser;

  private constructor(files: ReadonlyMap<string, string | Uint8Array>, browser: Browser) {
    this.#files = files;
    this.#browser = browser;
  }

  static async start(): Promise<Gallery> {
    const built = (await build({
      root: ROOT,
      configFile: false,
      plugins: [vue()],
      logLevel: 'error',
      build: { write: false, minify: false },
    })) as Rolldown.RolldownOutput;
    const files = new Map(
      built.output.map((file) => [`/${file.fileName}`, file.type === 'chunk' ? file.code : file.source]),
    );
    return new Gallery(files, await launchBrowser());
  }

  /** Opens the gallery in a page of its own, with nothing shown yet. */
  async open({ language = 'zh-CN', ...options }: OpenOptions = DESKTOP): Promise<Page> {
    const context = await this.#browser.newContext(options);
    const page = await context.newPage();
    await page.route(`${ORIGIN}/**`, (route) => {
      const path = new URL(route.request().url()).pathname;
      const body = this.#files.get(path === '/' ? '/index.html' : path);
      if (body === undefined) return route.fulfill({ status: 404 });
      const contentType = path.endsWith('.js') ? 'text/javascript' : 'text/html';
      return route.fulfill({ contentType, body: Buffer.from(body) });
    });
    await page.goto(`${ORIGIN}/?state=idle&locale=${language}`);
    await page.waitForFunction(() => 'gallery' in window);
    return page;
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}

interface GalleryWindow {
  readonly gallery: { actions: string[]; names: string[]; show: (name: string) => void };
}

/** The names of all states. */
export function stateNames(page: Page): Promise<string[]> {
  return page.evaluate(() => (window as unknown as GalleryWindow).gallery.names);
}

/** Shows a state. */
export async function show(page: Page, name: string): Promise<void> {
  await page.evaluate((state) => (window as unknown as GalleryWindow).gallery.show(state), name);
}

/** What the interface asked for so far, for instance `accept video`. */
export function requests(page: Page): Promise<string[]> {
  return page.evaluate(() => (window as unknown as GalleryWindow).gallery.actions);
}
