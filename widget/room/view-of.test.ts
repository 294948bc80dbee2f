import { describe, expect, it } from 'vitest';
import {
  arrives,
  BING,
  DIAL,
  existing,
  got,
  type Play,
  play,
  PROGRESS,
  REGISTERED,
  SELF,
  YI,
} from './play.ts';
import { roomViewOf } from './view-of.ts';

const SURROUNDINGS = { streams: new Map(), levels: new Map(), soundBlocked: false };
const shown = ({ state }: Play) => roomViewOf(state, SURROUNDINGS);

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

  it('has not the call that ended when one left', () => {
    const alone = calling();
    alone.run(running(SELF), { type: 'leave' });
    expect(shown(alone)).toMatchObject({ phase: 'ended', running: [] });
  });
});
