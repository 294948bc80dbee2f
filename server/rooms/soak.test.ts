/** Random joins, leaves, drops and refusals: at rest everybody gets exactly everybody else, in the end nothing is left. */
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ServerMessage } from '../../protocol/index.ts';
import type { RunningServer } from '../server.ts';
import { ADMIN_TOKEN, makeGroup } from '../../testing/server/groups.ts';
import { mediaObjectsOf } from '../../testing/server/media-objects.ts';
import { startTestPool, type TestPool } from '../../testing/server/start-test-pool.ts';
import { startTestServer } from '../../testing/server/start-test-server.ts';
import { CHROMIUM_OFFER, TestClient } from '../../testing/server/test-client.ts';

const SEED = 20_261_122;
const ACTIONS = 200;
const ACTIONS_BETWEEN_RESTS = 20;
const REST_TIMEOUT_MS = 15_000;
const NAMES = Array.from({ length: 12 }, (_, index) => `u${index}`);
/** They overlap: who is in one call is busy for another. */
const GROUPS = [0, 4, 8].map((first) => ({
  id: `soak${first}`,
  members: [0, 1, 2, 3, 4, 5].map((each) => `u${(first + each) % 12}`),
}));

let pool: TestPool;
let server: RunningServer;

beforeAll(async () => {
  pool = await startTestPool();
  const haste = { callsMax: 1_000, offersMax: 1_000 };
  server = await startTestServer({ ADMIN_TOKEN }, { pool, limits: { graceMs: 200 }, ...haste });
  for (const { id, members } of GROUPS) await makeGroup(server, id, members);
});

afterAll(async () => {
  await server.close();
  await pool.close();
});

/** Said about a room to those in it. */
const NEWS = { newParticipantArrived: 1, participantLeft: 1, receiveVideoAnswer: 1 };

/** A page that takes part as the widget does, and the state of its room as it believes it to be. */
class Page {
  readonly name: string;
  readonly others = new Set<string>();
  /** Whose media it has an answer for. */
  readonly received = new Set<string>();
  room: string | undefined;
  ring: string | undefined;
  client!: TestClient;

  constructor(name: string) {
    this.name = name;
  }

  async open(): Promise<void> {
    this.#forget();
    this.#attach(await TestClient.register(server.url, this.name));
  }

  /** One thing that people do. */
  async act(random: () => number): Promise<void> {
    const chance = random();
    if (this.room !== undefined) {
      if (chance < 0.4) return this.#leave();
      if (chance < 0.6) return this.#drop();
      if (chance < 0.8) return this.#resume();
      return this.#secondTab();
    }
    if (this.ring !== undefined && chance < 0.5) {
      this.client.send({ id: 'incomingCallResponse', callId: this.ring, callResponse: 'reject' });
      this.ring = undefined;
      return;
    }
    const mine = GROUPS.filter(({ members }) => members.includes(this.name));
    const group = mine[Math.floor(random() * mine.length)];
    if (!group) return;
    this.client.send({ id: 'call', reqType: 'group', groupId: group.id });
    this.client.send({ id: 'joinRoom', room: group.id });
    await this.client.settled();
  }

