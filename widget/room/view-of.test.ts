import { describe, expect, it } from 'vitest';
import {
  arrives,
  BING,
  DIAL,
  existing,
  got,
  JOIN,
  leaves,
  type Play,
  play,
  PROGRESS,
  REGISTERED,
  RING,
  SELF,
  YI,
} from '../../testing/widget/room-play.ts';
import { roomViewOf } from './view-of.ts';

const shown = ({ state }: Play) => roomViewOf(state, { levels: new Map() });

const running = (...participants: (typeof SELF)[]) =>
  got({
    id: 'groupCallState',
    groupId: '101',
    groupName: '测试群',
    room: '101',
    callId: 'c',
    active: true,
    participants,
    startedAt: 1_000,
    media: 'video',
  });

const invitedState = (...data: readonly (readonly [typeof YI, 'joined' | 'ringing' | 'declined'])[]) =>
  got({ id: 'invitedState', room: '101', data: data.map(([person, state]) => ({ ...person, state })) });

const absent = (of: Play) => {
  const view = shown(of);
  return view.phase === 'room' ? view.invited.map(({ person, state }) => `${person.name} ${state}`) : [];
};

const calling = () => play(REGISTERED, DIAL, PROGRESS, existing());

describe('the calls that can be joined', () => {
  it('has not the call one is in, on this page or on another', () => {
    const here = calling();
    here.run(arrives(YI), running(SELF, YI));
    expect(shown(here).running).toEqual([]);
    expect(shown(play(REGISTERED, running(SELF, YI))).running).toEqual([]);
  });

  it('has the call one has just left, before the server says so and after', () => {
    const left = calling();
    left.run(arrives(YI), arrives(BING), running(SELF, YI, BING), { type: 'leave' });
    expect(shown(left)).toMatchObject({ phase: 'ended', running: [{ participants: [YI, BING] }] });
    left.run(running(YI, BING));
    expect(shown(left)).toMatchObject({ phase: 'ended', running: [{ participants: [YI, BING] }] });
  });

  it('counts all who are in it, though the server names the first only', () => {
    const call = running(SELF, YI, BING);
    if (call.type !== 'message') throw new Error('no message');
    const left = calling();
    left.run(arrives(YI), got({ ...call.message, participantCount: 30 } as never), { type: 'leave' });
    expect(shown(left).running).toMatchObject([{ participants: [YI, BING], count: 29 }]);
  });

  it('has not the call that ended when one left', () => {
    const alone = calling();
    alone.run(running(SELF), { type: 'leave' });
    expect(shown(alone)).toMatchObject({ phase: 'ended', running: [] });
  });
});

describe('who is not in the room', () => {
  it('has who was invited and left again, but nobody who is there', () => {
    const caller = calling();
    caller.run(arrives(YI), invitedState([YI, 'joined'], [BING, 'ringing']));
    expect(absent(caller)).toEqual(['9 ringing']);
    caller.run(leaves(YI));
    expect(absent(caller)).toEqual(['8 left', '9 ringing']);
    caller.run(invitedState([YI, 'ringing'], [BING, 'declined']));
    expect(absent(caller)).toEqual(['8 ringing', '9 declined']);
  });

  it('follows what has changed of those who were invited', () => {
    const caller = calling();
    caller.run(invitedState([YI, 'ringing'], [BING, 'ringing']));
    const counts = { ringing: 2, declined: 1, busy: 0, 'no-answer': 0, offline: 0, joined: 0 };
    const changed = [
      { ...YI, state: 'declined' as const },
      { ...SELF, name: '10', state: 'ringing' as const },
    ];
    caller.run(got({ id: 'invitedChanged', room: '101', data: changed, counts }));
    expect(absent(caller)).toEqual(['8 declined', '9 ringing', '10 ringing']);
    const many = { ...counts, ringing: 4, offline: 600 };
    caller.run(got({ id: 'invitedChanged', room: '101', data: [], counts: many }));
    expect(shown(caller)).toMatchObject({ invitedCount: 605 });
    caller.run(got({ id: 'invitedChanged', room: '102', data: [{ ...YI, state: 'busy' }], counts }));
    expect(absent(caller)).toEqual(['8 declined', '9 ringing', '10 ringing']);
  });

  it('has the caller who left, whom nobody invited, until that one is back or invited', () => {
    const member = play(REGISTERED, RING, JOIN, existing(YI), invitedState([SELF, 'joined']));
    expect(absent(member)).toEqual([]);
    member.run(leaves(YI));
    expect(absent(member)).toEqual(['8 left']);
    member.run(invitedState([SELF, 'joined'], [YI, 'ringing']));
    expect(absent(member)).toEqual(['8 ringing']);
    member.run(arrives(YI));
    expect(absent(member)).toEqual([]);
  });

  it('has nobody who is a member no more', () => {
    const caller = calling();
    const removed = got({ id: 'participantLeft', room: '101', name: YI.name, reason: 'removed' });
    caller.run(arrives(YI), invitedState([YI, 'joined'], [BING, 'declined']), removed);
    caller.run(invitedState([BING, 'declined']));
    expect(absent(caller)).toEqual(['9 declined']);
  });
});
