import { expect, it, vi } from 'vitest';
import type { SessionHost } from './host.ts';
import { tell } from './tell.ts';
import { GROUP, YI } from '../../testing/widget/room-play.ts';

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
  tell({ type: 'missed', call }, host as unknown as SessionHost);
  expect(host.record).toHaveBeenCalledWith({ ...GROUP, type: 'group', text: '语音通话 未接来电' });
  expect(host.notify).toHaveBeenCalledWith(
    'video-call-missed',
    expect.objectContaining({ group: GROUP, caller: YI, at: 5 }),
  );
});
