/** What large groups and busy members may cost the others: what each gets, in bytes, and how often. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ClientMessageInput } from '../../protocol/index.ts';
import { ADMIN_TOKEN, makeGroup } from '../../testing/server/groups.ts';
import { STAND_IN_POOL } from '../../testing/server/stand-in-pool.ts';
import { startTestServer } from '../../testing/server/start-test-server.ts';
import { TestClient } from '../../testing/server/test-client.ts';
import type { RunningServer } from '../server.ts';

const CROWD = Array.from({ length: 3_000 }, (_, member) => `member-${member}`);

let server: RunningServer;

beforeAll(async () => {
  server = await startTestServer({ ADMIN_TOKEN }, { pool: STAND_IN_POOL });
});

afterAll(() => server.close());

/** Registers a page and counts what it gets. */
async function page(name: string): Promise<{ client: TestClient; bytes: () => number }> {
  const client = await TestClient.register(server.url, name);
  let bytes = 0;
  client.socket.on('message', (data) => (bytes += String(data).length));
  return { client, bytes: () => bytes };
}

async function join(client: TestClient, room: string): Promise<void> {
  client.send({ id: 'joinRoom', room });
  await client.next('existingParticipants');
}

/** The page of a member who has called the group, and is in its room. */
async function callGroup(name: string, groupId: string) {
  const caller = await page(name);
  caller.client.send({ id: 'call', reqType: 'group', groupId });
  await caller.client.next('callProgress');
  await join(caller.client, groupId);
  return caller;
}

/** Says the same over and over; what is refused of the calls among it. */
async function repeat(client: TestClient, times: number, messages: readonly ClientMessageInput[]) {
  for (let each = 0; each < times; each += 1) {
    for (const message of messages) client.send(message);
    await client.settled();
  }
  return client.inbox.filter((message) => message.id === 'error' && message.inReplyTo === 'call');
}

const countOf = (client: TestClient, id: string) => client.seen.filter((seen) => seen === id).length;

test('40 who join the call of a group of 3,000 cost each of the others a few hundred bytes', async () => {
  await makeGroup(server, 'joined', ['host', ...CROWD]);
  const host = await callGroup('host', 'joined');
  await host.client.settled();
  const before = host.bytes();
  const comers = await Promise.all(CROWD.slice(0, 40).map(page));
  const since = Date.now();
  for (const { client } of comers) await join(client, 'joined');
  await host.client.settled();
  const seconds = Math.ceil((Date.now() - since) / 1_000);

  expect((host.bytes() - before) / comers.length).toBeLessThan(1_500);
  expect(countOf(host.client, 'invitedState')).toBe(1);
  expect(countOf(host.client, 'newParticipantArrived')).toBe(40);
  expect(countOf(host.client, 'groupCallState')).toBeLessThanOrEqual(3 + seconds);
  for (const { client, bytes } of comers) {
    expect(countOf(client, 'invitedState')).toBe(1);
    expect(bytes()).toBeLessThan(150_000);
  }
  await Promise.all([host, ...comers].map(({ client }) => client.close()));
});

test('a group that loses half of 3,000 members at once keeps its call, whose people hear of it in short', async () => {
  await makeGroup(server, 'shrinking', ['owner', 'guest', ...CROWD]);
  const owner = await callGroup('owner', 'shrinking');
  const guest = await page('guest');
  await join(guest.client, 'shrinking');
  const leaving = await page('member-2000');
  const before = [owner.bytes(), guest.bytes()];
  await makeGroup(server, 'shrinking', ['owner', 'guest', ...CROWD.slice(0, 1_500)]);
  expect(await leaving.client.next('groupCallState')).toMatchObject({ groupId: 'shrinking', active: false });
  for (const [index, { client, bytes }] of [owner, guest].entries()) {
    await client.settled();
    expect(bytes() - (before[index] ?? 0)).toBeLessThan(100_000);
    expect(countOf(client, 'invitedState')).toBeLessThanOrEqual(3);
  }
  await Promise.all([owner, guest, leaving].map(({ client }) => client.close()));
});

test('who calls and hangs up, over and over, rings a person ten times, and a group ten times', async () => {
  await makeGroup(server, 'harassed', ['caller', 'callee']);
  const { client: callee } = await page('callee');
  const { client: caller } = await page('caller');
  const call = { id: 'call', to: 'callee', sdpOffer: 'v=0' } as const;
  const refused = await repeat(caller, 50, [call, { id: 'stop' }]);
  await callee.settled();
  expect(countOf(callee, 'incomingCall')).toBe(10);
  expect(refused).toHaveLength(40);
  expect(refused[0]).toMatchObject({ code: 'rate-limited' });
  expect(Object(refused[0]).retryAfterMs).toBeGreaterThan(5_000);

  caller.inbox.length = 0;
  const before = countOf(callee, 'groupCallState');
  const groupCall = { id: 'call', reqType: 'group', groupId: 'harassed' } as const;
  const room = 'harassed';
  const ofGroup = await repeat(caller, 15, [groupCall, { id: 'joinRoom', room }, { id: 'leaveRoom', room }]);
  await callee.settled();
  expect(countOf(callee, 'incomingCall')).toBe(20);
  expect(countOf(callee, 'groupCallState') - before).toBeLessThanOrEqual(20);
  expect(ofGroup).toHaveLength(5);
  expect(Object(ofGroup[0]).retryAfterMs).toBeGreaterThan(40_000);
  await Promise.all([caller.close(), callee.close()]);
});
