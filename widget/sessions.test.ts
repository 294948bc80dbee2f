// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AllCalls } from './sessions.ts';
import { CallController } from './call/controller.ts';
import type { CallHost } from './session/host.ts';
import type { PeerEvents } from './media/peer-connection.ts';
import { Signaling } from './signaling/socket.ts';
import { RoomController } from './room/controller.ts';
import { CANDIDATE, GROUP, seen, SELF, YI } from '../testing/widget/room-play.ts';
import type { RoomView } from './room/view.ts';

/** A media connection whose browser is the test. */
class ScriptedPeer {
  static readonly all: ScriptedPeer[] = [];
  readonly remoteStream = {} as MediaStream;
  readonly direction: string;
  readonly events: PeerEvents;
  readonly answers: string[] = [];
  connected = false;
  closed = false;

  constructor(_iceServers: unknown, _tracks: unknown, events: PeerEvents, direction: string) {
    this.events = events;
    this.direction = direction;
    ScriptedPeer.all.push(this);
  }

  async createOffer(): Promise<string> {
    return `offer ${ScriptedPeer.all.indexOf(this)}`;
  }
  async applyAnswer(sdpAnswer: string): Promise<void> {
    this.answers.push(sdpAnswer);
  }
  async send(): Promise<void> {}
  async limitVideo(): Promise<void> {}
  async statistics() {
    return new Map();
  }
  addCandidate(): void {}
  close(): void {
    this.closed = true;
  }
}

vi.mock('./media/peer-connection.ts', () => ({
  Peer: function (...args: ConstructorParameters<typeof ScriptedPeer>) {
    return new ScriptedPeer(...args);
  },
}));

/** A socket whose server is the test. */
class ScriptedSocket {
  static last: ScriptedSocket;
  readonly sent: Record<string, unknown>[] = [];
  readyState = 0;
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;

  constructor() {
    ScriptedSocket.last = this;
  }

