// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PEER, RING } from '../../testing/widget/call-play.ts';
import { ScriptedPage } from '../../testing/widget/page.ts';
import { GROUP, seen, YI } from '../../testing/widget/room-play.ts';
import { registered, ScriptedPeer, ScriptedSocket } from '../../testing/widget/scripted.ts';
import { LayimAdapter } from '../adapters/layim.ts';
import { setEnvironment, VideoCallElement } from '../element.ts';
import type { VideoCallEventName } from '../events.ts';
import type { SessionHost } from './host.ts';

vi.mock('../media/peer-connection.ts', async () => ({
  PeerConnection: (await import('../../testing/widget/scripted.ts')).ScriptedPeer,
}));

const EVENTS: readonly VideoCallEventName[] = [
  'video-call-ready',
  'video-call-incoming',
  'video-call-started',
  'video-call-ended',
  'video-call-missed',
  'video-call-record',
  'video-call-error',
];
interface HappyWindow {
  readonly happyDOM: { readonly settings: { disableErrorCapturing: boolean } };
}
const FAULT = new Error('the page’s own fault');
const fails = (): never => {
  throw FAULT;
};
const CANCEL = { id: 'stopCommunication', callId: 'c', reason: 'cancelled' };
const MISSED = { id: 'missedCall', callId: 'm', from: '8', caller: PEER, media: 'audio', at: 5 };

describe('code of the page’s that throws', () => {
  let page: ScriptedPage;
  beforeEach(async () => {
    page = new ScriptedPage();
    await page.register();
  });
  afterEach(() => page.close());

  /** The next call rings, and the fault was told. */
  function ringsNext(): void {
    expect(page.reported).toHaveBeenCalledWith(FAULT);
    page.call.actions.dismiss();
    page.say({ ...RING, callId: 'next' });
    expect(page.call.view.get()).toMatchObject({ phase: 'incoming', callId: 'next' });
    expect(page.notify).toHaveBeenLastCalledWith(
      'video-call-incoming',
      expect.objectContaining({ callId: 'next' }),
    );
  }

  it('in a chat’s record() leaves the page able to be called', () => {
    page.record.mockImplementation(fails);
    page.say(MISSED);
    expect(page.record).toHaveBeenCalledOnce();
    ringsNext();
  });

  it.each(['video-call-incoming', 'video-call-ended', 'video-call-missed', 'video-call-error'] as const)(
    'in what is told of %s does so too, and the chat gets its line',
    async (event) => {
      page.notify.mockImplementation((name) => name === event && fails());
      page.say(MISSED);
      page.say(RING);
      page.call.accept();
      // There is no camera here: the call is refused.
      await vi.waitFor(() => expect(page.call.view.get().phase).toBe('problem'));
      expect(page.record).toHaveBeenCalledOnce();
      expect(page.reported).toHaveBeenCalledWith(FAULT);
      page.notify.mockImplementation(() => undefined);
      ringsNext();
    },
  );

  it('in what follows the view does so too', () => {
    const stop = page.call.view.subscribe(fails);
    page.say(RING);
    page.say(CANCEL);
    stop();
    expect(page.reported).toHaveBeenCalledWith(FAULT);
    ringsNext();
  });

  it('in a handler of messages, states and registrations does so too', () => {
    vi.spyOn(page.signaling, 'send').mockImplementationOnce(fails);
    page.say(RING);
    page.call.reject();
    expect(page.reported).toHaveBeenCalledWith(FAULT);
    ringsNext();
  });
});

