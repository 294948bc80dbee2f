import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FIRST_RENEWAL_PAUSE_MS, TokenRenewal } from './token-renewal.ts';

describe('TokenRenewal', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function renewing(...outcomes: (string | undefined | Error)[]) {
    const shown: string[] = [];
    const findToken = vi.fn(async () => {
      const outcome = outcomes.length > 1 ? outcomes.shift() : outcomes[0];
      if (outcome instanceof Error) throw outcome;
      return outcome;
    });
    const renewal = new TokenRenewal({ findToken, show: (token) => shown.push(token) });
    return { renewal, shown, findToken };
  }

  const wait = (ms: number) => vi.advanceTimersByTimeAsync(ms);

  it('shows a token at once, and no other when it was accepted', async () => {
    const { renewal, shown } = renewing('one', 'two');
    renewal.begin();
    await wait(0);
    renewal.answered('accepted');
    renewal.hurry();
    await wait(10 * FIRST_RENEWAL_PAUSE_MS);
    expect(shown).toEqual(['one']);
  });

  it.each([
    ['the backend fails', new Error('away')],
    ['there is no other token', undefined],
  ])('tries again, after ever longer pauses, when %s', async (_, outcome) => {
    const { renewal, shown, findToken } = renewing(outcome, outcome, 'late');
    renewal.begin();
    await wait(FIRST_RENEWAL_PAUSE_MS);
    expect(findToken).toHaveBeenCalledTimes(2);
    await wait(2 * FIRST_RENEWAL_PAUSE_MS - 1);
    expect(shown).toEqual([]);
    await wait(1);
    expect(shown).toEqual(['late']);
  });

  it('tries again when the server refuses the token', async () => {
    const { renewal, shown } = renewing('early', 'good');
    renewal.begin();
    await wait(0);
    renewal.answered('token-not-yet-valid');
    await wait(FIRST_RENEWAL_PAUSE_MS);
    expect(shown).toEqual(['early', 'good']);
  });

  it('does not wait when the page has another token', async () => {
    const { renewal, shown } = renewing(undefined, 'fresh');
    renewal.hurry();
    await wait(0);
    expect(shown).toEqual([]);
    renewal.begin();
    await wait(0);
    renewal.hurry();
    await wait(0);
    expect(shown).toEqual(['fresh']);
  });

  it('asks for nothing while there is no socket, and goes on when there is one', async () => {
    const { renewal, shown } = renewing('one', 'two');
    renewal.begin();
    renewal.pause();
    await wait(10 * FIRST_RENEWAL_PAUSE_MS);
    expect(shown).toEqual([]);
    renewal.hurry();
    await wait(0);
    expect(shown).toEqual(['two']);
  });
});
