/** One-to-one calls between widgets, with real sockets and the real media server. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { pino } from 'pino';
import type { ServerMessageInput } from '../../protocol/index.ts';
import { LocalOccupancy } from '../cluster/occupancy.ts';
import { LocalPresence } from '../cluster/presence.ts';
import type { RunningServer } from '../server.ts';
import { mediaObjectsOf } from '../../testing/server/media-objects.ts';
import { startTestPool, type TestPool } from '../../testing/server/start-test-pool.ts';
import { startTestServer } from '../../testing/server/start-test-server.ts';
import { CHROMIUM_OFFER, TestClient } from '../../testing/server/test-client.ts';
import type { CallRecord } from '../groups/index.ts';
import { Calls } from './calls.ts';

let pool: TestPool;
let server: RunningServer;
const records: CallRecord[] = [];
const clients: TestClient[] = [];

beforeAll(async () => {
  pool = await startTestPool();
  const taking = { record: (record: CallRecord) => void records.push(record) };
  server = await startTestServer({}, { pool, records: taking, callsMax: 1_000 });
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await expect.poll(pool.pipelines).toBe(0);
});

afterAll(async () => {
  await server.close();
  await pool.close();
});

async function open(name: string): Promise<TestClient> {
  const client = await TestClient.register(server.url, name);
  clients.push(client);
  return client;
}

async function ring(caller: TestClient, to: string, callee: TestClient): Promise<string> {
  caller.send({ id: 'call', to, sdpOffer: CHROMIUM_OFFER });
  return (await callee.next('incomingCall')).callId;
}

async function talk(caller: TestClient, to: string, callee: TestClient): Promise<string> {
  const callId = await ring(caller, to, callee);
  callee.send({ id: 'incomingCallResponse', callId, callResponse: 'accept', sdpOffer: CHROMIUM_OFFER });
  await caller.next('callResponse');
  await callee.next('startCommunication');
  return callId;
}

test('all of the callee rings; the first click wins, and a new tab rings too', async () => {
  const [caller, phone, laptop] = [await open('a'), await open('b'), await open('b')];
  const callId = await ring(caller, 'b', phone);
  await laptop.next('incomingCall');
  const reloaded = await open('b');
  expect((await reloaded.next('incomingCall')).callId).toBe(callId);

  reloaded.send({ id: 'answering', callId });
  for (const other of [phone, laptop]) {
    expect(await other.next('stopCommunication')).toMatchObject({ callId, reason: 'answered-elsewhere' });
  }
  phone.send({ id: 'incomingCallResponse', callId, callResponse: 'accept', sdpOffer: CHROMIUM_OFFER });
  expect(await phone.next('stopCommunication')).toMatchObject({ reason: 'answered-elsewhere' });
  reloaded.send({ id: 'incomingCallResponse', callId, callResponse: 'accept', sdpOffer: CHROMIUM_OFFER });
  await reloaded.next('startCommunication');
  reloaded.send({ id: 'stop', callId });
  expect(await caller.next('stopCommunication')).toMatchObject({ reason: 'hangup' });
  expect(records.at(-1)).toMatchObject({ callId, outcome: 'answered', reason: 'hangup', endedBy: 'b' });
});

test('one tab says no for all', async () => {
  const [caller, phone, laptop] = [await open('a'), await open('b'), await open('b')];
  const callId = await ring(caller, 'b', phone);
  await laptop.next('incomingCall');
  phone.send({ id: 'incomingCallResponse', callId, callResponse: 'reject', code: 'declined' });
  expect(await laptop.next('stopCommunication')).toMatchObject({ reason: 'declined-elsewhere' });
  expect(await caller.next('callResponse')).toMatchObject({ callId, response: 'rejected', code: 'declined' });
  await phone.settled();
  expect(phone.inbox).toEqual([]);
});

test('what was prepared while it rang needs no second offer, and the same answer starts the call', async () => {
  const [caller, callee] = [await open('a'), await open('b')];
  const callId = await ring(caller, 'b', callee);
  callee.send({ id: 'prepare', callId, sdpOffer: CHROMIUM_OFFER });
  // Does not wait for the answer: the accept does.
  callee.send({ id: 'incomingCallResponse', callId, callResponse: 'accept' });
  const { sdpAnswer } = await callee.next('prepared');
  expect((await callee.next('startCommunication')).sdpAnswer).toBe(sdpAnswer);
  await caller.next('callResponse');
});

test('an accept that has nothing prepared, or something that failed, is asked for its offer', async () => {
  const [caller, callee] = [await open('a'), await open('b')];
  const callId = await ring(caller, 'b', callee);
  callee.send({ id: 'incomingCallResponse', callId, callResponse: 'accept' });
  expect(await callee.next('error')).toMatchObject({ code: 'need-offer', inReplyTo: 'incomingCallResponse' });
  callee.send({ id: 'prepare', callId, sdpOffer: 'nonsense' });
  expect(await callee.next('error')).toMatchObject({ code: 'bad-sdp', inReplyTo: 'prepare' });
  callee.send({ id: 'incomingCallResponse', callId, callResponse: 'accept', sdpOffer: CHROMIUM_OFFER });
  await callee.next('startCommunication');
  expect(await caller.next('callResponse')).toMatchObject({ response: 'accepted' });
});

test('an offer that nobody understands is told to who made it, and ends the call for both', async () => {
  const [caller, callee] = [await open('a'), await open('b')];
  caller.send({ id: 'call', to: 'b', sdpOffer: 'nonsense' });
  expect(await caller.next('error')).toMatchObject({ code: 'bad-sdp', inReplyTo: 'call' });
  expect(await caller.next('callResponse')).toMatchObject({ response: 'rejected', code: 'media-failed' });
  expect(await callee.next('stopCommunication')).toMatchObject({ reason: 'media-failed' });
  await callee.next('missedCall');
});

test('who is busy is not rung but learns of it; who is in a call cannot start another', async () => {
  const [a, b, c] = [await open('a'), await open('b'), await open('c')];
  await ring(a, 'b', b);
  c.send({ id: 'call', to: 'b', media: 'audio', sdpOffer: CHROMIUM_OFFER });
  const { callId, ...refusal } = await c.next('callResponse');
  expect(refusal).toMatchObject({ response: 'rejected', code: 'busy' });
  expect(await b.next('missedCall')).toMatchObject({ callId, from: 'c', media: 'audio' });
  expect(records.at(-1)).toMatchObject({ callId, outcome: 'busy' });

  const otherTab = await open('a');
  otherTab.send({ id: 'call', to: 'c', sdpOffer: CHROMIUM_OFFER });
  expect(await otherTab.next('error')).toMatchObject({ code: 'already-in-call', inReplyTo: 'call' });
});

test('nobody can call who is not there, or oneself', async () => {
  const caller = await open('a');
  caller.send({ id: 'call', to: 'nobody', sdpOffer: CHROMIUM_OFFER });
  expect(await caller.next('callResponse')).toMatchObject({ code: 'offline' });
  caller.send({ id: 'call', to: 'a', sdpOffer: CHROMIUM_OFFER });
  expect(await caller.next('callResponse')).toMatchObject({ code: 'not-allowed' });
});

test('who has gone before its call is handled calls nobody, and is free', async () => {
  const presence = new LocalPresence();
  const occupancy = new LocalOccupancy();
  const rung: ServerMessageInput[] = [];
  const connection = (name: string) =>
    ({
      id: `${name}/1`,
      user: { name, displayName: name, avatar: '' },
      dialect: 'widget',
      protocol: 2,
    }) as const;
  await presence.add(connection('b'), (message) => rung.push(message));
  const calls = new Calls({
    presence,
    occupancy,
    pool,
    records: { record: () => undefined },
    ringTimeoutMs: 1000,
    logger: pino({ level: 'silent' }),
  });
  const call = { id: 'call', reqType: 'ptop', to: 'b', media: 'video', sdpOffer: CHROMIUM_OFFER } as const;
  await calls.start(connection('a'), { ...call, from: undefined });
  expect(rung).toEqual([]);
  expect(calls.size).toBe(0);
  for (const name of ['a', 'b']) expect(await occupancy.of(name)).toBeUndefined();
});

test('both call each other', async () => {
  const [a, b, otherTab] = [await open('a'), await open('b'), await open('b')];
  const callId = await ring(a, 'b', b);
  await otherTab.next('incomingCall');
  b.send({ id: 'call', to: 'a', sdpOffer: CHROMIUM_OFFER });
  expect(await a.next('callResponse')).toMatchObject({ callId, response: 'accepted' });
  expect(await b.next('callResponse')).toMatchObject({ callId, response: 'accepted' });
  expect(await otherTab.next('stopCommunication')).toMatchObject({ reason: 'answered-elsewhere' });
});

test('the caller gives up: the ringing stops and the call was missed', async () => {
  const [caller, callee] = [await open('a'), await open('b')];
  const callId = await ring(caller, 'b', callee);
  caller.send({ id: 'stop', callId });
  expect(await callee.next('stopCommunication')).toMatchObject({ callId, reason: 'cancelled' });
  expect(await callee.next('missedCall')).toMatchObject({ callId, from: 'a', media: 'video' });
  expect(records.at(-1)).toMatchObject({ callId, outcome: 'cancelled', endedBy: 'a' });
});

test('ringing outlives the last tab that rang; a call to nobody left goes unanswered', async () => {
  const quick = await startTestServer({ RING_TIMEOUT: '1' }, { pool });
  try {
    const caller = await TestClient.register(quick.url, 'a');
    const callee = await TestClient.register(quick.url, 'b');
    const callId = await ring(caller, 'b', callee);
    await callee.close();
    expect(await caller.next('callResponse')).toMatchObject({ callId, code: 'no-answer' });
  } finally {
    await quick.close();
  }
});

test('who clicked on "accept" but opens no device in time has none', async () => {
  const quick = await startTestServer({}, { pool, answerTimeoutMs: 50 });
  try {
    const caller = await TestClient.register(quick.url, 'a');
    const callee = await TestClient.register(quick.url, 'b');
    const callId = await ring(caller, 'b', callee);
    callee.send({ id: 'answering', callId });
    expect(await caller.next('callResponse')).toMatchObject({ code: 'no-device' });
    await callee.next('stopCommunication');
  } finally {
    await quick.close();
  }
});

test('what one sends is told to the other, also what was told before it was answered', async () => {
  const [caller, callee] = [await open('a'), await open('b')];
  const callId = await ring(caller, 'b', callee);
  caller.send({ id: 'mediaState', callId, audio: true, video: false });
  callee.send({ id: 'incomingCallResponse', callId, callResponse: 'accept', sdpOffer: CHROMIUM_OFFER });
  expect(await callee.next('mediaState')).toMatchObject({ callId, name: 'a', audio: true, video: false });
  callee.send({ id: 'mediaState', callId, audio: false, video: true, screen: true });
  expect(await caller.next('mediaState')).toMatchObject({ name: 'b', screen: true });
  callee.send({ id: 'quality', callId, roundTripMs: 20 });
  callee.send({ id: 'stop', callId });
  await caller.next('stopCommunication');
  expect(records.at(-1)?.participants[1]).toMatchObject({ name: 'b', quality: { roundTripMs: 20 } });
});

test('a new offer in a running call is answered; one of an old generation is not', async () => {
  const [caller, callee] = [await open('a'), await open('b')];
  const callId = await talk(caller, 'b', callee);
  caller.send({ id: 'offer', callId, sdpOffer: CHROMIUM_OFFER, generation: 1 });
  expect(await caller.next('answer')).toMatchObject({ callId, generation: 1 });
  let candidate = await caller.next('iceCandidate');
  while (candidate.generation === 0) candidate = await caller.next('iceCandidate');
  expect(candidate.generation).toBe(1);
  caller.send({ id: 'offer', callId, sdpOffer: CHROMIUM_OFFER, generation: 1 });
  caller.send({ id: 'offer', callId, sdpOffer: 'nonsense', generation: 2 });
  expect(await caller.next('error')).toMatchObject({ code: 'bad-sdp', inReplyTo: 'offer' });
  expect(caller.inbox.filter(({ id }) => id === 'answer')).toEqual([]);
});

test('offers that overtake one another, the last of them bad, leave each party the endpoint it has', async () => {
  const [caller, callee] = [await open('a'), await open('b')];
  const callId = await talk(caller, 'b', callee);
  const mediaServer = pool.servers()[0]?.uri ?? '';
  const both = { pipelines: 1, endpoints: 2, connections: 2 };
  await expect.poll(() => mediaObjectsOf(mediaServer)).toEqual(both);
  for (const [generation, sdpOffer] of [CHROMIUM_OFFER, CHROMIUM_OFFER, 'nonsense'].entries()) {
    caller.send({ id: 'offer', callId, sdpOffer, generation: generation + 1 });
  }
  expect(await caller.next('error')).toMatchObject({ code: 'bad-sdp', inReplyTo: 'offer' });
  await expect.poll(() => mediaObjectsOf(mediaServer)).toEqual(both);
});

test('a call survives the death of its media server; new calls wait for no miracle', async () => {
  const [caller, callee, third] = [await open('a'), await open('b'), await open('c')];
  const callId = await talk(caller, 'b', callee);
  for (const pid of pool.workerPids) process.kill(pid, 'SIGKILL');
  await expect.poll(() => pool.available).toBe(false);
  const fourth = await open('d');
  third.send({ id: 'call', to: 'd', sdpOffer: CHROMIUM_OFFER });
  expect(await third.next('callResponse')).toMatchObject({ code: 'media-unavailable' });
  expect(fourth.inbox).toEqual([]);

  for (const client of [caller, callee]) {
    expect(await client.next('restartMedia')).toEqual({ id: 'restartMedia', callId, generation: 1 });
    client.send({ id: 'offer', callId, sdpOffer: CHROMIUM_OFFER, generation: 1 });
  }
  for (const client of [caller, callee]) {
    expect(await client.next('answer')).toMatchObject({ callId, generation: 1 });
  }
  caller.send({ id: 'stop', callId });
  expect(await callee.next('stopCommunication')).toMatchObject({ reason: 'hangup' });
});

test('a message about a call that is none of one’s business is refused, one that crossed its end is not', async () => {
  const [caller, callee, stranger] = [await open('a'), await open('b'), await open('c')];
  const callId = await talk(caller, 'b', callee);
  stranger.send({ id: 'stop', callId });
  expect(await stranger.next('error')).toMatchObject({ code: 'unknown-call', inReplyTo: 'stop' });
  stranger.send({ id: 'offer', callId, sdpOffer: CHROMIUM_OFFER, generation: 9 });
  expect(await stranger.next('error')).toMatchObject({ code: 'unknown-call' });
  const otherTab = await open('a');
  otherTab.send({ id: 'stop', callId });
  await otherTab.settled();
  caller.send({ id: 'stop', callId });
  callee.send({ id: 'stop', callId });
  await callee.next('stopCommunication');
  await callee.settled();
  expect(callee.inbox.filter(({ id }) => id === 'error')).toEqual([]);
});

test('the server stops: everybody in a call learns why', async () => {
  const stopping = await startTestServer({}, { pool });
  const caller = await TestClient.register(stopping.url, 'a');
  const callee = await TestClient.register(stopping.url, 'b');
  const callId = await talk(caller, 'b', callee);
  const closed = Promise.all([caller.closed(), callee.closed()]);
  await stopping.close();
  expect(await closed).toEqual([1001, 1001]);
  expect(caller.inbox).toContainEqual({ id: 'stopCommunication', callId, reason: 'shutdown' });
});
