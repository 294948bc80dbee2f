/**
 * Process: `callers.ts URL CALLS`. Pairs of `node-datachannel` peers call each other and send what a browser
 * would, until the parent disconnects. Says `talking` once media arrives at every one of them.
 */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { NodeDataChannelTransport } from '../media-server/transport/node-datachannel-transport.ts';
import { parseSessionDescription } from '../media-server/sdp/session-description.ts';
import { chromeLikeOffer } from '../testing/media-server/chrome-like-offer.ts';
import { rtpPacket } from '../testing/media-server/test-stream.ts';
import type {
  ClientMessageInput,
  ServerMessage,
  ServerMessageId,
  ServerMessageOf,
} from '../protocol/index.ts';

const TICK_MS = 20;
/** 100 packets a second of 1,100 bytes, about 0.9 Mbps: what a 640×480 call sends. */
const VIDEO_PACKETS_PER_TICK = 2;
const VIDEO_PAYLOAD = Buffer.alloc(1_100, 1);
const VIDEO_PAYLOAD_TYPE = 96;
const AUDIO_PAYLOAD = Buffer.alloc(100, 1);
const AUDIO_PAYLOAD_TYPE = 111;

/** One user: a signaling socket and a media connection. */
class Caller {
  readonly name: string;
  readonly #socket: WebSocket;
  readonly #transport: NodeDataChannelTransport;
  readonly #received: ServerMessage[] = [];
  #wake = (): void => undefined;
  #sequenceNumber = 1;
  #timestamp = 1;
  #callId = '';
  /** Candidates that came before the answer they belong to was applied. */
  #early: string[] | undefined = [];
  mediaPackets = 0;

  private constructor(name: string, socket: WebSocket) {
    this.name = name;
    this.#socket = socket;
    this.#transport = new NodeDataChannelTransport(
      { bindAddress: '127.0.0.1' },
      {
        onPacket: (packet) => {
          if ((packet[1] ?? 0) < 192 || (packet[1] ?? 0) > 223) this.mediaPackets++;
        },
        onCandidate: (candidate) =>
          this.#send({
            id: 'onIceCandidate',
            callId: this.#callId,
            candidate: { candidate, sdpMid: '0', sdpMLineIndex: 0 },
          }),
        onGatheringDone: () => undefined,
        onIceState: () => undefined,
        onDtlsState: () => undefined,
      },
    );
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as ServerMessage;
      if (message.id === 'iceCandidate') return this.#addCandidate(message.candidate.candidate);
      this.#received.push(message);
      this.#wake();
    });
  }

  static async register(url: string, name: string): Promise<Caller> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/signal`);
    await once(socket, 'open');
    const caller = new Caller(name, socket);
    caller.#send({ id: 'register', name });
    await caller.#next('registerResponse');
    return caller;
  }

  async call(to: Caller): Promise<void> {
    this.#send({ id: 'call', to: to.name, sdpOffer: this.#offer() });
    const { callId } = await to.#next('incomingCall');
    to.#callId = callId;
    to.#send({ id: 'incomingCallResponse', callId, callResponse: 'accept', sdpOffer: to.#offer() });
    to.#answered((await to.#next('startCommunication')).sdpAnswer);
    this.#callId = callId;
    const response = await this.#next('callResponse');
    if (response.response !== 'accepted') throw new Error(`${to.name} ${response.code}`);
    this.#answered(response.sdpAnswer);
  }

  /** Sends what is due in one tick. */
  sendMedia(): void {
    this.#sendPacket(AUDIO_PAYLOAD_TYPE, 1, AUDIO_PAYLOAD);
    for (let i = 0; i < VIDEO_PACKETS_PER_TICK; i++) this.#sendPacket(VIDEO_PAYLOAD_TYPE, 2, VIDEO_PAYLOAD);
    this.#timestamp += 1_800;
  }

  #sendPacket(payloadType: number, ssrc: number, bytes: Buffer): void {
    const payload = Buffer.concat([Buffer.from([0x10, 0]), bytes]);
    this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff;
    const position = { sequenceNumber: this.#sequenceNumber, timestamp: this.#timestamp };
    this.#transport.send(rtpPacket({ payloadType, ssrc, ...position, payload }));
  }

  #offer(): string {
    return chromeLikeOffer(this.#transport.offer());
  }

  #answered(sdpAnswer: string): void {
    const media = parseSessionDescription(sdpAnswer).media.find(({ port }) => port !== 0);
    if (!media?.transport) throw new Error('Nothing was accepted');
    this.#transport.complete(media.transport);
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const candidate of early) this.#addCandidate(candidate);
  }

  #addCandidate(candidate: string): void {
    if (this.#early) this.#early.push(candidate);
    else this.#transport.addCandidate(candidate);
  }

  #send(message: ClientMessageInput): void {
    this.#socket.send(JSON.stringify(message));
  }

  async #next<K extends ServerMessageId>(id: K): Promise<ServerMessageOf<K>> {
    for (;;) {
      const index = this.#received.findIndex((message) => message.id === id);
      if (index >= 0) return this.#received.splice(index, 1)[0] as ServerMessageOf<K>;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

const [url = '', calls = '1'] = process.argv.slice(2);
const callers: Caller[] = [];
for (let call = 0; call < Number(calls); call++) {
  const caller = await Caller.register(url, `caller-${call}`);
  const callee = await Caller.register(url, `callee-${call}`);
  await caller.call(callee);
  callers.push(caller, callee);
}
setInterval(() => {
  for (const caller of callers) caller.sendMedia();
}, TICK_MS);
while (callers.some(({ mediaPackets }) => mediaPackets === 0))
  await new Promise((resolve) => setTimeout(resolve, 50));
process.send?.('talking');
await once(process, 'disconnect');
process.exit(0);
