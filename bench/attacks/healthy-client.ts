import { once } from 'node:events';
import { WebSocket } from 'ws';

const PING_INTERVAL_MS = 25;
/** How long pongs are awaited when the measuring ends. */
const LAST_PONG_MS = 5_000;

/** A well-behaved page that pings the server and measures how long the pongs take. */
export class HealthyClient {
  readonly #socket: WebSocket;
  readonly #sentAt: number[] = [];
  #roundTrips: number[] = [];

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => {
      if (!String(data).includes('"pong"')) return;
      const sentAt = this.#sentAt.shift();
      if (sentAt !== undefined) this.#roundTrips.push(performance.now() - sentAt);
    });
  }

  /**
   * @param url the server's, with `http`
   * @param credentials of the `register` message
   * @throws Error when the registration is refused
   */
  static async register(url: string, credentials: object): Promise<HealthyClient> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/signal`);
    await once(socket, 'open');
    socket.send(JSON.stringify({ id: 'register', protocol: 2, ...credentials }));
    const [answer] = (await once(socket, 'message')) as [WebSocket.RawData];
    if (!String(answer).includes('"accepted"')) throw new Error(`The healthy client was refused: ${answer}`);
    return new HealthyClient(socket);
  }

  /**
   * Pings until `done` is settled.
   * @returns milliseconds of every round trip
   * @throws Error when a ping was never answered
   */
  async measureUntil(done: Promise<unknown>): Promise<number[]> {
    this.#roundTrips = [];
    const pinging = setInterval(() => {
      this.#sentAt.push(performance.now());
      this.#socket.send('{"id":"ping"}');
    }, PING_INTERVAL_MS);
    try {
      await done;
    } finally {
      clearInterval(pinging);
    }
    const deadline = performance.now() + LAST_PONG_MS;
    while (this.#sentAt.length > 0) {
      if (performance.now() > deadline) throw new Error(`${this.#sentAt.length} pings were never answered`);
      await new Promise((resolve) => setTimeout(resolve, PING_INTERVAL_MS));
    }
    return this.#roundTrips;
  }

  close(): void {
    this.#socket.terminate();
  }
}
