import { expect, it, vi } from 'vitest';
import type { CallHost } from './host.ts';
import { GROUP, YI } from '../../testing/widget/room-play.ts';
import type { Ended } from '../room/state.ts';
import { outcomeOf, tellOfRoom } from '../room/tell.ts';

const ENDED: Ended = {
  phase: 'ended',
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
  expect(outcomeOf({ ...ENDED, ...change })).toEqual(outcome);
});

it('writes into the group’s chat, not into the caller’s', () => {
  const host = { locale: 'zh-CN', notify: vi.fn(), record: vi.fn() };
  const call = {
    id: 'missedCall',
    callId: 'c',
    from: '8',
    caller: YI,
    media: 'audio',
    at: 5,
    groupId: '101',
    groupName: '测试群',
  } as const;
  tellOfRoom({ type: 'missed', call }, host as unknown as CallHost);
  expect(host.record).toHaveBeenCalledWith({ ...GROUP, type: 'group', text: '语音通话 未接来电' });
  expect(host.notify).toHaveBeenCalledWith(
    'video-call-missed',
    expect.objectContaining({ group: GROUP, caller: YI, at: 5 }),
  );
});
