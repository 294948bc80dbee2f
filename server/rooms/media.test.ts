/** Real sound through a room: ICE, DTLS and SRTP from one page to the others. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Candidate } from '../../protocol/index.ts';
import { type Answerer, Caller } from '../../testing/server/rtp-caller.ts';
import type { RunningServer } from '../server.ts';
import { ADMIN_TOKEN, makeGroup } from '../../testing/server/groups.ts';
import { mediaObjectsOf, packetsReceived } from '../../testing/server/media-objects.ts';
import { startTestPool, type TestPool } from '../../testing/server/start-test-pool.ts';
import { startTestServer } from '../../testing/server/start-test-server.ts';
import { TestClient } from '../../testing/server/test-client.ts';

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

/** The room of a group of Ann, Bob and Cid; Ann has called it, and so moderates. */
async function openRoom(id: string): Promise<[TestClient, TestClient, TestClient]> {
  const names = ['ann', 'bob', 'cid'];
  await makeGroup(server, id, names);
  const pages = await Promise.all(names.map((name) => TestClient.register(server.url, name)));
  const [ann, bob, cid] = pages as [TestClient, TestClient, TestClient];
  ann.send({ id: 'call', reqType: 'group', groupId: id });
  await ann.next('callProgress');
  for (const page of pages) {
    page.send({ id: 'joinRoom', room: id });
    await page.next('existingParticipants');
  }
  return [ann, bob, cid];
}

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

async function connect(client: TestClient, room: string, sender: string, generation = 0): Promise<Caller> {
  const caller = new Caller(ssrc++);
  callers.push(caller);
  await caller.connect(new Stream(client, room, sender, generation));
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
  const pages = await openRoom('g');
  const [ann, bob, cid] = pages;
  const early = await connect(bob, 'g', 'ann');
  const voice = await connect(ann, 'g', 'ann');
  await hears(early, voice, 'early');
  const late = await connect(cid, 'g', 'ann');
  await hears(late, voice, 'late');
  expect(voice.received).toEqual([]);

  const again = await connect(ann, 'g', 'ann', 1);
  await hears(early, again, 'again');
  await hears(late, again, 'again');
  const restarted = await connect(cid, 'g', 'ann', 1);
  await hears(restarted, again, 'restarted');

  bob.send({ id: 'cancelVideoFrom', room: 'g', sender: 'ann' });
  await bob.settled();
  const heard = early.received.length;
  await hears(restarted, again, 'without bob');
  expect(early.received.slice(heard)).not.toContain('without bob');

  for (const page of pages) await page.close();
  await expect.poll(pool.pipelines).toBe(0);
});

const mediaServerUri = () => pool.servers()[0]?.uri ?? '';

/** How many pages get somebody else's media. */
async function connections(medium: 'AUDIO' | 'VIDEO'): Promise<number> {
  return (await mediaObjectsOf(mediaServerUri(), medium)).connections;
}

/** Speaks while the media server forwards nobody's sound, until that has received it all and no more comes. */
async function sayInVain(speaker: Caller): Promise<void> {
  await expect.poll(() => connections('AUDIO')).toBe(0);
  const before = await packetsReceived(mediaServerUri(), speaker.ssrc);
  for (let packet = 0; packet < 20; packet += 1) speaker.say('in vain');
  let former = -1;
  const hasAll = async () => {
    const received = await packetsReceived(mediaServerUri(), speaker.ssrc);
    const isSettled = received === former && received >= before + 20;
    former = received;
    return isSettled;
  };
  await expect.poll(hasAll).toBe(true);
}

test('who is muted is heard by nobody, however it tries, until it says that its audio is on', async () => {
  const pages = await openRoom('m');
  const [ann, bob, cid] = pages;
  const voice = await connect(bob, 'm', 'bob');
  const early = await connect(ann, 'm', 'bob');
  await hears(early, voice, 'before');

  ann.send({ id: 'moderate', room: 'm', action: 'mute', target: 'bob' });
  await bob.next('moderated');
  expect(await cid.next('mediaState')).toMatchObject({ name: 'bob', audio: false, video: true });
  await sayInVain(voice);
  const late = await connect(cid, 'm', 'bob');
  await sayInVain(voice);
  const again = await connect(bob, 'm', 'bob', 1);
  bob.send({ id: 'mediaState', room: 'm', audio: false, video: true });
  await bob.settled();
  await sayInVain(again);
  expect(await connections('VIDEO')).toBe(2);

  bob.send({ id: 'mediaState', room: 'm', audio: true, video: true });
  for (const listener of [early, late]) {
    await hears(listener, again, 'after');
    expect(listener.received).not.toContain('in vain');
  }
  expect(await connections('VIDEO')).toBe(2);

  for (const page of pages) await page.close();
  await expect.poll(pool.pipelines).toBe(0);
});

test('who is muted stays so on another media server', async () => {
  const pages = await openRoom('n');
  const [ann, bob] = pages;
  await connect(bob, 'n', 'bob');
  ann.send({ id: 'moderate', room: 'n', action: 'mute', target: 'bob' });
  await bob.next('moderated');
  for (const pid of pool.workerPids) process.kill(pid, 'SIGKILL');
  const { generation } = await bob.next('restartMedia');
  const voice = await connect(bob, 'n', 'bob', generation);
  const listener = await connect(ann, 'n', 'bob', generation);
  await sayInVain(voice);
  expect(await connections('VIDEO')).toBe(1);
  bob.send({ id: 'mediaState', room: 'n', audio: true, video: true });
  await hears(listener, voice, 'after');
  expect(listener.received).not.toContain('in vain');

  for (const page of pages) await page.close();
  await expect.poll(pool.pipelines).toBe(0);
});
