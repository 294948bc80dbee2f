/** Page objects: a person in front of a chat page, doing and seeing what a user does and sees. */
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { LayimSite, PageOptions } from './layim/site.ts';
import { type NetworkOptions, WAIT, watchMedia } from './media.ts';

const WIDE = { viewport: { width: 1280, height: 720 } };
/** LayIM goes by the user agent to tell a phone, and then listens to `touchend`. */
const PHONE = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
  userAgent:
    'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36',
};

/** LayIM's words. */
export interface Chat {
  readonly type: 'friend' | 'group';
  readonly id: number;
}

/** The `part` names that the tests rely on. */
export type Part =
  | 'incoming'
  | 'accept'
  | 'accept-audio'
  | 'room'
  | 'reject'
  | 'dialog'
  | 'status'
  | 'local-video'
  | 'remote-video'
  | 'hang-up'
  | 'microphone'
  | 'camera'
  | 'minimize'
  | 'restore'
  | 'close'
  | 'dismiss'
  | 'call-again'
  | 'continue'
  | 'banner'
  | 'join';

/** How to find one's way through a particular chat page. */
interface Manner {
  openChat(page: Page, chat: Chat): Promise<void>;
  press(button: Locator): Promise<void>;
}

const click = (button: Locator) => button.click();
const tap = (button: Locator) => button.tap();

const DEMO: Manner = {
  openChat: (page, { type, id }) => page.locator(`.layui-layim-main .layim-${type}${id}`).click(),
  press: click,
};

/** LayIM draws the group of friends closed. */
const LAYIM_PC: Manner = {
  async openChat(page, { type, id }) {
    const row = page.locator(`.layui-layim-main .layim-${type}${id}`);
    if (type === 'group') await page.locator('.layui-layim-tab [lay-type=group]').click();
    else if (!(await row.isVisible()))
      await page.locator('.layim-list-friend [layim-event=spread]').first().click();
    await row.click();
  },
  press: click,
};

const LAYIM_MOBILE: Manner = {
  async openChat(page, { type, id }) {
    await page.locator('[layim-event=tab][lay-type=friend]').tap();
    const row = page.locator(`.layim-list-${type} .layim-${type}${id}`);
    if (type === 'group') await page.locator('[layim-event=group]').tap();
    else if (!(await row.isVisible()))
      await page.locator('.layim-list-friend [layim-event=spread]').first().tap();
    await row.tap();
  },
  press: tap,
};

/** One tab of one user. */
export class ChatPage {
  readonly page: Page;
  readonly #manner: Manner;
  /** Errors that no code of the page caught. */
  readonly errors: string[] = [];
  /** JSON frames of `/signal`, in order, `>` sent and `<` received. */
  readonly frames: { readonly direction: '>' | '<'; readonly message: Record<string, unknown> }[] = [];

  private constructor(page: Page, manner: Manner) {
    this.page = page;
    this.#manner = manner;
    page.on('pageerror', (error) => this.errors.push(error.message));
    page.on('websocket', (socket) => {
      if (!socket.url().endsWith('/signal')) return;
      const keep = (direction: '>' | '<') => (data: { payload: string | Buffer }) =>
        this.frames.push({ direction, message: JSON.parse(String(data.payload)) });
      socket.on('framesent', keep('>'));
      socket.on('framereceived', keep('<'));
    });
  }

  /** The demo page of a user, in a context of its own or one that is given (then it is a second tab). */
  static async demo(
    where: Browser | BrowserContext,
    origin: string,
    user: number,
    network: NetworkOptions = {},
  ): Promise<ChatPage> {
    return ChatPage.#open(where, DEMO, WIDE, `${origin}/demo/?user=${user}`, network);
  }

  /** A page of the real LayIM. */
  static layim(where: Browser, site: LayimSite, options: PageOptions): Promise<ChatPage> {
    const isPhone = options.kind === 'mobile';
    return ChatPage.#open(
      where,
      isPhone ? LAYIM_MOBILE : LAYIM_PC,
      isPhone ? PHONE : WIDE,
      site.address(options),
    );
  }

  static async #open(
    where: Browser | BrowserContext,
    manner: Manner,
    device: object,
    address: string,
    network: NetworkOptions = {},
  ) {
    const context = 'newContext' in where ? await where.newContext(device) : where;
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT.timeout);
    await watchMedia(page, network);
    const chatPage = new ChatPage(page, manner);
    await page.goto(address);
    await chatPage.untilRegistered();
    return chatPage;
  }

  /** Waits until the call server has let this user in. */
  async untilRegistered(): Promise<void> {
    await expect.poll(() => this.received('registerResponse').at(-1)?.['response'], WAIT).toBe('accepted');
  }

  received(id: string): Record<string, unknown>[] {
    return this.frames.filter((f) => f.direction === '<' && f.message['id'] === id).map((f) => f.message);
  }

  sent(id: string): Record<string, unknown>[] {
    return this.frames.filter((f) => f.direction === '>' && f.message['id'] === id).map((f) => f.message);
  }

  openChat(chat: Chat): Promise<void> {
    return this.#manner.openChat(this.page, chat);
  }

  /** The toolbar's button of the chat on the screen. */
  tool(alias: 'video' | 'audio'): Locator {
    return this.page.locator(`[layim-event=extend][lay-filter=${alias}]:visible`);
  }

  /** Opens the chat and presses its call button. */
  async call(chat: Chat, alias: 'video' | 'audio' = 'video'): Promise<void> {
    await this.openChat(chat);
    await this.#manner.press(this.tool(alias));
  }

  part(name: Part): Locator {
    return this.page.locator(`video-call [part~="${name}"]`);
  }

  /** Accepts when it rings. */
  accept(): Promise<void> {
    return this.#manner.press(this.part('accept'));
  }

  reject(): Promise<void> {
    return this.#manner.press(this.part('reject'));
  }

  /** The pointer moves first: the controls of a still call are hidden. */
  async hangUp(): Promise<void> {
    await this.part('dialog').hover({ position: { x: 40, y: 90 } });
    await this.#manner.press(this.part('hang-up'));
  }

  /** Joins a group's call that runs already. */
  joinFromBanner(): Promise<void> {
    return this.#manner.press(this.part('banner').locator('[part~="join"]'));
  }

  /** Leaves a group's call, whose controls stay. */
  leave(): Promise<void> {
    return this.#manner.press(this.part('hang-up'));
  }

  /** The tile of a member who is not in the group's call, or not yet. */
  invited(user: number): Locator {
    return this.page.locator(`video-call [part~="invited"][data-name="${user}"]`);
  }

  /** Waits for the one line of state, or the reason why it is over, to say this. */
  async untilStatus(text: string): Promise<void> {
    await expect.poll(() => this.part('status').first().textContent(), WAIT).toContain(text);
  }

  /** Waits until there is no call on the screen, nor the word why it ended. */
  async untilIdle(): Promise<void> {
    await this.part('dialog').waitFor({ state: 'detached' });
  }

  close(): Promise<void> {
    return this.page.context().close();
  }
}
