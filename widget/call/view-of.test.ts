import { describe, expect, it } from 'vitest';
import type { CallState, Ended, Ongoing } from './state.ts';
import { begin } from './steps.ts';
import { viewOf } from './view-of.ts';

const PEER = { name: '8', displayName: '测试乙', avatar: '' };
const PARTIES = { direction: 'out', peer: PEER, media: 'video' } as const;

const ongoing = (changes: Partial<Ongoing>): CallState => ({
  current: { ...begin(PARTIES, 'outgoing'), ...changes },
  orphans: 0,
});

const ended = (changes: Partial<Ended>): CallState => ({
  current: { ...PARTIES, phase: 'ended', reason: 'hangup', duration: 0, ...changes },
  orphans: 0,
});

describe('viewOf', () => {
  it.each([
    [{ progress: 'connecting' }, 'connecting'],
    [{ progress: 'ringing' }, 'ringing'],
    [{ phase: 'active', progress: 'accepted' }, 'accepted'],
    [{ phase: 'active', progress: 'accepted', startedAt: 1 }, 'talking'],
    [{ phase: 'active', progress: 'accepted', startedAt: 1, restarting: true }, 'reconnecting'],
    [{ phase: 'active', progress: 'accepted', startedAt: 1, offline: true }, 'reconnecting'],
  ] as const)('of %o says %s', (changes, status) => {
    expect(viewOf(ongoing(changes))).toMatchObject({ status });
  });

  it('shows the devices as opening until there are any', () => {
    expect(viewOf(ongoing({}))).toMatchObject({
      microphone: 'opening',
      camera: 'opening',
      sharing: false,
    });
  });

  it('shows the other side only once the call has started', () => {
    const remoteStream = {} as MediaStream;
    const local = {
      preview: undefined,
      microphone: 'on',
      camera: 'on',
      sharing: false,
      flags: { audio: true, video: true, screen: false },
    } as const;
    const media = { local, streams: new Map([['8', remoteStream]]), quality: undefined, soundBlocked: false };
    const accepted = { phase: 'active', progress: 'accepted' } as const;
    expect(viewOf(ongoing(accepted), media)).not.toHaveProperty('remoteStream');
    expect(viewOf(ongoing({ ...accepted, startedAt: 1 }), media)).toMatchObject({
      remoteStream,
    });
  });

  it.each([
    [{ direction: 'out', reason: 'declined' }, true],
    [{ direction: 'out', reason: 'replaced' }, false],
    [{ direction: 'in', reason: 'hangup' }, false],
    [{ direction: 'in', reason: 'peer-lost' }, true],
  ] as const)('offers to call again after %o: %s', (changes, canCallAgain) => {
    expect(viewOf(ended(changes))).toMatchObject({ phase: 'ended', canCallAgain });
  });
});
