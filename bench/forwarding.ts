import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { NodeDataChannelTransport } from '../media-server/transport/node-datachannel-transport.ts';
import { RtpEndpoint } from '../media-server/endpoint/rtp-endpoint.ts';
import { parseSessionDescription } from '../media-server/sdp/session-description.ts';
import { chromeLikeOffer } from '../testing/media-server/chrome-like-offer.ts';
import { rtpPacket } from '../testing/media-server/test-stream.ts';

const SUBSCRIBER_COUNTS = [1, 5, 25];
const PACKETS_PER_SECOND = 500;
const PAYLOAD_BYTES = 1172;
/** The JIT compiler is part of the price only once. */
const WARM_UP_MS = 4000;
const MEASURE_MS = 4000;
const BURST_MS = 2;
const LOOPBACK = '127.0.0.1';

type Role = 'media' | 'dgram' | 'peers' | 'dgram-peers';

/** What the processes say to each other, by way of the parent. */
interface Message {
  type: 'offer' | 'answer' | 'candidate' | 'ready' | 'measure' | 'result' | 'ports' | 'connected';
  index?: number;
  text?: string;
  port?: number;
  ports?: number[];
  cpuSeconds?: number;
  packets?: number;
}

/**
 * CPU seconds of a media process per 100,000 packets it sends: one publisher with {@link PACKETS_PER_SECOND} packets
 * of 1,200 bytes to 1, 5 and 25 subscribers, all with real ICE, DTLS and SRTP on the loopback interface and in another
 * process; beside it the same by a bare `dgram` socket, which is the floor for Node on this machine.
 */
export async function forwarding(): Promise<void> {
  console.log('Forwarding: CPU seconds per 100,000 packets sent out');
  console.log('subscribers   media server   bare dgram   ratio   lost');
  for (const subscribers of SUBSCRIBER_COUNTS) {
    const media = await measure('media', 'peers', subscribers);
    const floor = await measure('dgram', 'dgram-peers', subscribers);
    const columns = [
      String(subscribers).padStart(11),
      media.cost.toFixed(2).padStart(14),
      floor.cost.toFixed(2).padStart(12),
      (media.cost / floor.cost).toFixed(2).padStart(7),
      `${(media.lost * 100).toFixed(1)} %`.padStart(7),
    ];
    console.log(columns.join(' '));
  }
}

async function measure(
  server: Role,
  peers: Role,
  subscribers: number,
): Promise<{ cost: number; lost: number }> {
  const children = [start(server, subscribers), start(peers, subscribers)] as const;
  const [measured, load] = children;
  const connected = [said(measured, 'connected'), said(load, 'connected')];
  measured.on('message', (message) => load.connected && load.send(message as Message));
  load.on('message', (message) => measured.connected && measured.send(message as Message));
  try {
    await Promise.all(connected);
    await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
    const results = children.map((child) => said(child, 'result'));
    for (const child of children) child.send({ type: 'measure' } satisfies Message);
    const [sent, received] = await Promise.all(results);
    const packets = sent?.packets ?? 0;
    return {
      cost: ((sent?.cpuSeconds ?? 0) / packets) * 100_000,
      lost: Math.max(0, 1 - (received?.packets ?? 0) / packets),
    };
  } finally {
    for (const child of children) child.kill();
  }
}

function start(role: Role, subscribers: number): ChildProcess {
  return fork(fileURLToPath(import.meta.url), [role, String(subscribers)], { execArgv: ['--import', 'tsx'] });
}

function said(child: ChildProcess, type: Message['type']): Promise<Message> {
  return new Promise((resolve, reject) => {
    child.on('message', (message: Message) => {
      if (message.type === type) resolve(message);
    });
    child.once('exit', (code) => reject(new Error(`a process of the benchmark ended with ${String(code)}`)));
  });
}

function tell(message: Message): void {
  process.send?.(message);
}

/** Answers `measure` with the CPU time and the packets of the following seconds. */
function measureWhenAsked(count: () => number): void {
  process.on('message', (message: Message) => {
    if (message.type !== 'measure') return;
    const before = count();
    const cpu = process.cpuUsage();
    setTimeout(() => {
      const used = process.cpuUsage(cpu);
      tell({ type: 'result', cpuSeconds: (used.user + used.system) / 1e6, packets: count() - before });
    }, MEASURE_MS);
  });
}

/** The measured process: endpoint 0 publishes, the others receive it. */
function runMedia(subscribers: number): void {
  let connected = 0;
  const endpoints = Array.from({ length: subscribers + 1 }, (_, index) => {
    const endpoint = new RtpEndpoint({ bindAddress: LOOPBACK });
    endpoint.on('candidate', ({ candidate, sdpMLineIndex }) => {
      if (sdpMLineIndex === 0) tell({ type: 'candidate', index, text: candidate });
    });
    endpoint.on('connectionState', (state) => {
      if (state === 'connected' && ++connected === subscribers + 1) tell({ type: 'connected' });
    });
    return endpoint;
  });
  const [publisher, ...receivers] = endpoints;
  for (const receiver of receivers) receiver.setSource('video', publisher ?? null);
  process.on('message', (message: Message) => {
    const endpoint = endpoints[message.index ?? -1];
    if (message.type !== 'offer' || !endpoint) return;
    tell({ type: 'answer', index: message.index ?? 0, text: endpoint.processOffer(message.text ?? '') });
    endpoint.gatherCandidates();
  });
  measureWhenAsked(() => receivers.reduce((sum, receiver) => sum + packetsSent(receiver), 0));
  tell({ type: 'ready' });
}