describe('a browser that throws', () => {
  let page: ScriptedPage;
  beforeEach(async () => {
    page = new ScriptedPage();
    await page.register();
  });
  afterEach(() => {
    page.close();
    vi.restoreAllMocks();
  });

  const EXISTING = { id: 'existingParticipants', room: '101', data: ['8'], participants: [seen(YI)] };
  async function join(): Promise<void> {
    page.sessions.call({ type: 'group', id: 101, name: '测试群' }, 'video');
    page.say({ id: 'callProgress', callId: 'g', state: 'ringing', room: '101', invited: [YI], offline: [] });
    page.say(EXISTING);
    await vi.waitFor(() => expect(page.sent('receiveVideoFrom')).toHaveLength(2));
  }

  it.each(['addCandidate', 'close', 'send', 'limitVideo'] as const)(
    'in %s of a connection harms neither the room nor the next call',
    async (method) => {
      await join();
      vi.spyOn(ScriptedPeer.prototype, method).mockImplementation(fails);
      for (const peer of ScriptedPeer.all) {
        peer.connected = true;
        peer.events.connected();
        peer.events.arrived();
      }
      const candidate = { candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0 };
      page.say({ id: 'iceCandidate', room: '101', name: '8', candidate, generation: 0 });
      page.sessions.toggleMicrophone();
      await vi.waitFor(() => expect(page.room.view.get().phase).toBe('room'));
      page.sessions.hangUp();
      expect(page.reported).toHaveBeenCalledWith(FAULT);
      expect(page.room.view.get()).toMatchObject({ phase: 'ended', group: GROUP });
      page.say(RING);
      expect(page.call.view.get().phase).toBe('incoming');
    },
  );

  it.each(['createOffer', 'applyAnswer'] as const)('in %s is a connection that failed', async (method) => {
    vi.spyOn(ScriptedPeer.prototype, method).mockImplementation(fails);
    page.sessions.call({ type: 'group', id: 101, name: '测试群' }, 'video');
    page.say(EXISTING);
    if (method === 'applyAnswer') {
      await vi.waitFor(() => expect(page.sent('receiveVideoFrom')).toHaveLength(2));
      page.say({ id: 'receiveVideoAnswer', room: '101', name: '8', sdpAnswer: 'answer', generation: 0 });
      await vi.waitFor(() => expect(ScriptedPeer.all).toHaveLength(3));
    } else {
      await vi.waitFor(() => expect(page.room.view.get()).toMatchObject({ phase: 'problem' }));
    }
    page.sessions.hangUp();
    page.say(RING);
    expect(page.call.view.get().phase).toBe('incoming');
  });
});

describe('a listener or adapter of <video-call> that throws', () => {
  const reported = vi.fn<(error: unknown) => void>();
  const onFault = (event: ErrorEvent) => {
    event.preventDefault();
    reported(event.error);
  };
  let host: SessionHost;
  let element: VideoCallElement;

  beforeEach(async () => {
    reported.mockClear();
    vi.stubGlobal('WebSocket', ScriptedSocket);
    vi.stubGlobal('reportError', reported);
    // As a browser does: vitest has them thrown.
    const { settings } = (window as unknown as HappyWindow).happyDOM;
    settings.disableErrorCapturing = false;
    vi.spyOn(console, 'error').mockReturnValue();
    window.addEventListener('error', onFault);
    ScriptedSocket.all.length = 0;
    const receive = vi.fn();
    setEnvironment({
      scriptUrl: 'https://calls.example.com/video-call.js',
      loadCalls: async () => ({
        startCalls: (given) => {
          host = given;
          return { receive, dispose: () => undefined } as never;
        },
      }),
    });
    if (!customElements.get('video-call')) customElements.define('video-call', VideoCallElement);
    element = document.createElement('video-call');
    element.setAttribute('user-id', '7');
    document.body.append(element);
    await vi.waitFor(() => expect(ScriptedSocket.all).toHaveLength(1));
    const [socket] = ScriptedSocket.all;
    socket?.open();
    await vi.waitFor(() => expect(socket?.sent).toHaveLength(1));
    socket?.say(registered(PEER));
    socket?.say(RING);
    await vi.waitFor(() => expect(receive).toHaveBeenCalledOnce());
  });
  afterEach(() => {
    element.remove();
    window.removeEventListener('error', onFault);
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  it.each(EVENTS)('for %s is reported, and the others hear of it', (name) => {
    const other = vi.fn();
    element.addEventListener(name, fails, { once: true });
    element.addEventListener(name, other, { once: true });
    host.notify(name, {} as never);
    expect(other).toHaveBeenCalledOnce();
    expect(reported).toHaveBeenCalledWith(FAULT);
  });

  it('as LayIM’s is reported, and other chats get the line', () => {
    const onRecord = vi.fn();
    element.addEventListener('video-call-record', onRecord, { once: true });
    vi.spyOn(LayimAdapter.prototype, 'record').mockImplementation(fails);
    host.record({ type: 'friend', id: '8', name: '测试乙', avatar: '', text: '未接来电' });
    expect(onRecord).toHaveBeenCalledOnce();
    expect(reported).toHaveBeenCalledWith(FAULT);
  });
});
