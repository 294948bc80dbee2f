/** Group calls between widgets, with real sockets, a real store and the real media server. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ServerMessage } from '../../protocol/index.ts';
import type { RunningServer } from '../server.ts';
import { ADMIN_TOKEN, admin, makeGroup } from '../../testing/server/groups.ts';
import { startTestPool, type TestPool } from '../../testing/server/start-test-pool.ts';
import { startTestServer } from '../../testing/server/start-test-server.ts';
import { CHROMIUM_OFFER, TestClient } from '../../testing/server/test-client.ts';

let pool: TestPool;
let server: RunningServer;
const clients: TestClient[] = [];

beforeAll(async () => {
  pool = await startTestPool();
  server = await startTestServer({ ADMIN_TOKEN, RING_TIMEOUT: '20' }, { pool, reservationMs: 20_000 });
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await expect.poll(pool.pipelines).toBe(0);
});

afterAll(async () => {
  await server.close();
  await pool.close();
});

async function open(...names: string[]): Promise<TestClient[]> {
  const opened = await Promise.all(names.map((name) => TestClient.register(server.url, name)));
  clients.push(...opened);
  return opened;
}

/** The first calls its group and joins; the others ring. */
async function ring(group: string, names: readonly [string, ...string[]]): Promise<TestClient[]> {
  await makeGroup(server, group, names);
  const all = await open(...names);
  const [caller, ...others] = all as [TestClient, ...TestClient[]];
  caller.send({ id: 'call', reqType: 'group', groupId: group });
  await caller.next('callProgress');
  caller.send({ id: 'joinRoom', room: group });
  await caller.next('existingParticipants');
  for (const other of others) await other.next('incomingCall');
  return all;
}

async function join(room: string, ...joining: TestClient[]): Promise<void> {
  for (const client of joining) {
    client.send({ id: 'joinRoom', room });
    await client.next('existingParticipants');
  }
}

async function receive(client: TestClient, room: string, sender: string, generation = 0): Promise<void> {
  client.send({ id: 'receiveVideoFrom', room, sender, sdpOffer: CHROMIUM_OFFER, generation });
  expect(await client.next('receiveVideoAnswer')).toMatchObject({
    room,
    name: sender,
    sdpAnswer: expect.stringMatching(/^v=0/),
    generation,
  });
}

/** What a page's banner shows. */
function lastGroupCall({ inbox }: TestClient): ServerMessage | undefined {
  return inbox.findLast(({ id }) => id === 'groupCallState');
}

test('a member calls the group; who accepts joins, and each gets exactly the others', async () => {
  await makeGroup(server, 'g1', ['ann', 'bob', 'cid', 'dan']);
  const [ann, bob, cid] = (await open('ann', 'bob', 'cid')) as [TestClient, TestClient, TestClient];
  ann.send({ id: 'call', reqType: 'group', groupId: 'g1', media: 'video' });
  const { callId, room, invited, offline } = await ann.next('callProgress');
  expect(room).toBe('g1');
  expect(invited?.map(({ name }) => name)).toEqual(['bob', 'cid']);
  expect(offline).toEqual([{ name: 'dan', displayName: 'DAN', avatar: '' }]);
  expect(await bob.next('incomingCall')).toMatchObject({
    callId,
    reqType: 'group',
    groupId: 'g1',
    groupName: 'Group g1',
    room: 'g1',
    from: 'ann',
    caller: { name: 'ann', displayName: 'ANN' },
    memberCount: 4,
  });
  expect(await cid.next('groupCallState')).toMatchObject({ callId, active: true, participants: [] });

  await join('g1', ann, bob);
  expect(await ann.next('newParticipantArrived')).toMatchObject({
    name: 'bob',
    participant: { audio: true },
  });
  await receive(ann, 'g1', 'ann');
  await receive(ann, 'g1', 'bob');
  await receive(bob, 'g1', 'bob');
  await receive(bob, 'g1', 'ann');
  expect(await ann.next('iceCandidate')).toMatchObject({ room: 'g1', generation: 0 });

  cid.send({ id: 'incomingCallResponse', callId, callResponse: 'reject' });
  expect(await ann.next('callResponse')).toMatchObject({ reqType: 'group', from: 'cid', code: 'declined' });
  ann.send({ id: 'leaveRoom', room: 'g1' });
  expect(await bob.next('participantLeft')).toMatchObject({ name: 'ann', reason: 'hangup' });
  bob.send({ id: 'leaveRoom', room: 'g1' });
  await expect
    .poll(async () => admin(server, '/api/calls?group=g1'))
    .toMatchObject({
      calls: [
        {
          callId,
          outcome: 'answered',
          participants: [
            { name: 'ann', outcome: 'joined' },
            { name: 'bob', outcome: 'joined' },
            { name: 'cid', outcome: 'declined' },
            { name: 'dan', outcome: 'offline' },
          ],
        },
      ],
    });
});

