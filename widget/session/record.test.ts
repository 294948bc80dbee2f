import { describe, expect, it } from 'vitest';
import { clock, outcomeOf, recordText } from './record.ts';
import type { Ended } from '../call/state.ts';

const ended = (changes: Partial<Ended>): Ended => ({
  phase: 'ended',
  direction: 'out',
  peer: { name: '8', displayName: '测试乙', avatar: '' },
  media: 'video',
  reason: 'hangup',
  duration: 0,
  ...changes,
});

const text = (changes: Partial<Ended>, locale = 'zh-CN'): string | undefined => {
  const call = ended(changes);
  const outcome = outcomeOf(call);
  return outcome && recordText(call.media, outcome, locale);
};

describe('a call record', () => {
  it.each([
    [{ duration: 201_000 }, '视频通话 03:21'],
    [{ duration: 201_000, direction: 'in', media: 'audio', reason: 'peer-lost' }, '语音通话 03:21'],
    [{ reason: 'declined' }, '视频通话 对方已拒绝'],
    [{ reason: 'no-answer' }, '视频通话 无人接听'],
    [{ reason: 'cancelled' }, '视频通话 已取消'],
  ] as const)('of %o says %s', (changes, expected) => {
    expect(text(changes)).toBe(expected);
  });

  it.each(['declined', 'cancelled', 'no-answer', 'answered-elsewhere'] as const)(
    'leaves it to the missed call when the callee’s ringing ends: %s',
    (reason) => expect(text({ direction: 'in', reason })).toBeUndefined(),
  );

  it('speaks English', () => {
    expect(text({ duration: 5_000 }, 'en-GB')).toBe('Video call 00:05');
    expect(recordText('audio', { type: 'missed' }, 'en')).toBe('Voice call, missed');
  });
});

it.each([
  [0, '00:00'],
  [59_999, '00:59'],
  [3_599_000, '59:59'],
  [3_600_000, '01:00:00'],
  [36_061_000, '10:01:01'],
])('%d ms is %s', (durationMs, expected) => {
  expect(clock(durationMs)).toBe(expected);
});
