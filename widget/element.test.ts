// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SessionHost, SessionControls } from './session/host.ts';
import { PROTOCOL_VERSION } from '../protocol/index.ts';
import { registered, ScriptedSocket } from '../testing/widget/scripted.ts';
import { setEnvironment, VideoCallElement } from './element.ts';
import { copyAttributes, localeOf, toolsIn } from './element-settings.ts';

const USER = { name: '7', displayName: '测试甲', avatar: '' };
const REGISTERED = registered(USER);
const RING = {
  id: 'incomingCall',
  callId: 'c',
  reqType: 'ptop',
  from: '8',
  caller: { ...USER, name: '8' },
  media: 'video',
};
const CANCEL = { id: 'stopCommunication', callId: 'c', reason: 'cancelled' };

describe('<video-call>', () => {
  const calls = {
    call: vi.fn(),
    accept: vi.fn(),
    reject: vi.fn(),
    hangUp: vi.fn(),
    toggleMicrophone: vi.fn(),
    toggleCamera: vi.fn(),
    shareScreen: vi.fn(),
    receive: vi.fn(),
    unreachable: vi.fn(),
    leave: vi.fn(),
    dispose: vi.fn(),
  } satisfies SessionControls;
  const startCalls = vi.fn<(host: SessionHost) => SessionControls>(() => calls);
  let loaded: () => void;

  beforeEach(() => {
    vi.stubGlobal('WebSocket', ScriptedSocket);
    ScriptedSocket.all.length = 0;
    const loading = new Promise<void>((resolve) => (loaded = resolve));
    setEnvironment({
      scriptUrl: 'https://calls.example.com/video-call.js',
      loadCalls: () => loading.then(() => ({ startCalls })),
    });
    if (!customElements.get('video-call')) customElements.define('video-call', VideoCallElement);
  });

  afterEach(() => {
    document.body.innerHTML = '';
    vi.unstubAllGlobals();
    vi.clearAllMocks();
  });

  function add(
    attributes: Record<string, string> = { 'user-id': '7', 'user-name': '测试甲' },
  ): VideoCallElement {
    const element = document.createElement('video-call');
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    document.body.append(element);
    return element;
  }

  async function socket(): Promise<ScriptedSocket> {
    return vi.waitFor(() => {
      const last = ScriptedSocket.all.at(-1);
      if (!last) throw new Error('no socket yet');
      return last;
    });
  }

  async function register(): Promise<ScriptedSocket> {
    const opened = await socket();
    opened.open();
    await vi.waitFor(() => expect(opened.sent).toHaveLength(1));
    opened.say(REGISTERED);
    return opened;
  }

  it('registers where the script came from, as who the page says', async () => {
    const ready = vi.fn();
    document.addEventListener('video-call-ready', ready, { once: true });
    add();
    const { address, sent } = await register();
    expect(address).toBe('wss://calls.example.com/signal');
    expect(sent).toEqual([
      { id: 'register', protocol: PROTOCOL_VERSION, name: '7', displayName: '测试甲', avatar: '' },
    ]);
    expect(ready.mock.calls[0]?.[0]).toMatchObject({ detail: { user: USER }, composed: true, bubbles: true });
    expect(startCalls).not.toHaveBeenCalled();
  });

  it('takes a token and another server', async () => {
    add({ token: 'abc', 'server-url': 'http://localhost:9/vc/' });
    const { address, sent } = await register();
    expect(address).toBe('ws://localhost:9/vc/signal');
    expect(sent).toEqual([{ id: 'register', protocol: PROTOCOL_VERSION, token: 'abc' }]);
  });

  it('loads the calls at the first ring and hands them everything since, in order', async () => {
    const element = add();
    const { say } = await register().then((opened) => ({ say: opened.say.bind(opened) }));
    say(RING);
    say(CANCEL);
    element.accept();
    loaded();
    await vi.waitFor(() => expect(calls.accept).toHaveBeenCalledOnce());
    expect(calls.receive.mock.calls.map(([message]) => (message as { id: string }).id)).toEqual([
      'incomingCall',
      'stopCommunication',
    ]);
    expect(startCalls.mock.calls[0]?.[0].root).toBe(element.shadowRoot);
    // From now on the calls listen by themselves.
    say(CANCEL);
    expect(calls.receive).toHaveBeenCalledTimes(2);
  });

  it('loads them for a group’s call that runs, but not for one that has ended', async () => {
    add();
    const opened = await register();
    loaded();
    const state = {
      id: 'groupCallState',
      groupId: '101',
      groupName: '测试群',
      room: '101',
      callId: 'g',
      participants: [USER],
      startedAt: 0,
      media: 'video',
    };
    opened.say({ ...state, active: false });
    opened.say({ ...state, active: true });
    await vi.waitFor(() => expect(calls.receive).toHaveBeenCalledOnce());
    expect(calls.receive).toHaveBeenCalledWith(expect.objectContaining({ active: true }));
  });

  it('loads them for a call of its own', async () => {
    const element = add();
    loaded();
    element.call({ type: 'friend', id: 8 }, { media: 'audio' });
    await vi.waitFor(() => expect(calls.call).toHaveBeenCalledOnce());
    expect(calls.call).toHaveBeenCalledWith({ type: 'friend', id: 8 }, 'audio');
  });

  it('lets go of everything when it is removed, and begins anew when it comes back', async () => {
    const element = add();
    const opened = await register();
    loaded();
    opened.say(RING);
    await vi.waitFor(() => expect(startCalls).toHaveBeenCalledOnce());
    element.remove();
    expect(calls.dispose).toHaveBeenCalledOnce();
    expect(opened.readyState).toBe(3);
    document.body.append(element);
    await vi.waitFor(() => expect(ScriptedSocket.all).toHaveLength(2));
  });

  it('calls as soon as it is in the page, be it that it was asked before', async () => {
    const element = document.createElement('video-call');
    element.setAttribute('user-id', '7');
    element.call({ type: 'friend', id: 8 });
    document.body.append(element);
    loaded();
    element.call({ type: 'friend', id: 9 });
    await vi.waitFor(() => expect(calls.call).toHaveBeenCalledOnce());
    expect(startCalls).toHaveBeenCalledOnce();
  });

  it.each([[{ type: 'friend' }], [{ type: 'group', id: '' }], [null], [undefined]])(
    'calls not %o',
    (target) => {
      expect(() => add().call(target as never)).toThrow(TypeError);
    },
  );

  it('registers once it is known who uses the page, and anew as somebody else', async () => {
    const element = add({});
    element.setAttribute('user-id', '7');
    element.setAttribute('user-name', '测试甲');
    const { sent } = await register();
    expect(sent).toEqual([
      { id: 'register', protocol: PROTOCOL_VERSION, name: '7', displayName: '测试甲', avatar: '' },
    ]);
    element.setAttribute('user-id', '7');
    element.setAttribute('user-id', '8');
    await vi.waitFor(() => expect(ScriptedSocket.all).toHaveLength(2));
    const [first, second] = ScriptedSocket.all;
    second?.open();
    await vi.waitFor(() =>
      expect(second?.sent).toMatchObject([{ id: 'register', protocol: PROTOCOL_VERSION, name: '8' }]),
    );
    expect(first?.readyState).toBe(3);
  });

  it('shows a fresher token at once when the former one runs out', async () => {
    const element = add({ token: 'abc' });
    const opened = await register();
    opened.say({ id: 'tokenExpiring' });
    await Promise.resolve();
    element.setAttribute('token', 'def');
    await vi.waitFor(() => expect(opened.sent.at(-1)).toEqual({ id: 'renew', token: 'def' }));
    expect(ScriptedSocket.all).toHaveLength(1);
  });

  it('keeps its registration when it is given a fresher token', async () => {
    const element = add({ token: 'abc' });
    const opened = await register();
    element.setAttribute('token', 'def');
    await Promise.resolve();
    expect(opened.readyState).toBe(1);
    expect(ScriptedSocket.all).toHaveLength(1);
  });

  it('tells the server when the page goes', async () => {
    const element = add();
    const opened = await register();
    loaded();
    element.call({ type: 'friend', id: 8 });
    await vi.waitFor(() => expect(calls.call).toHaveBeenCalledOnce());
    window.dispatchEvent(new Event('pagehide'));
    expect(calls.leave).toHaveBeenCalledOnce();
    expect(opened.readyState).toBe(3);
  });
});

describe('settings', () => {
  it('knows the aliases', () => {
    expect(toolsIn(null)).toEqual(['video', 'audio', 'codeVideo', 'codeAudio']);
    expect(toolsIn(' videoCall , voiceCall,')).toEqual(['videoCall', 'voiceCall']);
  });

  it('speaks the page’s language', () => {
    const element = document.createElement('div');
    expect(localeOf(element)).toBe('zh-CN');
    document.documentElement.lang = 'en';
    expect(localeOf(element)).toBe('en');
    element.setAttribute('locale', 'zh-TW');
    expect(localeOf(element)).toBe('zh-TW');
    document.documentElement.lang = '';
  });

  it('takes from the script what the element does not say', () => {
    const script = document.createElement('script');
    script.setAttribute('data-user-id', '7');
    script.setAttribute('data-locale', 'en');
    const element = document.createElement('div');
    element.setAttribute('locale', 'zh-CN');
    copyAttributes(script, element);
    expect(element.getAttribute('user-id')).toBe('7');
    expect(element.getAttribute('locale')).toBe('zh-CN');
  });
});
