import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';
import { BindingRequest } from './binding-request.ts';

const LOOPBACK = '127.0.0.1';
/** Below any candidate of libdatachannel: a way in for those who have no other (RFC 8445, 5.1.2). */
const PRIORITY = 1;
/** More relays than this for one browser is an attack, or a mistake. */
const MAX_PATHS_PER_TRANSPORT = 8;
const PORT_ATTEMPTS = 50;

/** A transport that can be reached through the gate. */
interface GatedTransport {
  /** Its ICE credentials. */
  readonly ufrag: string;
  readonly password: string;
  /** The UDP port at which it listens on this machine. */
  readonly port: number;
}

/** From one relay to one transport: the transport sees the socket's port in place of the relay's. */
interface Path {
  readonly ufrag: string;
  readonly socket: Socket;
}

/**
 * A second way in, for browsers behind a TURN server that they reach over TCP. From there Chromium sends its
 * connectivity checks with a tie-breaker of zero, which is allowed (RFC 8445, 16.1) and which libdatachannel
 * takes for a missing one: it refuses them, and no connection comes about. The gate gives them another one and
 * passes everything on; checks that need no help it ignores, so that nobody takes the detour for nothing.
 */
export class RelayGate {
  readonly #socket: Socket;
  readonly #transports = new Map<string, GatedTransport>();
  /** By address and port of the relay. */
  readonly #paths = new Map<string, Path>();

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (datagram, from) => this.#receive(datagram, from));
    socket.on('error', () => undefined);
  }

  /**
   * @param options.portRange UDP ports to take one of; any free port when missing
   * @throws the error of `bind`, when none could be had
   */
  static async open({ portRange }: { portRange?: { min: number; max: number } } = {}): Promise<RelayGate> {
    // From the top: libdatachannel takes its ports from the bottom.
    const ports = portRange ? Array.from({ length: PORT_ATTEMPTS }, (_, i) => portRange.max - i) : [0];
    let failure: unknown;
    for (const port of ports.filter((candidate) => candidate >= (portRange?.min ?? 0))) {
      const socket = createSocket('udp4');
      try {
        socket.bind(port);
        await once(socket, 'listening');
        return new RelayGate(socket);
      } catch (error) {
        socket.close();
        failure = error;
      }
    }
    throw failure;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Passes on to this transport what comes for it from now on. */
  admit(transport: GatedTransport): void {
    this.#transports.set(transport.ufrag, transport);
  }

  /** Ends that. */
  expel(ufrag: string): void {
    this.#transports.delete(ufrag);
    for (const [relay, path] of this.#paths) {
      if (path.ufrag !== ufrag) continue;
      this.#paths.delete(relay);
      path.socket.close();
    }
  }

  /**
   * The gate as a candidate beside one of a transport's own.
   * @param candidate `candidate:…`
   * @returns null where there is none beside it: the gate is open to IPv4 only
   */
  candidateBeside(candidate: string): string | null {
    const [, component, protocol, , address = '', , , type] = candidate.split(' ');
    if (protocol?.toUpperCase() !== 'UDP' || type !== 'host' || !isIPv4(address)) return null;
    return `candidate:gate ${component} UDP ${PRIORITY} ${address} ${this.port} typ host`;
  }

  close(): void {
    for (const ufrag of [...this.#transports.keys()]) this.expel(ufrag);
    this.#socket.close();
  }

  #receive(datagram: Buffer, from: RemoteInfo): void {
    const relay = `${from.address}:${from.port}`;
    const request = BindingRequest.parse(datagram);
    if (!request) return this.#pass(datagram, this.#paths.get(relay));
    const transport = this.#transports.get(request.ufrag);
    if (!transport || !request.hasZeroTieBreaker || !request.isFrom(transport.password)) return;
    const path = this.#paths.get(relay) ?? this.#openPath(transport, relay, from);
    this.#pass(request.withTieBreaker(transport.password), path);
  }

  #pass(datagram: Buffer, path: Path | undefined): void {
    const port = path && this.#transports.get(path.ufrag)?.port;
    if (path && port !== undefined) path.socket.send(datagram, port, LOOPBACK);
  }

  #openPath({ ufrag }: GatedTransport, relay: string, { address, port }: RemoteInfo): Path | undefined {
    const open = [...this.#paths.values()].filter((path) => path.ufrag === ufrag);
    if (open.length >= MAX_PATHS_PER_TRANSPORT) return undefined;
    const socket = createSocket('udp4');
    socket.bind(0, LOOPBACK);
    socket.on('message', (datagram) => this.#socket.send(datagram, port, address));
    socket.on('error', () => undefined);
    const path = { ufrag, socket };
    this.#paths.set(relay, path);
    return path;
  }
}
