import { expect, it } from 'vitest';
import { InviteLimit } from './invite-limit.ts';

const refusal = (action: () => void): unknown => {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
};

it('takes ten invites a minute', () => {
  const limit = new InviteLimit();
  for (let each = 0; each < 10; each++) limit.take('ann', 50, 2, each * 1_000);
  expect(refusal(() => limit.take('ann', 1, 2, 10_000))).toMatchObject({
    code: 'rate-limited',
    retryAfterMs: 50_000,
  });
  limit.take('bob', 1, 2, 10_000);
  limit.take('ann', 50, 2, 60_000);
  expect(refusal(() => limit.take('ann', 1, 2, 60_500))).toMatchObject({ retryAfterMs: 500 });
});

it('takes 500 names a minute from pages of protocol 1, in as many invites as they like', () => {
  const limit = new InviteLimit();
  for (let each = 0; each < 400; each++) limit.take('ann', 1, 1, each);
  expect(refusal(() => limit.take('ann', 200, 1, 1_000))).toMatchObject({
    code: 'rate-limited',
    retryAfterMs: 59_099,
  });
  limit.take('ann', 100, 1, 1_000);
  limit.take('ann', 500, 1, 61_000);
});
