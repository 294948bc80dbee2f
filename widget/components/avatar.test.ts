// @vitest-environment happy-dom
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { avatarAddress, hueOf, initials } from './avatar.ts';

test.each([
  ['https://example.test/a.png', 'https://example.test/a.png'],
  ['http://example.test/a.png', 'http://example.test/a.png'],
  ['data:image/png;base64,AAAA', 'data:image/png;base64,AAAA'],
  ['/upload/a.png', new URL('/upload/a.png', document.baseURI).href],
])('shows %s', (avatar, address) => {
  expect(avatarAddress(avatar)).toBe(address);
});

test.each([
  '',
  'javascript:alert(1)',
  ' JavaScript:alert(1)',
  'java\nscript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'file:///etc/passwd',
  'blob:https://example.test/1',
  'http://',
])('does not show %j', (avatar) => {
  expect(avatarAddress(avatar)).toBeUndefined();
});

test('no address leads anywhere but to http, https or an image', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.webUrl(), fc.string({ unit: 'grapheme' })), (avatar) => {
      expect(avatarAddress(avatar) ?? 'https:').toMatch(/^(?:https?:|data:image\/)/i);
    }),
  );
});

test.each([
  ['测试乙', '乙'],
  ['欧阳 小明', '明'],
  ['小明😀', '明'],
  ['Ada Lovelace', 'AL'],
  ['ada', 'A'],
  ['Ölçücü', 'Ö'],
  ['👩‍👧 mum', '👩M'],
  ['  ', '?'],
  ['', '?'],
])('%j is abbreviated to %j', (name, letters) => {
  expect(initials(name)).toBe(letters);
});

test('everybody has one colour', () => {
  fc.assert(
    fc.property(fc.string(), (id) => {
      expect(hueOf(id)).toBe(hueOf(id));
      expect(hueOf(id)).toBeGreaterThanOrEqual(0);
      expect(hueOf(id)).toBeLessThan(360);
    }),
  );
  expect(hueOf('1')).not.toBe(hueOf('2'));
});
