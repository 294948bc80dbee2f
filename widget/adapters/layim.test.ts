// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ChatRequests } from './chat.ts';
import { LayimAdapter } from './layim.ts';
import type { LayimChat, LayimMine } from './layim-page.ts';

const MINE = { id: 100, username: '测试甲', avatar: '/1.png' };
const FRIEND = {
  id: 7,
  name: '测试乙',
  username: '测试乙',
  type: 'friend',
  avatar: '/7.png',
  status: 'online',
};
const TOOLS = ['video', 'audio', 'codeVideo', 'codeAudio'];

/** A page's LayIM, with the parts that the adapter touches. */
class FakeLayim {
  mine: LayimMine | undefined;
  chat: LayimChat | undefined;
  readonly readyListeners: (() => void)[] = [];
  readonly messages: unknown[] = [];

  cache() {
    return { mine: this.mine };
  }
  on(event: string, listener: () => void): void {
    if (event === 'ready') this.readyListeners.push(listener);
  }
  thisChat() {
    return this.chat && { data: this.chat };
  }
  getMessage(message: unknown): void {
    this.messages.push(message);
  }
}

/** Puts LayIM where it puts itself. */
function install(layim: FakeLayim, kind: 'pc' | 'mobile' = 'pc'): void {
  Object.assign(window, { layui: kind === 'pc' ? { layim } : { mobile: { layim } } });
}

/** A chat as LayIM draws it. */
function draw(data: object, alias = 'video'): HTMLElement {
  document.body.innerHTML = `
    <ul><li class="layim-friend7 layim-chatlist-friend7"></li></ul>
    <div class="layim-chat layim-chat-friend layui-show">
      <div class="layui-unselect layim-chat-tool" data-json="${encodeURIComponent(JSON.stringify(data))}">
        <span class="layui-icon layim-tool-video" layim-event="media" data-type="video"></span>
        <span class="layui-icon layim-tool-${alias}" layim-event="extend" lay-filter="${alias}"><i></i></span>
      </div>
    </div>`;
  return document.querySelector<HTMLElement>('[layim-event=extend]') as HTMLElement;
}