  send(frame: string): void {
    this.sent.push(JSON.parse(frame) as Record<string, unknown>);
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  close(): void {
    this.readyState = 3;
  }
}

const REGISTERED = {
  id: 'registerResponse',
  response: 'accepted',
  user: SELF,
  resumeToken: 't',
  iceServers: [],
  groupCalls: [],
  protocol: 1,
};
const EXISTING = { id: 'existingParticipants', room: '101', data: ['8'], participants: [seen(YI)] };
const RING = {
  id: 'incomingCall',
  callId: 'c',
  reqType: 'group',
  groupId: '101',
  groupName: '测试群',
  room: '101',
  from: '8',
  caller: YI,
  members: [],
  memberCount: 3,
  media: 'video',
};
const PERSONAL_RING = {
  id: 'incomingCall',
  callId: 'p',
  reqType: 'ptop',
  from: '8',
  caller: YI,
  media: 'video',
};

describe('a group call', () => {
  let signaling: Signaling;
  let rooms: RoomController;
  let calls: AllCalls;
  const notify = vi.fn();
  const summon = vi.fn();
  const record = vi.fn();

  beforeEach(async () => {
    vi.stubGlobal('isSecureContext', true);
    ScriptedPeer.all.length = 0;
    notify.mockClear();
    summon.mockClear();
    record.mockClear();
    signaling = new Signaling({
      address: 'ws://server/signal',
      credentials: async () => SELF,
      WebSocket: ScriptedSocket as unknown as typeof WebSocket,
    });
    const root = document.createElement('div').attachShadow({ mode: 'open' });
    const host: CallHost = { root, locale: 'zh-CN', signaling, notify, record };
    const personal = new CallController(host);
    rooms = new RoomController(host);
    calls = new AllCalls(signaling, personal, rooms, { summon, unmount: () => undefined });
    signaling.start();
  });
  afterEach(() => {
    calls.dispose();
    signaling.stop();
    vi.unstubAllGlobals();
  });

  const say = (message: object) => ScriptedSocket.last.say(message);
  const sent = (id: string) => ScriptedSocket.last.sent.filter((message) => message['id'] === id);
  const ids = () => ScriptedSocket.last.sent.map(({ id }) => id);

  async function register(): Promise<void> {
    ScriptedSocket.last.readyState = 1;
    ScriptedSocket.last.onopen?.();
    await vi.waitFor(() => expect(sent('register')).toHaveLength(1));
    say(REGISTERED);
    await Promise.resolve();
  }

  function inRoom(): Extract<RoomView, { phase: 'room' }> {
    const view = rooms.view.get();
    if (view.phase !== 'room') throw new Error(`not in a room but ${view.phase}`);
    return view;
  }

  async function join(): Promise<readonly [ScriptedPeer, ScriptedPeer]> {
    await register();
    calls.call({ type: 'group', id: 101, name: '测试群' }, 'video');
    say({ id: 'callProgress', callId: 'c', state: 'ringing', room: '101', invited: [YI], offline: [] });
    say(EXISTING);
    await vi.waitFor(() => expect(sent('receiveVideoFrom')).toHaveLength(2));
    return ScriptedPeer.all as unknown as readonly [ScriptedPeer, ScriptedPeer];
  }

  it('opens its window at once and enters as soon as there is a server', async () => {
    calls.call({ type: 'group', id: 101, name: '测试群' }, 'video');
    expect(inRoom()).toMatchObject({ status: 'connecting', group: GROUP, media: 'video' });
    await register();
    expect(ids()).toEqual(['register', 'call', 'joinRoom']);
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
    theirs.events.flows();
    expect(inRoom().participants[1]).toMatchObject({ isConnecting: false, stream: theirs.remoteStream });
  });

  it('is listened to by who has no devices, and the others are told', async () => {
    await join();
    await vi.waitFor(() =>
      expect(sent('mediaState').at(-1)).toMatchObject({ room: '101', audio: false, video: false }),
    );
    expect(inRoom().microphone).toBe('denied');
    expect(notify).toHaveBeenCalledWith('video-call-error', expect.anything());
  });

  it('closes everything at its end, and leaves a line in the group’s chat', async () => {
    const [own, theirs] = await join();
    await new Promise((resolve) => setTimeout(resolve, 5));
    calls.hangUp();
    expect([own.closed, theirs.closed]).toEqual([true, true]);
    expect(ids().at(-1)).toBe('leaveRoom');
    expect(rooms.view.get()).toMatchObject({ phase: 'ended', reason: 'hangup' });
    expect(record).toHaveBeenCalledWith({ ...GROUP, type: 'group', text: '视频通话 00:00' });
    expect(notify.mock.calls.map(([name]) => name)).toEqual(
      expect.arrayContaining(['video-call-started', 'video-call-ended']),
    );
  });

  it.each(['group', 'friend'] as const)('goes on when its user wants to call a %s', async (type) => {
    await join();
    calls.call({ type, id: 9, name: '别人' }, 'video');
    expect(summon).toHaveBeenCalledOnce();
    expect(inRoom().group).toMatchObject(GROUP);
    expect(sent('call')).toHaveLength(1);
  });

  it('leaves when the page goes', async () => {
    await join();
    calls.leave();
    expect(ids().at(-1)).toBe('leaveRoom');
  });

  it('rings, and is refused or accepted by the page’s own buttons', async () => {
    await register();
    say(RING);
    expect(rooms.view.get()).toMatchObject({ phase: 'incoming', caller: YI, memberCount: 3 });
    calls.reject();
    expect(sent('incomingCallResponse')).toMatchObject([{ callId: 'c', callResponse: 'reject' }]);
    say(RING);
    calls.accept();
    expect(ids().at(-1)).toBe('joinRoom');
  });

  it('and a one-to-one call exclude each other', async () => {
    await register();
    say(PERSONAL_RING);
    say(RING);
    calls.accept();
    expect(sent('incomingCallResponse')).toMatchObject([{ callId: 'c', code: 'busy' }]);
    expect(rooms.view.get().phase).toBe('idle');
    calls.call({ type: 'group', id: 101 }, 'video');
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
