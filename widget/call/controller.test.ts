// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PEER, RING } from '../../testing/widget/call-play.ts';
import { ScriptedPage } from '../../testing/widget/page.ts';
import { CANDIDATE } from '../../testing/widget/room-play.ts';
import { ScriptedPeer } from '../../testing/widget/scripted.ts';
import type { LiveView } from './view.ts';

vi.mock('../media/peer-connection.ts', async () => ({
  PeerConnection: (await import('../../testing/widget/scripted.ts')).ScriptedPeer,
}));

const RINGING = { id: 'callProgress', callId: 'c', state: 'ringing', sdpAnswer: 'answer' };
const ACCEPTED = { id: 'callResponse', callId: 'c', response: 'accepted', sdpAnswer: 'answer' };
const STATE = { id: 'mediaState', callId: 'c', name: '8', audio: true, video: true, screen: false };

describe('a one-to-one call', () => {
  let page: ScriptedPage;
  beforeEach(() => {
    page = new ScriptedPage();
    vi.stubGlobal('navigator', {
      ...navigator,
      mediaDevices: { getUserMedia: async () => new MediaStream(), enumerateDevices: async () => [] },
      permissions: { query: async () => ({ state: 'granted' }) },
    });
    vi.stubGlobal(
      'MediaStream',
      class {
        getAudioTracks = () => [];
        getVideoTracks = () => [];
        getTracks = () => [];
      },
    );
  });
  afterEach(() => {
    page.close();
    expect(page.reported).not.toHaveBeenCalled();
    vi.useRealTimers();
  });

  const live = (): LiveView => {
    const view = page.call.view.get();
    if (view.phase !== 'outgoing' && view.phase !== 'active') throw new Error(`no call but ${view.phase}`);
    return view;
  };
  const peer = (): ScriptedPeer => {
    const last = ScriptedPeer.all.at(-1);
    if (!last) throw new Error('no connection');
    return last;
  };

  async function dial(): Promise<void> {
    await page.register();
    page.sessions.call({ type: 'friend', id: 8, name: '测试乙' }, 'video');
    await vi.waitFor(() => expect(page.sent('call')).toHaveLength(1));
  }

  async function talk(): Promise<void> {
    await dial();
    page.say(RINGING);
    page.say(ACCEPTED);
    peer().connected = true;
    peer().events.connected();
    peer().events.arrived();
  }

  it('opens its window at once, and calls as soon as there are a server and an offer', async () => {
    page.sessions.call({ type: 'friend', id: 8, name: '测试乙' }, 'video');
    expect(live()).toMatchObject({ status: 'connecting', peer: PEER, microphone: 'opening' });
    await page.register();
    await vi.waitFor(() => expect(page.sent('call')).toHaveLength(1));
    expect(page.sent('call')).toMatchObject([{ reqType: 'ptop', to: '8', sdpOffer: 'offer 0' }]);
    expect(peer().direction).toBe('sendrecv');
  });

  it('sends its candidates and takes the answer', async () => {
    await dial();
    peer().events.candidate(CANDIDATE);
    expect(page.sent('onIceCandidate')).toEqual([]);
    page.say(RINGING);
    expect(peer().answers).toEqual(['answer']);
    expect(page.sent('onIceCandidate')).toMatchObject([{ callId: 'c', generation: 0 }]);
    expect(live().status).toBe('ringing');
  });

  it('shows the other side once it is accepted and something came', async () => {
    await talk();
    expect(live()).toMatchObject({ status: 'talking', remoteStream: peer().remoteStream });
    page.say({ ...STATE, video: false });
    expect(live().remote).toEqual({ audio: true, video: false, screen: false });
    expect(page.notify).toHaveBeenCalledWith('video-call-started', {
      callId: 'c',
      peer: PEER,
      media: 'video',
    });
  });

  it('tells the other side once what is on, and again when that changes', async () => {
    await talk();
    await vi.waitFor(() => expect(page.sent('mediaState')).toHaveLength(1));
    expect(page.sent('mediaState')).toMatchObject([{ callId: 'c', audio: false, video: false }]);
  });

  it('makes a new connection when the old one fails, and keeps its camera', async () => {
    await talk();
    const first = peer();
    first.events.lost();
    await vi.waitFor(() =>
      expect(page.sent('offer')).toMatchObject([{ generation: 1, sdpOffer: 'offer 1' }]),
    );
    expect(first.closed).toBe(true);
    expect(live().status).toBe('reconnecting');
    first.events.candidate(CANDIDATE);
    first.events.lost();
    expect(page.sent('onIceCandidate')).toEqual([]);
    expect(ScriptedPeer.all).toHaveLength(2);
    page.say({ id: 'answer', callId: 'c', sdpAnswer: 'new', generation: 1 });
    peer().events.arrived();
    expect(live().status).toBe('talking');
  });

  it('starts also if neither side sends anything', async () => {
    await dial();
    vi.useFakeTimers();
    page.say(RINGING);
    page.say(ACCEPTED);
    peer().connected = true;
    vi.advanceTimersByTime(2_900);
    expect(live().status).toBe('accepted');
    vi.advanceTimersByTime(200);
    expect(live().status).toBe('talking');
  });

  it('closes everything at its end, and leaves a line in the chat', async () => {
    await talk();
    await new Promise((resolve) => setTimeout(resolve, 5));
    page.sessions.hangUp();
    expect(peer().closed).toBe(true);
    expect(page.sent('stop')).toMatchObject([{ callId: 'c' }]);
    expect(page.call.view.get()).toMatchObject({ phase: 'ended', reason: 'hangup' });
    expect(page.record).toHaveBeenCalledWith({
      type: 'friend',
      id: '8',
      name: '测试乙',
      avatar: '',
      text: '视频通话 00:00',
    });
  });

  it('rings, prepares its media meanwhile, and is accepted by the page’s own button', async () => {
    await page.register();
    page.say(RING);
    expect(page.call.view.get()).toMatchObject({ phase: 'incoming', peer: PEER });
    expect(page.notify).toHaveBeenCalledWith('video-call-incoming', {
      callId: 'c',
      peer: PEER,
      media: 'video',
    });
    await vi.waitFor(() => expect(page.sent('prepare')).toHaveLength(1));
    page.sessions.accept();
    await vi.waitFor(() =>
      expect(page.sent('incomingCallResponse')).toMatchObject([{ callId: 'c', callResponse: 'accept' }]),
    );
    expect(ScriptedPeer.all).toHaveLength(1);
  });

  it('says so when the server does not answer', async () => {
    await page.register();
    vi.useFakeTimers();
    page.sessions.call({ type: 'friend', id: 8, name: '测试乙' }, 'video');
    await vi.advanceTimersByTimeAsync(100);
    expect(page.sent('call')).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(page.call.view.get()).toMatchObject({ phase: 'problem', problem: 'server-unreachable' });
  });

  it('does not count the silence of a former call against the next one', async () => {
    await dial();
    vi.useFakeTimers();
    page.sessions.hangUp();
    page.call.actions.dismiss();
    await vi.advanceTimersByTimeAsync(10_000);
    page.sessions.call({ type: 'friend', id: 9, name: '测试丙' }, 'video');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(live().peer.name).toBe('9');
  });

  it('ends with a sentence when it is refused for a reason that a newer server has', async () => {
    await dial();
    const refused = { id: 'callResponse', callId: 'c', reqType: 'ptop', response: 'rejected', message: '' };
    page.say({ ...refused, code: 'do-not-disturb' });
    expect(page.call.view.get()).toMatchObject({ phase: 'ended', reason: 'failed', canCallAgain: true });
  });

  it('goes on ringing elsewhere when the page goes', async () => {
    await page.register();
    page.say(RING);
    page.sessions.leave();
    expect(page.sent('incomingCallResponse')).toEqual([]);
    expect(page.call.view.get().phase).toBe('idle');
  });
});