describe('LayimAdapter', () => {
  const requests = { call: vi.fn<ChatRequests['call']>(), prefetch: vi.fn() };
  const pagesHandler = vi.fn();
  let layim: FakeLayim;
  let adapter: LayimAdapter | undefined;

  function attach(kind: 'pc' | 'mobile' = 'pc'): LayimAdapter {
    install(layim, kind);
    adapter = new LayimAdapter({ tools: TOOLS, requests });
    return adapter;
  }

  function press(target: Element, type = 'click'): Event {
    const event = new Event(type, { bubbles: true, cancelable: true });
    target.dispatchEvent(event);
    return event;
  }

  beforeEach(() => {
    vi.useFakeTimers();
    layim = new FakeLayim();
    document.body.addEventListener('click', pagesHandler);
    document.body.addEventListener('touchend', pagesHandler);
  });

  afterEach(() => {
    adapter?.dispose();
    document.body.removeEventListener('click', pagesHandler);
    document.body.removeEventListener('touchend', pagesHandler);
    document.body.innerHTML = '';
    Object.assign(window, { layui: undefined });
    vi.unstubAllGlobals();
    vi.useRealTimers();
    vi.clearAllMocks();
  });

  describe('who is using the page', () => {
    it('is known when LayIM was ready before', async () => {
      layim.mine = MINE;
      expect(await attach().identity()).toEqual({ id: '100', name: '测试甲', avatar: '/1.png' });
    });

    it('is known when LayIM gets ready later', async () => {
      const { identity } = { identity: attach().identity() };
      layim.mine = MINE;
      for (const listener of layim.readyListeners) listener();
      expect((await identity).id).toBe('100');
    });

    it('is known when LayIM itself comes late, and its ready event was missed', async () => {
      adapter = new LayimAdapter({ tools: TOOLS, requests });
      await vi.advanceTimersByTimeAsync(30_000);
      layim.mine = MINE;
      install(layim);
      await vi.advanceTimersByTimeAsync(2_000);
      expect((await adapter.identity()).name).toBe('测试甲');
    });

    it('is looked for in the mobile version too', async () => {
      layim.mine = { id: 'u-1' };
      expect(await attach('mobile').identity()).toEqual({ id: 'u-1', name: 'u-1', avatar: '' });
    });

    it('is not looked for for ever', async () => {
      adapter = new LayimAdapter({ tools: TOOLS, requests });
      await vi.advanceTimersByTimeAsync(20 * 60_000);
      expect(vi.getTimerCount()).toBe(0);
    });
  });

  describe('a press of the button', () => {
    it("calls whose chat it is, and keeps the page's old handler from running", () => {
      attach();
      const event = press(draw(FRIEND).firstElementChild as Element);
      expect(requests.call).toHaveBeenCalledExactlyOnceWith(
        { type: 'friend', id: 7, name: '测试乙', avatar: '/7.png' },
        'video',
      );
      expect(pagesHandler).not.toHaveBeenCalled();
      expect(event.defaultPrevented).toBe(true);
    });

    it.each([
      ['video', 'video'],
      ['audio', 'audio'],
      ['codeVideo', 'video'],
      ['codeAudio', 'audio'],
    ] as const)('%s is for %s', (alias, media) => {
      attach();
      press(draw(FRIEND, alias));
      expect(requests.call).toHaveBeenCalledExactlyOnceWith(expect.anything(), media);
    });

    it.each([
      [
        'a group whose id equals a user’s',
        { id: 7, type: 'group', groupname: '测试群', avatar: '' },
        { type: 'group', id: 7, name: '测试群' },
      ],
      [
        'customer service',
        { id: 'k1', type: 'kefu', name: '客服' },
        { type: 'kefu', id: 'k1', name: '客服' },
      ],
      [
        'an unknown sender',
        { id: 9, type: 'friend', username: '陌生人', temporary: true },
        { type: 'friend', id: 9, name: '陌生人' },
      ],
      [
        'a name with markup',
        { id: 9, type: 'friend', name: '<b>"&%E4' },
        { type: 'friend', id: 9, name: '<b>"&%E4' },
      ],
    ])('knows %s', (_, data, target) => {
      attach();
      press(draw(data));
      expect(requests.call).toHaveBeenCalledExactlyOnceWith(target, 'video');
    });

    it('goes by the open chat where the toolbar says nothing', () => {
      attach();
      layim.chat = FRIEND;
      const button = draw(FRIEND);
      button.closest('[data-json]')?.setAttribute('data-json', '%E0%A4%A');
      press(button);
      expect(requests.call.mock.calls[0]?.[0]).toMatchObject({ type: 'friend', id: 7 });
    });

    it('leaves the film button, other tools and the rest of the page alone', () => {
      attach();
      press(draw(FRIEND, 'code'));
      press(document.querySelector('[layim-event=media]') as Element);
      press(document.querySelector('li') as Element);
      expect(requests.call).not.toHaveBeenCalled();
      expect(pagesHandler).toHaveBeenCalledTimes(3);
    });

    it('is nothing any more once disposed', () => {
      attach().dispose();
      press(draw(FRIEND));
      expect(requests.call).not.toHaveBeenCalled();
    });

    it('is a touch on a phone, unless the finger moved', () => {
      vi.stubGlobal('navigator', { userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)' });
      vi.spyOn(window.navigator, 'userAgent', 'get').mockReturnValue('iPhone');
      attach('mobile');
      const button = draw(FRIEND);
      for (const type of ['touchstart', 'touchmove', 'touchend']) press(button, type);
      press(button, 'click');
      expect(requests.call).not.toHaveBeenCalled();
      expect(pagesHandler).toHaveBeenCalledTimes(2);
      for (const type of ['touchstart', 'touchend']) press(button, type);
      expect(requests.call).toHaveBeenCalledTimes(1);
      expect(pagesHandler).toHaveBeenCalledTimes(2);
    });

    it('is foreseen', () => {
      attach();
      press(draw(FRIEND), 'pointerover');
      expect(requests.prefetch).toHaveBeenCalledTimes(1);
    });
  });

  describe('a call record', () => {
    const record = {
      type: 'friend',
      id: '7',
      name: '<img src=x>',
      avatar: '',
      text: '视频通话 03:21',
    } as const;

    it('is written into the open chat', () => {
      draw(FRIEND);
      attach().record(record);
      expect(layim.messages).toEqual([
        {
          system: true,
          id: '7',
          type: 'friend',
          username: '&lt;img src=x&gt;',
          avatar: '',
          content: '视频通话 03:21',
        },
      ]);
    });

    it('is not written where no tab is: LayIM would count it as unread', () => {
      draw(FRIEND);
      attach().record({ ...record, type: 'group' });
      expect(layim.messages).toEqual([]);
    });

    it('can carry no markup, neither HTML nor LayIM’s own', () => {
      draw(FRIEND);
      attach().record({ ...record, text: 'a(javascript:alert(1))[x] <b> img[x] @a "\'&' });
      const [{ content }] = layim.messages as [{ content: string }];
      expect(content).not.toMatch(/[<>"'[\]()@]/);
      const shown = document.createElement('span');
      shown.innerHTML = content;
      expect(shown.textContent).toBe('a(javascript:alert(1))[x] <b> img[x] @a "\'&');
    });

    it('on a phone goes to the chat on screen only', () => {
      attach('mobile');
      adapter?.record(record);
      layim.chat = { id: 7, type: 'friend' };
      adapter?.record(record);
      expect(layim.messages).toHaveLength(1);
    });
  });
});