test('who was offline is told of the running call and joins late', async () => {
  await ring('g2', ['ann', 'bob', 'cid']);
  const late = await TestClient.connect(server.url);
  clients.push(late);
  await makeGroup(server, 'g2', ['ann', 'bob', 'cid', 'dan']);
  late.send({ id: 'register', name: 'dan' });
  const response = await late.next('registerResponse');
  expect(response).toMatchObject({
    groupCalls: [{ groupId: 'g2', active: true, participants: [{ name: 'ann' }] }],
  });
  await join('g2', late);
});

test('a page loaded anew while it rings, also one whose old self had gone before, rings', async () => {
  const [, bob, cid] = (await ring('g3', ['ann', 'bob', 'cid'])) as [TestClient, TestClient, TestClient];
  await bob.close(1001);
  const [reloaded] = (await open('bob')) as [TestClient];
  expect(await reloaded.next('incomingCall')).toMatchObject({ room: 'g3' });
  await join('g3', reloaded);
  await cid.settled();
  expect(cid.inbox.filter(({ id }) => id === 'stopCommunication')).toEqual([]);
});

test('whoever comes by a second tab replaces the first, whose ringing tabs stop', async () => {
  const [ann, bob] = (await ring('g4', ['ann', 'bob'])) as [TestClient, TestClient];
  const [tab] = (await open('bob')) as [TestClient];
  await tab.next('incomingCall');
  await join('g4', bob);
  expect(await tab.next('stopCommunication')).toMatchObject({ room: 'g4', reason: 'answered-elsewhere' });
  await receive(bob, 'g4', 'bob');
  await receive(ann, 'g4', 'bob');
  await join('g4', tab);
  expect(await bob.next('stopCommunication')).toMatchObject({ reason: 'replaced' });
  expect(await ann.next('participantLeft')).toMatchObject({ name: 'bob', reason: 'replaced' });
  await ann.next('newParticipantArrived');
  await receive(tab, 'g4', 'bob');
  await bob.close();
  await ann.settled();
  expect(ann.inbox.filter(({ id }) => id === 'participantLeft')).toEqual([]);
});

test('a lost socket that comes back was never away; one that does not is a lost peer', async () => {
  const [ann, bob] = (await ring('g5', ['ann', 'bob'])) as [TestClient, TestClient];
  await join('g5', bob);
  const { resumeToken } = bob;
  bob.socket.terminate();
  const back = await TestClient.connect(server.url);
  clients.push(back);
  back.send({ id: 'resume', resumeToken });
  expect(await back.next('registerResponse')).toMatchObject({ response: 'accepted', resumed: true });
  await receive(back, 'g5', 'ann');
  expect(ann.seen).not.toContain('participantLeft');
});

test('a member who is busy is not rung, and may join after that', async () => {
  await ring('g6', ['ann', 'bob']);
  await makeGroup(server, 'g7', ['cid', 'bob', 'ann', 'dan']);
  const [cid] = (await open('cid')) as [TestClient];
  cid.send({ id: 'call', reqType: 'group', groupId: 'g7' });
  expect(await cid.next('callProgress')).toMatchObject({
    invited: [{ name: 'bob' }],
    offline: [{ name: 'dan' }],
  });
  await join('g7', cid);
  const { data } = await cid.next('invitedState');
  expect(data.map(({ name, state }) => [name, state])).toEqual([
    ['bob', 'ringing'],
    ['ann', 'busy'],
    ['dan', 'offline'],
  ]);
});

test('a second call of the group joins the first, and rings nobody', async () => {
  const [, bob] = (await ring('g8', ['ann', 'bob', 'cid'])) as [TestClient, TestClient];
  bob.send({ id: 'call', reqType: 'group', groupId: 'g8' });
  const { callId, invited } = await bob.next('callProgress');
  expect(invited).toEqual([]);
  await join('g8', bob);
  expect((await bob.next('groupCallState')).callId).toBe(callId);
});

