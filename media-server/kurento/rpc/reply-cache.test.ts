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

  it('tells sessions and ids apart', () => {
    const cache = new ReplyCache(() => 0);
    cache.add('s1', 1, REPLY);
    expect(cache.get('s', 11)).toBeUndefined();
    expect(cache.get('s1', '1')).toBe(REPLY);
    expect(cache.get('s1', true)).toBeUndefined();
  });
});