  #leave(): void {
    this.client.send({ id: 'leaveRoom', room: this.room });
    this.#forget();
  }

  async #drop(): Promise<void> {
    this.client.socket.terminate();
    await this.open();
  }

  async #resume(): Promise<void> {
    const { resumeToken } = this.client;
    this.client.socket.terminate();
    const next = await TestClient.connect(server.url);
    this.#attach(next);
    next.send({ id: 'resume', resumeToken });
    const { response } = await next.next('registerResponse');
    if (response === 'rejected') await this.open();
  }

  async #secondTab(): Promise<void> {
    const { room, client } = this;
    await this.open();
    this.client.send({ id: 'joinRoom', room: room ?? '' });
    await this.client.settled();
    await client.close();
  }

  #forget(): void {
    this.room = undefined;
    this.ring = undefined;
    this.others.clear();
    this.received.clear();
  }

  #attach(client: TestClient): void {
    this.client = client;
    client.onMessage = (message) => {
      // News of the room that was left just now may still be on its way.
      const isOld = 'room' in message && message.room !== this.room && message.id in NEWS;
      if (this.client === client && !isOld) this.#take(message);
    };
  }

  #take(message: ServerMessage): void {
    switch (message.id) {
      case 'existingParticipants':
        this.room = message.room;
        this.ring = undefined;
        for (const name of [this.name, ...message.data]) this.#receive(name);
        return;
      case 'newParticipantArrived':
        return this.#receive(message.name);
      case 'participantLeft':
        this.others.delete(message.name);
        this.received.delete(message.name);
        return;
      case 'receiveVideoAnswer':
        this.received.add(message.name);
        return;
      case 'incomingCall':
        this.ring = message.callId;
        return;
      case 'stopCommunication':
        if (this.ring === message.callId) this.ring = undefined;
        if (this.room === message.room) this.#forget();
    }
  }

  #receive(sender: string): void {
    if (sender !== this.name) this.others.add(sender);
    this.client.send({ id: 'receiveVideoFrom', room: this.room, sender, sdpOffer: CHROMIUM_OFFER });
  }
}

/** What is not as it should be, in words. */
async function faults(pages: readonly Page[]): Promise<string[]> {
  const found: string[] = [];
  let endpoints = 0;
  let connections = 0;
  let rooms = 0;
  for (const { id } of GROUPS) {
    const inside = pages.filter(({ room }) => room === id);
    endpoints += inside.length ** 2;
    connections += inside.length * (inside.length - 1);
    rooms += inside.length > 0 ? 1 : 0;
    for (const { name, others, received } of inside) {
      const expected = inside.map((page) => page.name).filter((other) => other !== name);
      if (!isSame(others, expected)) found.push(`${name} in ${id} sees ${[...others]}, not ${expected}`);
      if (!isSame(received, [name, ...expected])) found.push(`${name} in ${id} receives ${[...received]}`);
    }
  }
  const [mediaServer] = pool.servers();
  const objects = await mediaObjectsOf(mediaServer?.uri ?? '');
  const expected = { pipelines: rooms, endpoints, connections };
  if (JSON.stringify(objects) !== JSON.stringify(expected)) {
    found.push(`the media server has ${JSON.stringify(objects)}, not ${JSON.stringify(expected)}`);
  }
  return found;
}

function isSame(set: ReadonlySet<string>, names: readonly string[]): boolean {
  return set.size === names.length && names.every((name) => set.has(name));
}

/** Mulberry32: small, and the same everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test('200 random acts of 12 people in 3 groups', { timeout: 120_000 }, async () => {
  const random = randomFrom(SEED);
  const pages = NAMES.map((name) => new Page(name));
  await Promise.all(pages.map((page) => page.open()));
  let joined = 0;
  for (let acted = 0; acted < ACTIONS; acted += ACTIONS_BETWEEN_RESTS) {
    const acting = new Map<Page, Promise<void>>();
    for (let each = 0; each < ACTIONS_BETWEEN_RESTS; each += 1) {
      const page = pages[Math.floor(random() * pages.length)] as Page;
      // One after the other for each page; different pages at the same time.
      const before = acting.get(page) ?? Promise.resolve();
      acting.set(
        page,
        before.then(() => page.act(random)),
      );
    }
    await Promise.all(acting.values());
    await expect.poll(() => faults(pages), { timeout: REST_TIMEOUT_MS, interval: 100 }).toEqual([]);
    joined += pages.filter(({ room }) => room !== undefined).length;
  }
  // Otherwise the rests would have had nothing to show.
  expect(joined).toBeGreaterThan(ACTIONS / ACTIONS_BETWEEN_RESTS);

  for (const { client } of pages) client.socket.close(1001);
  await Promise.all(pages.map(({ client }) => once(client.socket, 'close')));
  const none = { pipelines: 0, endpoints: 0, connections: 0 };
  await expect.poll(() => mediaObjectsOf(pool.servers()[0]?.uri ?? '')).toEqual(none);
  const late = await TestClient.connect(server.url);
  late.send({ id: 'register', name: 'u0' });
  expect(await late.next('registerResponse')).toMatchObject({ groupCalls: [] });
  await late.close();
});
