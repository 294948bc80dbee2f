// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ScriptedPage } from '../testing/widget/page.ts';
import { RING as CALL_RING } from '../testing/widget/call-play.ts';
import { CANDIDATE, GROUP, RING_MESSAGE as RING, seen, YI } from '../testing/widget/room-play.ts';
import { ScriptedPeer } from '../testing/widget/scripted.ts';
import type { RoomView } from './room/view.ts';

vi.mock('./media/peer-connection.ts', async () => ({
  PeerConnection: (await import('../testing/widget/scripted.ts')).ScriptedPeer,
}));

const EXISTING = { id: 'existingParticipants', room: '101', data: ['8'], participants: [seen(YI)] };
const PERSONAL_RING = { ...CALL_RING, callId: 'p' };

describe('a group call', () => {
  let page: ScriptedPage;
  beforeEach(() => (page = new ScriptedPage()));
  afterEach(() => {
    page.close();
    expect(page.reported).not.toHaveBeenCalled();
  });

  const say = (message: object) => page.say(message);
  const sent = (id: string) => page.sent(id);

  function inRoom(): Extract<RoomView, { phase: 'room' }> {
    const view = page.room.view.get();
    if (view.phase !== 'room') throw new Error(`not in a room but ${view.phase}`);
    return view;
  }

  async function join(): Promise<readonly [ScriptedPeer, ScriptedPeer]> {
    await page.register();
    page.sessions.call({ type: 'group', id: 101, name: '测试群' }, 'video');
    say({ id: 'callProgress', callId: 'c', state: 'ringing', room: '101', invited: [YI], offline: [] });
    say(EXISTING);
    await vi.waitFor(() => expect(sent('receiveVideoFrom')).toHaveLength(2));
    return ScriptedPeer.all as unknown as readonly [ScriptedPeer, ScriptedPeer];
  }

  it('opens its window at once and enters as soon as there is a server', async () => {
    page.sessions.call({ type: 'group', id: 101, name: '测试群' }, 'video');
    expect(inRoom()).toMatchObject({ status: 'connecting', group: GROUP, media: 'video' });
    await page.register();
    expect(page.ids).toEqual(['register', 'call', 'joinRoom']);
  });

  it('sends its own media and receives the others’', async () => {
    const [own, theirs] = await join();
    expect([own.direction, theirs.direction]).toEqual(['sendonly', 'recvonly']);
    expect(sent('receiveVideoFrom')).toMatchObject([
      { sender: '7', sdpOffer: 'offer 0' },
      { sender: '8', sdpOffer: 'offer 1' },
    ]);
    theirs.events.candidate(CANDIDATE);
    expect(sent('onIceCandidate')).toMatchObject([{ room: '101', name: '8', generation: 0 }]);
    say({ id: 'receiveVideoAnswer', room: '101', name: '8', sdpAnswer: 'answer', generation: 0 });
    expect(theirs.answers).toEqual(['answer']);
    expect(inRoom().participants[1]).toMatchObject({ isConnecting: true });
    theirs.events.connected();
    theirs.events.arrived();
    expect(inRoom().participants[1]).toMatchObject({ isConnecting: false, stream: theirs.remoteStream });
  });

  it('is listened to by who has no devices, and the others are told', async () => {
    await join();
    await vi.waitFor(() =>
      expect(sent('mediaState').at(-1)).toMatchObject({ room: '101', audio: false, video: false }),
    );
    expect(inRoom().microphone).toBe('denied');
    expect(page.notify).toHaveBeenCalledWith('video-call-error', expect.anything());
  });

  it('closes everything at its end, and leaves a line in the group’s chat', async () => {
    const [own, theirs] = await join();
    await new Promise((resolve) => setTimeout(resolve, 5));
    page.sessions.hangUp();
    expect([own.closed, theirs.closed]).toEqual([true, true]);
    expect(page.ids.at(-1)).toBe('leaveRoom');
    expect(page.room.view.get()).toMatchObject({ phase: 'ended', reason: 'hangup' });
    expect(page.record).toHaveBeenCalledWith({ ...GROUP, type: 'group', text: '视频通话 00:00' });
    expect(page.notify.mock.calls.map(([name]) => name)).toEqual(
      expect.arrayContaining(['video-call-started', 'video-call-ended']),
    );
  });

  it.each(['group', 'friend'] as const)('goes on when its user wants to call a %s', async (type) => {
    await join();
    page.sessions.call({ type, id: 9, name: '别人' }, 'video');
    expect(page.restore).toHaveBeenCalledOnce();
    expect(inRoom().group).toMatchObject(GROUP);
    expect(sent('call')).toHaveLength(1);
  });

  it('leaves when the page goes', async () => {
    await join();
    page.sessions.leave();
    expect(page.ids.at(-1)).toBe('leaveRoom');
  });

  it('rings, and is refused or accepted by the page’s own buttons', async () => {
    await page.register();
    say(RING);
    expect(page.room.view.get()).toMatchObject({ phase: 'incoming', caller: YI, memberCount: 3 });
    page.sessions.reject();
    expect(sent('incomingCallResponse')).toMatchObject([{ callId: 'c', callResponse: 'reject' }]);
    say(RING);
    page.sessions.accept();
    expect(page.ids.at(-1)).toBe('joinRoom');
  });

  it('and a one-to-one call exclude each other', async () => {
    await page.register();
    say(PERSONAL_RING);
    say(RING);
    page.sessions.accept();
    expect(sent('incomingCallResponse')).toMatchObject([{ callId: 'c', code: 'busy' }]);
    expect(page.room.view.get().phase).toBe('idle');
    page.sessions.call({ type: 'group', id: 101 }, 'video');
    expect(sent('joinRoom')).toEqual([]);
  });

  it('keeps the participants that did not change as they are', async () => {
    await join();
    const [, before] = inRoom().participants;
    say({ id: 'invitedState', room: '101', data: [{ ...YI, name: '9', state: 'busy' }] });
    expect(inRoom().participants[1]).toBe(before);
    expect(inRoom().invited).toMatchObject([{ person: { name: '9' }, state: 'busy' }]);
  });
});
