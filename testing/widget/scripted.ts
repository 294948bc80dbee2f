/** Browser parts whose other side is the test. */
import type { PeerConnectionEvents } from '../../widget/media/peer-connection.ts';

/** A media connection whose browser is the test; see `vi.mock`. */
export class ScriptedPeer {
  static readonly all: ScriptedPeer[] = [];
  readonly remoteStream = {} as MediaStream;
  readonly direction: string;
  readonly events: PeerConnectionEvents;
  readonly answers: string[] = [];
  connected = false;
  closed = false;

  constructor(_iceServers: unknown, _tracks: unknown, events: PeerConnectionEvents, direction: string) {
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

/** A socket whose server is the test. */
export class ScriptedSocket {
  static readonly all: ScriptedSocket[] = [];
  readonly sent: Record<string, unknown>[] = [];
  readonly address: string;
  readyState = 0;
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;

  constructor(address: string) {
    this.address = address;
    ScriptedSocket.all.push(this);
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.();
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

/** What the server answers when this user registers. */
export const registered = (user: object) => ({
  id: 'registerResponse',
  response: 'accepted',
  user,
  resumeToken: 't',
  iceServers: [],
  groupCalls: [],
  protocol: 1,
});
