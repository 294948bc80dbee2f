import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { percentile, row } from './figures.ts';
import { startProduct } from './product.ts';

const CALLS = 10;
const PHASE_MS = 25_000;
/** Pairs of connections that write to each other; each stays below the backend's 40 messages in 10 s. */
const PAIRS = 4;
const SAY_INTERVAL_MS = 300;
const GOAL_MS = 20;

/**
 * A chat message's round trip on the demo's socket – said, received by the other user's page, answered, received –
 * idle and while {@link CALLS} calls run, whose peers are in a process of their own.
 */
export async function chat(): Promise<void> {
  const product = await startProduct();
  try {
    const idle = await roundTrips(product.url);
    const callers = await startCallers(product.url);
    const busy = await roundTrips(product.url);
    callers.disconnect();
    await once(callers, 'exit');
    print(idle, busy);
  } finally {
    await product.close();
  }
}

async function startCallers(url: string): Promise<ChildProcess> {
  const callers = fork(fileURLToPath(new URL('./callers.ts', import.meta.url)), [url, String(CALLS)], {
    execArgv: ['--import', 'tsx'],
  });
  const [message] = (await once(callers, 'message')) as [unknown];
  if (message !== 'talking') throw new Error(`The callers said ${JSON.stringify(message)}`);
  return callers;
}

/** @returns milliseconds of each round trip of one phase */
async function roundTrips(url: string): Promise<number[]> {
  const pairs = await Promise.all(Array.from({ length: PAIRS }, (_, pair) => Pair.open(url, pair)));
  const measured = await Promise.all(pairs.map((pair) => pair.measure()));
  return measured.flat();
}

/** A page of user 1 that asks and a page of user 2 that answers. */
class Pair {
  readonly #asking: WebSocket;
  readonly #answering: WebSocket;
  readonly #name: string;
  readonly #sentAt = new Map<string, number>();
  readonly #roundTrips: number[] = [];

  private constructor(asking: WebSocket, answering: WebSocket, name: string) {
    this.#asking = asking;
    this.#answering = answering;
    this.#name = name;
    answering.on('message', (data) => {
      const text = this.#heard(data, 1);
      if (text?.startsWith('ask')) say(answering, 1, text.replace('ask', 'answer'));
    });
    asking.on('message', (data) => {
      const text = this.#heard(data, 2);
      const sentAt = text?.startsWith('answer') ? this.#sentAt.get(text.replace('answer', 'ask')) : undefined;
      if (sentAt !== undefined) this.#roundTrips.push(performance.now() - sentAt);
    });
  }

  static async open(url: string, pair: number): Promise<Pair> {
    return new Pair(await enter(url, 1), await enter(url, 2), `pair ${pair} ${Date.now()}`);
  }

  async measure(): Promise<number[]> {
    for (let sent = 0; sent < PHASE_MS / SAY_INTERVAL_MS; sent++) {
      const text = `ask ${this.#name} ${sent}`;
      this.#sentAt.set(text, performance.now());
      say(this.#asking, 2, text);
      await new Promise((resolve) => setTimeout(resolve, SAY_INTERVAL_MS));
    }
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    if (this.#roundTrips.length !== this.#sentAt.size) {
      throw new Error(`${this.#sentAt.size} messages sent, ${this.#roundTrips.length} answered`);
    }
    this.#asking.close();
    this.#answering.close();
    return this.#roundTrips;
  }

  /** The text, if it is of this pair and comes from the other user. */
  #heard(data: WebSocket.RawData, from: number): string | undefined {
    const frame = JSON.parse(String(data)) as {
      id: string;
      message?: { from: number; content: { text?: string } };
    };
    const text = frame.id === 'said' && frame.message?.from === from ? frame.message.content.text : undefined;
    return text?.includes(this.#name) ? text : undefined;
  }
}

async function enter(url: string, user: number): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/demo/chat`);
  await once(socket, 'open');
  socket.send(JSON.stringify({ id: 'enter', user }));
  await once(socket, 'message');
  return socket;
}

function say(socket: WebSocket, to: number, text: string): void {
  socket.send(
    JSON.stringify({
      id: 'say',
      to: { type: 'friend', id: to },
      content: { kind: 'text', text },
      token: text,
    }),
  );
}

function print(idle: number[], busy: number[]): void {
  const figures = (values: number[]) =>
    [50, 99].map((percent) => `p${percent} ${percentile(values, percent).toFixed(2)} ms`);
  const limit = Math.max(2 * percentile(idle, 99), GOAL_MS);
  console.log(`\nRound trip of a chat message, ${idle.length} and ${busy.length} messages`);
  row('idle (baseline)', ...figures(idle));
  row(`during ${CALLS} calls`, ...figures(busy));
  row('ratio of p99', (percentile(busy, 99) / percentile(idle, 99)).toFixed(2));
  console.log(`  goal: p99 during calls ≤ max(2 × idle, ${GOAL_MS} ms) = ${limit.toFixed(1)} ms`);
}
