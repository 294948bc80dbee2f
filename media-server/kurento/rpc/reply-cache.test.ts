import { describe, expect, it } from 'vitest';
import { ReplyCache } from './reply-cache.ts';

const REPLY = { text: '{"id":1}', sessionId: 's' };

describe('ReplyCache', () => {
  it('has replies after 19 s, not after 21, as measured of Kurento; use does not prolong it', () => {
    let now = 0;
    const cache = new ReplyCache(() => now);
    cache.add('s', 1, REPLY);
    now = 19_000;
    expect(cache.get('s', 1)).toBe(REPLY);
    now = 21_000;
    expect(cache.get('s', 1)).toBeUndefined();
  });

  it('removes the oldest replies early when all together are too large', () => {
    const cache = new ReplyCache(() => 0);
    const large = { text: 'x'.repeat(10_000_000), sessionId: 's' };
    for (const id of [1, 2, 2, 3]) cache.add('s', id, large);
    expect([1, 2, 3].map((id) => cache.get('s', id) !== undefined)).toEqual([true, true, true]);
    cache.add('s', 4, large);
    expect([1, 2, 3, 4].map((id) => cache.get('s', id) !== undefined)).toEqual([false, true, true, true]);
  });

  it('tells sessions and ids apart', () => {
    const cache = new ReplyCache(() => 0);
    cache.add('s1', 1, REPLY);
    expect(cache.get('s', 11)).toBeUndefined();
    expect(cache.get('s1', '1')).toBe(REPLY);
    expect(cache.get('s1', true)).toBeUndefined();
  });
});