test('the caller and the owner moderate; who was removed comes back by invitation only', async () => {
  const [ann, bob, cid] = (await ring('g9', ['ann', 'bob', 'cid'])) as [TestClient, TestClient, TestClient];
  await join('g9', bob, cid);
  cid.send({ id: 'moderate', room: 'g9', action: 'mute', target: 'ann' });
  expect(await cid.next('error')).toMatchObject({ code: 'not-allowed', inReplyTo: 'moderate' });
  ann.send({ id: 'moderate', room: 'g9', action: 'mute', target: 'bob' });
  expect(await bob.next('moderated')).toEqual({ id: 'moderated', room: 'g9', action: 'mute', by: 'ann' });
  expect(await cid.next('mediaState')).toMatchObject({ name: 'bob', audio: false });
  ann.send({ id: 'moderate', room: 'g9', action: 'remove', target: 'bob' });
  expect(await bob.next('stopCommunication')).toMatchObject({ room: 'g9', reason: 'removed' });
  bob.send({ id: 'joinRoom', room: 'g9' });
  expect(await bob.next('error')).toMatchObject({ code: 'not-allowed', inReplyTo: 'joinRoom' });
  cid.send({ id: 'invite', room: 'g9', to: ['bob'] });
  await bob.next('incomingCall');
  await join('g9', bob);
  ann.send({ id: 'moderate', room: 'g9', action: 'end' });
  for (const each of [ann, cid]) {
    expect(await each.next('stopCommunication')).toMatchObject({ room: 'g9', reason: 'ended' });
  }
  await cid.next('groupCallState');
});

test('who is taken out of the group is taken out of its call; a deleted group has none', async () => {
  const [ann, bob, cid] = (await ring('g10', ['ann', 'bob', 'cid'])) as [TestClient, TestClient, TestClient];
  await join('g10', bob);
  const [tab] = (await open('cid')) as [TestClient];
  await admin(server, '/api/groups/g10/members/bob', { method: 'DELETE' });
  expect(await bob.next('stopCommunication')).toMatchObject({ room: 'g10', reason: 'removed' });
  await expect.poll(() => lastGroupCall(bob)).toMatchObject({ room: 'g10', active: false });
  expect(await ann.next('participantLeft')).toMatchObject({ name: 'bob', reason: 'removed' });
  bob.send({ id: 'joinRoom', room: 'g10' });
  expect(await bob.next('error')).toMatchObject({ code: 'unknown-room', inReplyTo: 'joinRoom' });
  await admin(server, '/api/groups/g10', { method: 'DELETE' });
  for (const each of [ann, cid]) expect((await each.next('stopCommunication')).room).toBe('g10');
  for (const each of [ann, cid, tab]) {
    await expect.poll(() => lastGroupCall(each)).toMatchObject({ room: 'g10', active: false });
  }
});

test('the media server dies and comes back: everybody is asked for new offers, once', async () => {
  const [ann, bob] = (await ring('g11', ['ann', 'bob'])) as [TestClient, TestClient];
  await join('g11', bob);
  await receive(ann, 'g11', 'ann');
  await receive(bob, 'g11', 'ann');
  for (const pid of pool.workerPids) process.kill(pid, 'SIGKILL');
  for (const each of [ann, bob]) {
    expect(await each.next('restartMedia')).toEqual({ id: 'restartMedia', room: 'g11', generation: 1 });
  }
  await receive(bob, 'g11', 'ann', 1);
  await receive(ann, 'g11', 'ann', 1);
});

test('nobody comes in time: who was rung has missed a call, and the room is gone', async () => {
  const hasty = await startTestServer({ ADMIN_TOKEN, RING_TIMEOUT: '1' }, { pool, reservationMs: 1500 });
  await makeGroup(hasty, 'g', ['ann', 'bob']);
  const ann = await TestClient.register(hasty.url, 'ann');
  const bob = await TestClient.register(hasty.url, 'bob');
  ann.send({ id: 'call', reqType: 'group', groupId: 'g' });
  await ann.next('callProgress');
  expect(await bob.next('stopCommunication')).toMatchObject({ room: 'g', reason: 'no-answer' });
  expect(await bob.next('missedCall')).toMatchObject({ from: 'ann' });
  expect(await ann.next('callResponse')).toMatchObject({ from: 'bob', code: 'no-answer' });
  expect(await ann.next('stopCommunication')).toMatchObject({ room: 'g', reason: 'cancelled' });
  ann.send({ id: 'joinRoom', room: 'g' });
  expect(await ann.next('error')).toMatchObject({ code: 'unknown-room' });
  ann.send({ id: 'call', reqType: 'group', groupId: 'g' });
  await ann.next('callProgress');
  await hasty.close();
  expect(ann.inbox).toContainEqual(expect.objectContaining({ id: 'stopCommunication', reason: 'shutdown' }));
});
