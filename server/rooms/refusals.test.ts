/** What hinders a group call, as its pages are told, and what must not hurt anybody. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ClientMessageInput } from '../../protocol/index.ts';
import type { RunningServer } from '../server.ts';
import { ADMIN_TOKEN, admin, makeGroup } from '../../testing/server/groups.ts';
import { startTestPool, type TestPool } from '../../testing/server/start-test-pool.ts';
import { startTestServer } from '../../testing/server/start-test-server.ts';
import { STAND_IN_POOL } from '../../testing/server/stand-in-pool.ts';
import { CHROMIUM_OFFER, TestClient } from '../../testing/server/test-client.ts';

let pool: TestPool;
let server: RunningServer;
let ann: TestClient;

beforeAll(async () => {
  pool = await startTestPool();
  server = await startTestServer({ ADMIN_TOKEN }, { pool });
  await makeGroup(server, 'g', ['ann', 'bob']);
  await makeGroup(server, 'others', ['bob', 'cid']);
  await makeGroup(server, 'alone', ['ann']);
  ann = await TestClient.register(server.url, 'ann');
});

afterEach(async () => {
  ann.send({ id: 'leaveRoom' });
  await ann.settled();
  ann.inbox.length = 0;
  await expect.poll(pool.pipelines).toBe(0);
});

afterAll(async () => {
  await ann.close();
  await server.close();
  await pool.close();
});

const CANDIDATE = { candidate: 'candidate:1 1 udp 1 192.0.2.1 5000 typ host', sdpMid: '0', sdpMLineIndex: 0 };

test.each<[ClientMessageInput, string]>([
  [{ id: 'call', reqType: 'group', groupId: 'nowhere' }, 'unknown-group'],
  [{ id: 'call', reqType: 'group', groupId: 'others' }, 'not-a-member'],
  [{ id: 'call', reqType: 'group', groupId: 'alone' }, 'group-of-one'],
  [{ id: 'joinRoom', room: 'g' }, 'unknown-room'],
  [{ id: 'joinRoom', room: 'g', name: 'bob' }, 'not-allowed'],
  [{ id: 'leaveRoom', room: 'g' }, 'unknown-room'],
  [{ id: 'invite', room: 'g', to: ['bob'] }, 'unknown-room'],
  [{ id: 'moderate', room: 'g', action: 'end' }, 'unknown-room'],
  [{ id: 'mediaState', room: 'g', audio: true, video: true }, 'unknown-room'],
  [{ id: 'receiveVideoFrom', sender: 'bob', sdpOffer: CHROMIUM_OFFER }, 'unknown-room'],
  [{ id: 'onIceCandidate', room: 'g', name: 'bob', candidate: CANDIDATE }, 'unknown-room'],
])('outside of a room, %j is refused as %s', async (message, code) => {
  ann.send(message);
  expect(await ann.next('error')).toMatchObject({ code, inReplyTo: message.id });
});

test('inside, offers that cannot be used and people who are not there are refused; the room goes on', async () => {
  ann.send({ id: 'call', reqType: 'group', groupId: 'g' });
  const { callId } = await ann.next('callProgress');
  ann.send({ id: 'joinRoom', room: 'g' });
  await ann.next('existingParticipants');
  ann.send({ id: 'receiveVideoFrom', room: 'g', sender: 'ann', sdpOffer: 'nonsense' });
  expect(await ann.next('error')).toMatchObject({ code: 'bad-sdp', inReplyTo: 'receiveVideoFrom' });
  ann.send({ id: 'receiveVideoFrom', room: 'g', sender: 'bob', sdpOffer: CHROMIUM_OFFER });
  expect(await ann.next('error')).toMatchObject({ code: 'no-such-participant' });
  ann.send({ id: 'moderate', room: 'g', action: 'mute', target: 'bob' });
  expect(await ann.next('error')).toMatchObject({ code: 'no-such-participant' });
  ann.send({ id: 'invite', room: 'g', to: ['cid'] });
  expect(await ann.next('error')).toMatchObject({ code: 'not-a-member' });
  ann.send({ id: 'call', to: 'bob', sdpOffer: CHROMIUM_OFFER });
  expect(await ann.next('error')).toMatchObject({ code: 'already-in-call' });
  ann.send({ id: 'receiveVideoFrom', room: 'g', sender: 'ann', sdpOffer: CHROMIUM_OFFER });
  await ann.next('receiveVideoAnswer');

  const bob = await TestClient.register(server.url, 'bob');
  for (const message of [
    { id: 'moderate', room: 'g', action: 'end' },
    { id: 'receiveVideoFrom', room: 'g', sender: 'ann', sdpOffer: CHROMIUM_OFFER },
  ] as const) {
    bob.send(message);
    expect((await bob.next('error')).inReplyTo).toBe(message.id);
  }
  ann.send({ id: 'leaveRoom', room: 'g' });
  ann.send({ id: 'onIceCandidate', room: 'g', name: 'ann', candidate: CANDIDATE });
  ann.send({ id: 'leaveRoom', room: 'g' });
  await ann.settled();
  expect(ann.inbox.filter(({ id }) => id === 'error')).toEqual([]);
  bob.send({ id: 'incomingCallResponse', callId, callResponse: 'accept' });
  expect(await bob.next('stopCommunication')).toMatchObject({ callId, room: 'g', reason: 'cancelled' });
  await bob.close();
});

test('a call to a group while another runs is refused', async () => {
  await makeGroup(server, 'second', ['ann', 'bob']);
  ann.send({ id: 'call', reqType: 'group', groupId: 'g' });
  await ann.next('callProgress');
  ann.send({ id: 'call', reqType: 'group', groupId: 'second' });
  expect(await ann.next('error')).toMatchObject({ code: 'already-in-call', inReplyTo: 'call' });
});

test('without a media server nobody rings', async () => {
  const without = await startTestServer({ ADMIN_TOKEN }, { pool: { ...STAND_IN_POOL, available: false } });
  await makeGroup(without, 'g', ['ann', 'bob']);
  const caller = await TestClient.register(without.url, 'ann');
  caller.send({ id: 'call', reqType: 'group', groupId: 'g' });
  expect(await caller.next('error')).toMatchObject({ code: 'media-unavailable', inReplyTo: 'call' });
  await without.close();
});

test('with its database down the server starts, says so, and calls from one to another work', async () => {
  const without = await startTestServer(
    { ADMIN_TOKEN, DATABASE_URL: 'postgres://nobody:x@127.0.0.1:1/none' },
    { pool: STAND_IN_POOL },
  );
  const [caller, callee] = [
    await TestClient.register(without.url, 'ann'),
    await TestClient.register(without.url, 'bob'),
  ];
  caller.send({ id: 'call', reqType: 'group', groupId: 'g' });
  expect(await caller.next('error')).toMatchObject({ code: 'store-unavailable', inReplyTo: 'call' });
  await expect(admin(without, '/api/groups')).rejects.toThrow(/503.*store-unavailable/);
  caller.send({ id: 'call', to: 'bob', sdpOffer: CHROMIUM_OFFER });
  await callee.next('incomingCall');
  await without.close();
});

test('a stranger gets the same answers whether a group has a call, or exists, or not', async () => {
  await makeGroup(server, 'running', ['dan', 'eve']);
  await makeGroup(server, 'quiet', ['dan', 'eve']);
  const dan = await TestClient.register(server.url, 'dan');
  dan.send({ id: 'call', reqType: 'group', groupId: 'running' });
  await dan.next('callProgress');
  dan.send({ id: 'joinRoom', room: 'running' });
  await dan.next('existingParticipants');
  const stranger = await TestClient.register(server.url, 'stranger');
  const answers = async (room: string) => {
    const messages: readonly ClientMessageInput[] = [
      { id: 'joinRoom', room },
      { id: 'leaveRoom', room },
      { id: 'invite', room, to: ['dan'] },
      { id: 'moderate', room, action: 'end' },
      { id: 'mediaState', room, audio: true, video: true },
      { id: 'receiveVideoFrom', room, sender: 'dan', sdpOffer: CHROMIUM_OFFER },
      { id: 'cancelVideoFrom', room, sender: 'dan' },
      { id: 'onIceCandidate', room, name: 'dan', candidate: CANDIDATE },
      { id: 'quality', room, roundTripMs: 1 },
    ];
    const got: unknown[] = [];
    for (const message of messages) {
      stranger.send(message);
      got.push(await stranger.next('error'));
    }
    return got;
  };
  const ofRunning = await answers('running');
  expect(ofRunning).toEqual(await answers('quiet'));
  expect(ofRunning).toEqual(await answers('no-such-group'));
  expect(new Set(ofRunning.map((answer) => (answer as { code: string }).code))).toEqual(
    new Set(['unknown-room']),
  );
  await dan.close();
  await stranger.close();
});

test('who invites too much is told when to go on, and keeps its connection', async () => {
  const members = Array.from({ length: 60 }, (_, member) => `m${member}`);
  await makeGroup(server, 'large', ['host', ...members]);
  const host = await TestClient.register(server.url, 'host');
  host.send({ id: 'call', reqType: 'group', groupId: 'large' });
  await host.next('callProgress');
  host.send({ id: 'joinRoom', room: 'large' });
  await host.next('existingParticipants');
  for (let each = 0; each < 40; each++) host.send({ id: 'invite', room: 'large', to: members.slice(0, 50) });
  await host.settled();
  const refused = host.inbox.filter(({ id }) => id === 'error');
  expect(refused).toHaveLength(30);
  expect(refused[0]).toMatchObject({ code: 'rate-limited', inReplyTo: 'invite' });
  expect(Object(refused[0]).retryAfterMs).toBeGreaterThan(50_000);
  host.inbox.length = 0;
  host.send({ id: 'invite', room: 'large', to: members });
  expect(await host.next('error')).toMatchObject({ code: 'bad-message' });
  await host.close();
});

test('offers for one link are limited, those for others are not, and the connection is kept', async () => {
  const names = ['olga', ...Array.from({ length: 12 }, (_, other) => `other-${other}`)] as const;
  await makeGroup(server, 'crowd', names);
  const olga = await TestClient.register(server.url, 'olga');
  olga.send({ id: 'call', reqType: 'group', groupId: 'crowd' });
  await olga.next('callProgress');
  const others: TestClient[] = [];
  for (const name of names.slice(1)) {
    const other = await TestClient.register(server.url, name);
    other.send({ id: 'joinRoom', room: 'crowd' });
    await other.next('existingParticipants');
    others.push(other);
  }
  olga.send({ id: 'joinRoom', room: 'crowd' });
  await olga.next('existingParticipants');
  for (const sender of names) {
    olga.send({ id: 'receiveVideoFrom', room: 'crowd', sender, sdpOffer: CHROMIUM_OFFER });
  }
  for (let generation = 1; generation < 31; generation++) {
    const offer = { room: 'crowd', sender: 'olga', sdpOffer: CHROMIUM_OFFER, generation };
    olga.send({ id: 'receiveVideoFrom', ...offer });
  }
  await olga.settled();
  const refused = olga.inbox.filter(({ id }) => id === 'error');
  expect(refused).toHaveLength(21);
  for (const refusal of refused) {
    expect(refusal).toMatchObject({ code: 'rate-limited', inReplyTo: 'receiveVideoFrom' });
  }
  expect(Object(refused[0]).retryAfterMs).toBeGreaterThan(5_000);
  for (const each of [olga, ...others]) await each.close();
});
