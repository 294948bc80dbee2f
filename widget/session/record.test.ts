import { describe, expect, it } from 'vitest';
import { GROUP } from '../../testing/widget/room-play.ts';
import { clock, outcomeOf, recordText, roomOutcomeOf } from './record.ts';
import type { EndedInfo, EndedRoomInfo } from './state.ts';

const ended = (changes: Partial<EndedInfo>): EndedInfo => ({
  direction: 'out',
  media: 'video',
  reason: 'hangup',
  duration: 0,
  ...changes,
});

const text = (changes: Partial<EndedInfo>, locale = 'zh-CN'): string | undefined => {
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

const ENDED: EndedRoomInfo = {
  group: GROUP,
  media: 'video',
  direction: 'out',
  callId: 'c',
  reason: 'hangup',
  duration: 201_000,
  met: true,
  answered: true,
};

it.each([
  ['a talk', {}, { type: 'talked', durationMs: 201_000 }],
  ['a talk one joined', { direction: 'in' }, { type: 'talked', durationMs: 201_000 }],
  ['a call taken back while it rang', { met: false, answered: false }, { type: 'cancelled' }],
  ['a call that nobody took', { met: false }, { type: 'unanswered' }],
  ['a call without media', { met: false, reason: 'media-failed' }, { type: 'failed' }],
  ['a room that was empty', { met: false, direction: 'in' }, undefined],
  ['a ring that was answered elsewhere', { met: false, duration: 0, direction: 'in' }, undefined],
] as const)('%s is remembered by the group', (_, change, outcome) => {
  expect(roomOutcomeOf({ ...ENDED, ...change })).toEqual(outcome);
});

it.each([
  [0, '00:00'],
  [59_999, '00:59'],
  [3_599_000, '59:59'],
  [3_600_000, '01:00:00'],
  [36_061_000, '10:01:01'],
])('%d ms is %s in a chat', (durationMs, expected) => {
  expect(clock(durationMs, 2)).toBe(expected);
});

it.each([
  [0, '00:00'],
  [-5000, '00:00'],
  [999, '00:00'],
  [201_000, '03:21'],
  [3_599_999, '59:59'],
  [3_600_000, '1:00:00'],
  [90_061_000, '25:01:01'],
])('%d ms is %s on a clock', (durationMs, text) => {
  expect(clock(durationMs)).toBe(text);
});
