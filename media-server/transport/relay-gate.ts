import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';
import { BindingRequest } from './binding-request.ts';

const LOOPBACK = '127.0.0.1';
/** Lower than that of any candidate of libdatachannel, so that it is used last (RFC 8445, section 5.1.2). */
const PRIORITY = 1;
/** A browser has one or two relays. */
const MAX_RELAYS_PER_TRANSPORT = 8;
const PORT_ATTEMPTS = 50;

/** A transport that is reachable through the gate. */
interface RegisteredTransport {
  /** Its ICE credentials. */
  readonly ufrag: string;
  readonly password: string;
  /** The UDP port at which it listens on this machine. */
  readonly port: number;
}

/** The path from one relay to one transport, which sees the socket's address in place of the relay's. */
interface Path {
  readonly ufrag: string;
  readonly socket: Socket;
}

/**
 * The TURN workaround. Behind a TURN server that it reaches over TCP, Chromium sends its connectivity checks with a
 * tie-breaker of zero. That is allowed (RFC 8445, section 16.1), but libdatachannel takes it for a missing one and
 * refuses the check, so that no connection is established. The gate is a UDP port of its own, offered as a further
 * candidate: it replaces the tie-breaker and passes everything on. It ignores checks that need no replacement, so that
 * no other connection takes the detour.
 */
export class RelayGate {
  readonly #socket: Socket;
  readonly #transports = new Map<string, RegisteredTransport>();
  /** By address and port of the relay. */
  readonly #paths = new Map<string, Path>();

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (datagram, from) => this.#receive(datagram, from));
    socket.on('error', () => undefined);
  }

  /**
   * @param options.portRange UDP ports of which it takes a free one; any port when missing
   * @throws the error of `bind` when no port is free
   */
  static async open({ portRange }: { portRange?: { min: number; max: number } } = {}): Promise<RelayGate> {
    // Starts at the top, because libdatachannel starts at the bottom.
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

  /** Forwards to this transport what arrives for it from now on. */
  register(transport: RegisteredTransport): void {
    this.#transports.set(transport.ufrag, transport);
  }

  /** Stops forwarding to the transport with this username fragment, and closes its sockets. */
  unregister(ufrag: string): void {
    this.#transports.delete(ufrag);
    for (const [relay, path] of this.#paths) {
      if (path.ufrag !== ufrag) continue;
      this.#paths.delete(relay);
      path.socket.close();
    }
  }

  /**
   * The gate as a candidate at the same address as one of a transport's own.
   * @param candidate `candidate:…`
   * @returns null when it is not a host candidate of UDP over IPv4, where the gate listens
   */
  candidateFor(candidate: string): string | null {
    const [, component, protocol, , address = '', , , type] = candidate.split(' ');
    if (protocol?.toUpperCase() !== 'UDP' || type !== 'host' || !isIPv4(address)) return null;
    return `candidate:gate ${component} UDP ${PRIORITY} ${address} ${this.port} typ host`;
  }

  /** Unregisters all transports and frees the port. */
  close(): void {
    for (const ufrag of [...this.#transports.keys()]) this.unregister(ufrag);
    this.#socket.close();
  }

  #receive(datagram: Buffer, from: RemoteInfo): void {
    // Port 0 can be forged as a source, but cannot be answered: dgram throws.
    if (from.port === 0) return;
    const relay = `${from.address}:${from.port}`;
    const request = BindingRequest.parse(datagram);
    if (!request) return this.#pass(datagram, this.#paths.get(relay));
    const transport = this.#transports.get(request.ufrag);
    if (!transport || !request.hasZeroTieBreaker || !request.isSignedWith(transport.password)) return;
    const path = this.#paths.get(relay) ?? this.#openPath(transport, relay, from);
    this.#pass(request.withTieBreaker(transport.password), path);
  }

  #pass(datagram: Buffer, path: Path | undefined): void {
    const port = path && this.#transports.get(path.ufrag)?.port;
    if (path && port !== undefined) path.socket.send(datagram, port, LOOPBACK);
  }

  #openPath({ ufrag }: RegisteredTransport, relay: string, { address, port }: RemoteInfo): Path | undefined {
    const open = [...this.#paths.values()].filter((path) => path.ufrag === ufrag);
    if (open.length >= MAX_RELAYS_PER_TRANSPORT) return undefined;
    const socket = createSocket('udp4');
    socket.bind(0, LOOPBACK);
    socket.on('message', (datagram) => this.#socket.send(datagram, port, address));
    socket.on('error', () => undefined);
    const path = { ufrag, socket };
    this.#paths.set(relay, path);
    return path;
  }
}
