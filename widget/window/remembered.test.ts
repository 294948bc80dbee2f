// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from 'vitest';
import { recall, remember } from './remembered.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  localStorage.clear();
});

const place = { x: 1, y: 2, width: 400, height: 300 };

test('what was remembered is recalled', () => {
  expect(recall('window-place')).toBeUndefined();
  remember('window-place', place);
  remember('self-corner', 'bottom-left');
  expect(recall('window-place')).toEqual(place);
  expect(recall('self-corner')).toBe('bottom-left');
  expect(recall('tile-corner')).toBeUndefined();
});

test.each(['', '{', '"middle"', '7', 'null', '{"x":1,"y":2,"width":"400","height":300}'])(
  'nonsense in storage counts as nothing: %s',
  (text) => {
    localStorage.setItem('video-call:window-place', text);
    localStorage.setItem('video-call:self-corner', text);
    expect(recall('window-place')).toBeUndefined();
    expect(recall('self-corner')).toBeUndefined();
  },
);

test('a page without storage forgets, and nothing breaks', () => {
  const refuse = () => {
    throw new DOMException('denied', 'SecurityError');
  };
  vi.stubGlobal('localStorage', { getItem: refuse, setItem: refuse, clear: () => undefined });
  expect(() => remember('window-place', place)).not.toThrow();
  expect(recall('window-place')).toBeUndefined();
});
