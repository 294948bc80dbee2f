/** A page with calls and rooms, on a socket and media connections whose other side is the test. */
import { vi } from 'vitest';
import { CallController } from '../../widget/call/controller.ts';
import { RoomController } from '../../widget/room/controller.ts';
import type { SessionControls, SessionHost } from '../../widget/session/host.ts';
import { joinSessions } from '../../widget/sessions.ts';
import { Signaling } from '../../widget/signaling/socket.ts';
import { SELF } from './room-play.ts';
import { registered, ScriptedPeer, ScriptedSocket } from './scripted.ts';

/** The test mocks `widget/media/peer-connection.ts` with `ScriptedPeer` for it. */
export class ScriptedPage {
  readonly notify = vi.fn<SessionHost['notify']>();
  readonly record = vi.fn<SessionHost['record']>();
  readonly restore = vi.fn();
  /** What was reported of exceptions. */
  readonly reported = vi.fn<(error: unknown) => void>();
  readonly signaling: Signaling;
  readonly call: CallController;
  readonly room: RoomController;
  readonly sessions: SessionControls;

  constructor() {
    vi.stubGlobal('isSecureContext', true);
    vi.stubGlobal('reportError', this.reported);
    ScriptedPeer.all.length = 0;
    ScriptedSocket.all.length = 0;
    this.signaling = new Signaling({
      address: 'ws://server/signal',
      credentials: async () => SELF,
      WebSocket: ScriptedSocket as unknown as typeof WebSocket,
    });
    const { signaling, notify, record, restore } = this;
    const root = document.createElement('div').attachShadow({ mode: 'open' });
    const host: SessionHost = { root, locale: 'zh-CN', signaling, notify, record };
    this.call = new CallController(host);
    this.room = new RoomController(host);
    this.sessions = joinSessions(signaling, this.call, this.room, { restore, unmount: () => undefined });
    signaling.start();
  }

  get socket(): ScriptedSocket {
    const last = ScriptedSocket.all.at(-1);
    if (!last) throw new Error('no socket');
    return last;
  }

  say(message: object): void {
    this.socket.say(message);
  }

  /** What was sent of one kind of message. */
  sent(id: string): Record<string, unknown>[] {
    return this.socket.sent.filter((message) => message['id'] === id);
  }

  /** The kinds of all messages sent, in order. */
  get ids(): unknown[] {
    return this.socket.sent.map(({ id }) => id);
  }

  async register(): Promise<void> {
    await vi.waitFor(() => this.socket);
    this.socket.open();
    await vi.waitFor(() => {
      if (this.sent('register').length !== 1) throw new Error('not registered yet');
    });
    this.say(registered(SELF));
    await Promise.resolve();
  }

  close(): void {
    this.sessions.dispose();
    this.signaling.stop();
    vi.unstubAllGlobals();
  }
}
