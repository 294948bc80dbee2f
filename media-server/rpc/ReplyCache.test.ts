import { describe, expect, it } from 'vitest';
import { REPLY_LIFETIME_MS, ReplyCache } from './ReplyCache.ts';

const REPLY = { text: '{"id":1}', sessionId: 's' };

describe('ReplyCache', () => {
  it('forgets replies after their lifetime, not prolonged by use', () => {
    let now = 0;
    const cache = new ReplyCache(() => now);
    cache.add('s', 1, REPLY);
    now = REPLY_LIFETIME_MS - 1;
    expect(cache.get('s', 1)).toBe(REPLY);
    now = REPLY_LIFETIME_MS;
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