function packetsSent(endpoint: RtpEndpoint): number {
  return endpoint.getStats().outbound.reduce((sum, { packetsSent: packets }) => sum + packets, 0);
}

/** The browsers' side. */
function runPeers(subscribers: number): void {
  let connected = 0;
  let received = 0;
  const peers = Array.from(
    { length: subscribers + 1 },
    () =>
      new NodeDataChannelTransport(
        { bindAddress: LOOPBACK },
        {
          onPacket: (packet) => {
            if (((packet[1] ?? 0) & 0x7f) === 96) received++;
          },
          onCandidate: () => undefined,
          onGatheringDone: () => undefined,
          onIceState: () => undefined,
          onDtlsState: (state) => {
            if (state !== 'connected' || ++connected <= subscribers) return;
            tell({ type: 'connected' });
            sendSteadily((packet) => peers[0]?.send(packet));
          },
        },
      ),
  );
  process.on('message', (message: Message) => {
    const peer = peers[message.index ?? -1];
    if (message.type === 'ready')
      for (const [index, each] of peers.entries())
        tell({ type: 'offer', index, text: chromeLikeOffer(each.offer(), { audio: 'none' }) });
    if (message.type === 'candidate') peer?.addCandidate(message.text ?? '');
    if (message.type !== 'answer') return;
    const transport = parseSessionDescription(message.text ?? '').media[0]?.transport;
    if (transport) peer?.complete(transport);
  });
  measureWhenAsked(() => received);
}

/** Video packets at an even rate, a key frame every second. */
function sendSteadily(send: (packet: Buffer) => void): void {
  const payload = Buffer.alloc(PAYLOAD_BYTES, 0xff);
  const startMs = performance.now();
  let sent = 0;
  setInterval(() => {
    for (const due = ((performance.now() - startMs) * PACKETS_PER_SECOND) / 1000; sent < due; sent++) {
      payload.set([0x10, sent % PACKETS_PER_SECOND === 0 ? 0 : 1]);
      const fields = {
        payloadType: 96,
        ssrc: 1,
        marker: sent % 10 === 9,
        transportSequenceNumber: sent,
        payload,
      };
      const timestamp = (Math.floor(sent / 10) * 1800) >>> 0;
      send(rtpPacket({ ...fields, sequenceNumber: sent & 0xffff, timestamp }));
    }
  }, BURST_MS);
}

/** The floor: the same datagrams, in by one socket and out by another for each receiver, nothing done to them. */
async function runDgram(subscribers: number): Promise<void> {
  const input = createSocket('udp4').bind(0, LOOPBACK);
  const outputs = Array.from({ length: subscribers }, () => createSocket('udp4').bind(0, LOOPBACK));
  await Promise.all([input, ...outputs].map((socket) => once(socket, 'listening')));
  let ports: number[] = [];
  let sent = 0;
  input.on('message', (packet: Buffer) => {
    for (const [index, port] of ports.entries()) {
      outputs[index]?.send(packet, port, LOOPBACK);
      sent++;
    }
  });
  process.on('message', (message: Message) => {
    if (message.type !== 'ports') return;
    ports = message.ports ?? [];
    tell({ type: 'connected', port: input.address().port });
  });
  measureWhenAsked(() => sent);
  tell({ type: 'ready' });
}

async function runDgramPeers(subscribers: number): Promise<void> {
  let received = 0;
  const sockets = Array.from({ length: subscribers }, () => createSocket('udp4').bind(0, LOOPBACK));
  const sender = createSocket('udp4');
  process.on('message', (message: Message) => {
    if (message.type === 'ready')
      tell({ type: 'ports', ports: sockets.map((socket) => socket.address().port) });
    if (message.type !== 'connected' || message.port === undefined) return;
    const { port } = message;
    sendSteadily((packet) => sender.send(packet, port, LOOPBACK));
    tell({ type: 'connected' });
  });
  measureWhenAsked(() => received);
  for (const socket of sockets) socket.on('message', () => received++);
  await Promise.all(sockets.map((socket) => once(socket, 'listening')));
}

const [, , role, count] = process.argv;
if (process.send && role === 'media') runMedia(Number(count));
if (process.send && role === 'peers') runPeers(Number(count));
if (process.send && role === 'dgram') await runDgram(Number(count));
if (process.send && role === 'dgram-peers') await runDgramPeers(Number(count));
