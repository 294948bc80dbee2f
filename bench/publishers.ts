/**
 * Process: `publishers.ts URL GROUP RECORDED NAME…`. The named members of a group record what the user RECORDED
 * sends in the group's call, and after the message `replay` send that, over and over, as their own pictures.
 * Says `recorded`, then `publishing`.
 */
import { once } from 'node:events';
import { TestClient } from '../testing/server/test-client.ts';
import { NodeDataChannelTransport } from '../media-server/transport/node-datachannel-transport.ts';
import { readRtcp } from '../media-server/rtcp/rtcp-reader.ts';
import { parseSessionDescription } from '../media-server/sdp/session-description.ts';
import { chromeLikeOffer } from '../testing/media-server/chrome-like-offer.ts';
import { rtpPacket } from '../testing/media-server/test-stream.ts';

const RECORDING_MS = 4_000;
const PAYLOAD_TYPE = 96;
const CLOCK_RATE_HZ = 90_000;
const FRAME_TICKS = CLOCK_RATE_HZ / 30;

/** One packet of a recording that begins with a key frame. */
interface Recorded {
  readonly atMs: number;
  readonly ticks: number;
  readonly marker: boolean;
  readonly payload: Buffer;
}

/** A member's media connection for one direction of one participant's media. */
class Link {
  readonly transport: NodeDataChannelTransport;
  onPacket: (packet: Buffer) => void = () => undefined;
  readonly #client: TestClient;
  readonly #room: string;
  readonly #sender: string;

  constructor(client: TestClient, room: string, sender: string) {
    this.#client = client;
    this.#room = room;
    this.#sender = sender;
    this.transport = new NodeDataChannelTransport(
      { bindAddress: '127.0.0.1' },
      {
        onPacket: (packet) => this.onPacket(packet),
        onCandidate: (candidate) =>
          client.send({
            id: 'onIceCandidate',
            room,
            name: sender,
            candidate: { candidate, sdpMid: '0', sdpMLineIndex: 0 },
          }),
        onGatheringDone: () => undefined,
        onIceState: () => undefined,
        onDtlsState: () => undefined,
      },
    );
  }

  async open(direction: 'sendonly' | 'recvonly'): Promise<void> {
    const sdpOffer = chromeLikeOffer(this.transport.offer(), { audio: 'none', video: direction });
    this.#client.send({ id: 'receiveVideoFrom', room: this.#room, sender: this.#sender, sdpOffer });
    const { sdpAnswer } = await this.#client.next('receiveVideoAnswer');
    const media = parseSessionDescription(sdpAnswer).media.find(({ port }) => port !== 0);
    if (!media?.transport) throw new Error('Nothing was accepted');
    this.transport.complete(media.transport);
    this.#client.socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as {
        id: string;
        name?: string;
        candidate: { candidate: string };
      };
      if (message.id === 'iceCandidate' && message.name === this.#sender) {
        this.transport.addCandidate(message.candidate.candidate);
      }
    });
    for (const early of this.#client.inbox) {
      if (early.id === 'iceCandidate' && early.name === this.#sender) {
        this.transport.addCandidate(early.candidate.candidate);
      }
    }
    while (!this.transport.connected) await pause(20);
  }
}

async function record(client: TestClient, room: string, sender: string): Promise<Recorded[]> {
  const link = new Link(client, room, sender);
  const packets: Recorded[] = [];
  let first: { atMs: number; timestamp: number } | undefined;
  link.onPacket = (packet) => {
    const type = packet[1] ?? 0;
    if (type >= 192 && type <= 223) return;
    const timestamp = packet.readUInt32BE(4);
    first ??= { atMs: performance.now(), timestamp };
    const extensionBytes = (packet[0] ?? 0) & 0x10 ? 4 + packet.readUInt16BE(14) * 4 : 0;
    packets.push({
      atMs: performance.now() - first.atMs,
      ticks: (timestamp - first.timestamp) >>> 0,
      marker: type >= 128,
      payload: packet.subarray(12 + extensionBytes),
    });
  };
  await link.open('recvonly');
  while (!first) await pause(20);
  await pause(RECORDING_MS);
  link.transport.close();
  client.send({ id: 'cancelVideoFrom', room, sender });
  return packets;
}

/** Sends the recording over and over; a request for a key frame starts it again, as it begins with one. */
function replay(link: Link, recording: readonly Recorded[], ssrc: number): void {
  let next = 0;
  let startedAt = performance.now();
  let sequenceNumber = 1;
  let startTicks = 0;
  let lastTicks = 0;
  const restart = () => {
    next = 0;
    startedAt = performance.now();
    startTicks = (lastTicks + FRAME_TICKS) >>> 0;
  };
  const ignore = () => undefined;
  link.onPacket = (packet) =>
    readRtcp(packet, {
      onSenderReport: ignore,
      onReportBlock: ignore,
      onNack: ignore,
      onBandwidthEstimate: ignore,
      onPictureLoss: restart,
      onFullIntraRequest: restart,
    });
  setInterval(() => {
    for (let due = recording[next]; due && due.atMs <= performance.now() - startedAt; due = recording[next]) {
      const { payload, marker } = due;
      lastTicks = (startTicks + due.ticks) >>> 0;
      link.transport.send(
        rtpPacket({
          payloadType: PAYLOAD_TYPE,
          ssrc,
          sequenceNumber,
          timestamp: lastTicks,
          transportSequenceNumber: sequenceNumber,
          marker,
          payload,
        }),
      );
      sequenceNumber = (sequenceNumber + 1) & 0xffff;
      next++;
    }
    if (next === recording.length) restart();
  }, 10);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const [url = '', room = '', recorded = '', ...names] = process.argv.slice(2);
const clients = await Promise.all(names.map((name) => TestClient.register(url, name)));
for (const client of clients) {
  await client.next('incomingCall');
  client.send({ id: 'joinRoom', room, media: 'video' });
  await client.next('existingParticipants');
}
const [first] = clients;
if (!first) throw new Error('There must be a name.');
const recording = await record(first, room, recorded);
process.send?.('recorded');
await once(process, 'message');
for (const [index, client] of clients.entries()) {
  const link = new Link(client, room, names[index] ?? '');
  await link.open('sendonly');
  client.send({ id: 'mediaState', room, audio: false, video: true, screen: false });
  replay(link, recording, index + 1);
}
process.send?.('publishing');
await once(process, 'disconnect');
process.exit(0);
