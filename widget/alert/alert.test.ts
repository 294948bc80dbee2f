// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { notifyWhenHidden } from './notification.ts';
import { flashTitle } from './title.ts';

beforeEach(() => {
  vi.useFakeTimers();
  document.title = 'Chat';
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

test('the title alternates and comes back', () => {
  const stop = flashTitle('【来电】测试乙');
  expect(document.title).toBe('【来电】测试乙');
  vi.advanceTimersByTime(1000);
  expect(document.title).toBe('Chat');
  vi.advanceTimersByTime(1000);
  expect(document.title).toBe('【来电】测试乙');
  stop();
  expect(document.title).toBe('Chat');
  vi.advanceTimersByTime(5000);
  expect(document.title).toBe('Chat');
});

test('a title that the page sets meanwhile is kept', () => {
  const stop = flashTitle('【来电】测试乙');
  document.title = '(1) Chat';
  vi.advanceTimersByTime(1000);
  expect(document.title).toBe('【来电】测试乙');
  stop();
  expect(document.title).toBe('(1) Chat');
});

/** Stands in for the browser's notifications, which happy-dom does not have. */
function stubNotifications(permission: NotificationPermission) {
  const shown: { title: string; options: NotificationOptions | undefined; closed: boolean }[] = [];
  class FakeNotification {
    static readonly permission = permission;
    static readonly requestPermission = vi.fn();
    onclick: (() => void) | null = null;
    readonly #entry;
    constructor(title: string, options?: NotificationOptions) {
      this.#entry = { title, options, closed: false };
      shown.push(this.#entry);
    }
    close() {
      this.#entry.closed = true;
    }
  }
  vi.stubGlobal('Notification', FakeNotification);
  return { shown, FakeNotification };
}

function hide(hidden: boolean) {
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(hidden);
  document.dispatchEvent(new Event('visibilitychange'));
}

const text = { title: '来电', body: '测试乙 与你发起视频通话', tag: 'call-1' };

test('a hidden page that may notify does, once, until the ringing stops', () => {
  const { shown } = stubNotifications('granted');
  hide(false);
  const stop = notifyWhenHidden(text);
  expect(shown).toEqual([]);
  hide(true);
  hide(true);
  expect(shown).toHaveLength(1);
  expect(shown[0]).toMatchObject({ title: '来电', options: { body: text.body, tag: 'call-1' } });
  stop();
  expect(shown[0]?.closed).toBe(true);
  hide(true);
  expect(shown).toHaveLength(1);
});

test.each(['default', 'denied'] as const)('with permission %s nothing is shown or asked', (permission) => {
  const { shown, FakeNotification } = stubNotifications(permission);
  hide(true);
  notifyWhenHidden(text)();
  expect(shown).toEqual([]);
  expect(FakeNotification.requestPermission).not.toHaveBeenCalled();
});
