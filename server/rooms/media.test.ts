/** Real sound through a room: ICE, DTLS and SRTP from one page to the others. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Candidate } from '../../protocol/index.ts';
import { type Answerer, Caller } from '../media/test/Caller.ts';
import type { RunningServer } from '../server.ts';
import { ADMIN_TOKEN, makeGroup } from '../test/groups.ts';
import { startTestPool, type TestPool } from '../test/startTestPool.ts';
import { startTestServer } from '../test/startTestServer.ts';
import { TestClient } from '../test/TestClient.ts';

let pool: TestPool;
let server: RunningServer;
const callers: Caller[] = [];

beforeAll(async () => {
  pool = await startTestPool();
  server = await startTestServer({ ADMIN_TOKEN }, { pool });
});

afterAll(async () => {
  for (const caller of callers) caller.close();
  await server.close();
  await pool.close();
});

/** One of a page's streams, on its way over the page's socket. */
class Stream implements Answerer {
  readonly #client: TestClient;
  readonly #about: { readonly room: string; readonly name: string; readonly generation: number };
  readonly #early: Candidate[] = [];
  #listener: (candidate: Candidate) => void = () => undefined;
  #isAnswered = false;

  constructor(client: TestClient, room: string, name: string, generation: number) {
    this.#client = client;
    this.#about = { room, name, generation };
    const { onMessage } = client;
    client.onMessage = (message) => {
      onMessage(message);
      const isMine = message.id === 'iceCandidate' && message.name === name;
      if (isMine && message.generation === generation) this.#found(message.candidate);
    };
  }

  async negotiate(sdpOffer: string): Promise<string> {
    const { room, name: sender, generation } = this.#about;
    this.#client.send({ id: 'receiveVideoFrom', room, sender, sdpOffer, generation });
    const { name, sdpAnswer } = await this.#client.next('receiveVideoAnswer');
    expect(name).toBe(sender);
    setImmediate(() => {
      this.#isAnswered = true;
      for (const candidate of this.#early) this.#listener(candidate);
    });
    return sdpAnswer;
  }

  addCandidate(candidate: Candidate): void {
    this.#client.send({ id: 'onIceCandidate', candidate, ...this.#about });
  }

  on(_event: 'candidate', listener: (candidate: Candidate) => void): void {
    this.#listener = listener;
  }

  /** libdatachannel takes a candidate only once it has the answer. */
  #found(candidate: Candidate): void {
    if (this.#isAnswered) this.#listener(candidate);
    else this.#early.push(candidate);
  }
}

let ssrc = 1000;

async function connect(client: TestClient, sender: string, generation = 0): Promise<Caller> {
  const caller = new Caller(ssrc++);
  callers.push(caller);
  await caller.connect(new Stream(client, 'g', sender, generation));
  return caller;
}

async function hears(listener: Caller, speaker: Caller, text: string): Promise<void> {
  await expect
    .poll(() => {
      speaker.say(text);
      return listener.received;
    })
    .toContain(text);
}

test('each hears whom it asked for, also who speaks later or starts anew; nobody hears itself', async () => {
  await makeGroup(server, 'g', ['ann', 'bob', 'cid']);
  const pages = await Promise.all(['ann', 'bob', 'cid'].map((name) => TestClient.register(server.url, name)));
  const [ann, bob, cid] = pages as [TestClient, TestClient, TestClient];
  ann.send({ id: 'call', reqType: 'group', groupId: 'g' });
  await ann.next('callProgress');
  for (const page of pages) {
    page.send({ id: 'joinRoom', room: 'g' });
    await page.next('existingParticipants');
  }

  const early = await connect(bob, 'ann');
  const voice = await connect(ann, 'ann');
  await hears(early, voice, 'early');
  const late = await connect(cid, 'ann');
  await hears(late, voice, 'late');
  expect(voice.received).toEqual([]);

  const again = await connect(ann, 'ann', 1);
  await hears(early, again, 'again');
  await hears(late, again, 'again');
  const restarted = await connect(cid, 'ann', 1);
  await hears(restarted, again, 'restarted');

  bob.send({ id: 'cancelVideoFrom', room: 'g', sender: 'ann' });
  await bob.settled();
  const heard = early.received.length;
  await hears(restarted, again, 'without bob');
  expect(early.received.slice(heard)).not.toContain('without bob');

  for (const page of pages) await page.close();
  await expect.poll(pool.pipelines).toBe(0);
});
