import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A TCP proxy whose line can be cut, or go silent, as a database's does. */
export class CutableProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #target: URL;
  #state: 'open' | 'cut' | 'silent' = 'open';

  private constructor(target: URL) {
    this.#target = target;
    this.#server = createServer((client) => this.#accept(client));
  }

  /** @param target the database's address; its host and port are what the proxy connects to */
  static async listen(target: string): Promise<CutableProxy> {
    const proxy = new CutableProxy(new URL(target));
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** The database's address through the proxy. */
  get url(): string {
    const url = new URL(this.#target);
    url.host = `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return url.href;
  }

  /** Ends all connections, and each new one at once. */
  cut(): void {
    this.#state = 'cut';
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Keeps all connections, and lets nothing through any more: not even that they have ended. */
  silence(): void {
    this.#state = 'silent';
    for (const socket of this.#sockets) socket.pause().unpipe();
  }

  /** Lets new connections through again; those that were silenced stay silent. */
  mend(): void {
    this.#state = 'open';
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    this.#keep(client);
    if (this.#state === 'cut') return void client.destroy();
    if (this.#state === 'silent') return;
    const database = connect(Number(this.#target.port), this.#target.hostname);
    this.#keep(database);
    client.pipe(database).pipe(client);
    client.once('close', () => database.destroy());
    database.once('close', () => client.destroy());
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.#sockets.delete(socket));
  }
}
