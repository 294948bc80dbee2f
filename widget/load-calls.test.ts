// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { callsLoader } from './load-calls.ts';

const SCRIPT = 'https://calls.example.com/sub/video-call.js?v=1';
const calls = { startCalls: vi.fn() };

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  document.head.replaceChildren();
});

const preloaded = () =>
  [...document.head.querySelectorAll<HTMLLinkElement>('link[rel=modulepreload]')].map(({ href }) => href);

test('the calls come from beside the script, and then what they will need', async () => {
  const importModule = vi.fn(async () => calls);
  const load = callsLoader(SCRIPT, { entry: 'assets/calls-1.js', later: ['assets/room-1.js'] }, importModule);
  expect(await load()).toBe(calls);
  expect(preloaded()).toEqual([]);
  expect(importModule.mock.calls).toEqual([['https://calls.example.com/sub/assets/calls-1.js']]);
  await load();
  vi.runAllTimers();
  expect(preloaded()).toEqual(['https://calls.example.com/sub/assets/room-1.js']);
});

test('a build that is gone is made up for by the present one, of which nothing else is known', async () => {
  const importModule = vi.fn(async (url: string) => {
    if (url.includes('calls-1')) throw new TypeError('Failed to fetch dynamically imported module');
    return calls;
  });
  const load = callsLoader(SCRIPT, { entry: 'assets/calls-1.js', later: ['assets/room-1.js'] }, importModule);
  expect(await load()).toBe(calls);
  expect(importModule).toHaveBeenLastCalledWith('https://calls.example.com/sub/assets/calls.js');
  vi.runAllTimers();
  expect(preloaded()).toEqual([]);
});

test('a server that does not answer is told as such', async () => {
  const load = callsLoader(SCRIPT, { entry: 'assets/calls-1.js', later: [] }, () =>
    Promise.reject(new TypeError('Failed to fetch')),
  );
  await expect(load()).rejects.toThrow('Failed to fetch');
});
