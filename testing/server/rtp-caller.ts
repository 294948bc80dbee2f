import { Audio, PeerConnection } from 'node-datachannel';
import type { DescriptionType, Track } from 'node-datachannel';
import type { Candidate } from '../../protocol/index.ts';

const OPUS = 111;
const RTP_HEADER_BYTES = 12;

/** What a browser offers to: an endpoint, or the way to one. */
export interface Answerer {
  negotiate(sdpOffer: string): Promise<string>;
  addCandidate(candidate: Candidate): unknown;
  on(event: 'candidate', listener: (candidate: Candidate) => void): unknown;
}

/** A browser's part in a call, without the browser: real ICE, DTLS and SRTP, with one audio stream both ways. */
export class Caller {
  /** Payloads of the packets that came, as text. */
  readonly received: string[] = [];
  readonly #peer: PeerConnection;
  readonly #track: Track;
  /** Numbers its stream (RFC 3550). */
  readonly ssrc: number;
  #sequence = 0;

  constructor(ssrc: number) {
    this.ssrc = ssrc;
    this.#peer = new PeerConnection('caller', { iceServers: [], disableAutoNegotiation: true });
    const audio = new Audio('0', 'SendRecv');
    audio.addOpusCodec(OPUS);
    audio.addSSRC(ssrc, 'caller');
    this.#track = this.#peer.addTrack(audio);
    this.#track.onMessage((packet) => {
      if (isRtp(packet)) this.received.push(packet.subarray(RTP_HEADER_BYTES).toString());
    });
  }

  /** Offers to an endpoint, exchanges candidates with it and waits until media can flow. */
  async connect(endpoint: Answerer): Promise<void> {
    const open = new Promise<void>((resolve) => this.#track.onOpen(resolve));
    const gathered: (() => void)[] = [];
    let answered = false;
    this.#peer.onLocalCandidate((candidate, sdpMid) => {
      const add = () => void endpoint.addCandidate({ candidate, sdpMid, sdpMLineIndex: 0 });
      // libdatachannel as the offerer must know the answer before the first check arrives.
      if (answered) add();
      else gathered.push(add);
    });
    const offer = await new Promise<string>((resolve) => {
      this.#peer.onLocalDescription(resolve);
      this.#peer.setLocalDescription('offer' as DescriptionType);
    });
    endpoint.on('candidate', ({ candidate, sdpMid }) =>
      this.#peer.addRemoteCandidate(candidate, sdpMid ?? '0'),
    );
    this.#peer.setRemoteDescription(await endpoint.negotiate(offer), 'answer' as DescriptionType);
    answered = true;
    for (const add of gathered) add();
    await open;
  }

  /** Sends one packet. */
  say(text: string): void {
    const header = Buffer.alloc(RTP_HEADER_BYTES);
    header.writeUInt8(0x80, 0);
    header.writeUInt8(OPUS, 1);
    header.writeUInt16BE(this.#sequence, 2);
    header.writeUInt32BE(this.#sequence * 960, 4);
    header.writeUInt32BE(this.ssrc, 8);
    this.#sequence += 1;
    this.#track.sendMessageBinary(Buffer.concat([header, Buffer.from(text)]));
  }

  close(): void {
    this.#track.close();
    this.#peer.close();
  }
}

function isRtp(packet: Buffer): boolean {
  const type = packet[1] ?? 0;
  return packet.length > RTP_HEADER_BYTES && (type & 0x7f) === OPUS;
}
