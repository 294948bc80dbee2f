import { createSocket } from 'node:dgram';
import type { RemoteInfo, Socket } from 'node:dgram';
import { once } from 'node:events';

const LOOPBACK = '127.0.0.1';

/** A network between an endpoint and its browser that can lose packets, below SRTP with its replay check. */
export class LossyLink {
  readonly #toBrowser: Socket = createSocket('udp4');
  readonly #toEndpoint: Socket = createSocket('udp4');
  #bound: Promise<unknown> | null = null;
  #endpointPort = 0;
  #browserPort = 0;
  #closed = false;
  /** Whether an encrypted packet to the browser is lost. */
  loses: (packet: Buffer) => boolean = () => false;

  /** The endpoint's candidate with its address replaced by this network's. */
  async through(candidate: string): Promise<string> {
    this.#bound ??= this.#bind();
    await this.#bound;
    const parts = candidate.split(' ');
    this.#endpointPort = Number(parts[5]);
    if (!this.#closed) parts[5] = String(this.#toBrowser.address().port);
    return parts.join(' ');
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#toBrowser.close();
    this.#toEndpoint.close();
  }

  async #bind(): Promise<void> {
    this.#toBrowser.on('message', (packet: Buffer, { port }: RemoteInfo) => {
      this.#browserPort = port;
      this.#toEndpoint.send(packet, this.#endpointPort, LOOPBACK);
    });
    this.#toEndpoint.on('message', (packet: Buffer) => {
      if (!this.loses(packet)) this.#toBrowser.send(packet, this.#browserPort, LOOPBACK);
    });
    this.#toBrowser.bind(0, LOOPBACK);
    this.#toEndpoint.bind(0, LOOPBACK);
    await Promise.all([once(this.#toBrowser, 'listening'), once(this.#toEndpoint, 'listening')]);
  }
}

/** Sequence number of an encrypted video packet, or −1 for anything else. */
export function videoSequenceNumber(packet: Buffer, payloadType: number): number {
  const isVideo = (packet[0] ?? 0) >> 6 === 2 && ((packet[1] ?? 0) & 0x7f) === payloadType;
  return isVideo ? packet.readUInt16BE(2) : -1;
}
