/** The message flow of Kurento's group-call page, which registers nothing and knows five messages. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { RunningServer } from '../server.ts';
import { startTestPool, type TestPool } from '../../testing/server/start-test-pool.ts';
import { startTestServer } from '../../testing/server/start-test-server.ts';
import { CHROMIUM_OFFER, TestClient } from '../../testing/server/test-client.ts';

/** All that the page's `onmessage` has a case for. */
const PAGE_KNOWS = [
  'existingParticipants',
  'newParticipantArrived',
  'participantLeft',
  'receiveVideoAnswer',
  'iceCandidate',
];

let pool: TestPool;
let server: RunningServer;
const pages: TestClient[] = [];

beforeAll(async () => {
  pool = await startTestPool();
  server = await startTestServer({}, { pool });
});

afterEach(async () => {
  for (const page of pages.splice(0)) {
    for (const id of page.seen) expect(PAGE_KNOWS).toContain(id);
    await page.close();
  }
  await expect.poll(pool.pipelines).toBe(0);
});

afterAll(async () => {
  await server.close();
  await pool.close();
});

async function enter(name: string, room: string): Promise<TestClient> {
  const page = await TestClient.connect(server.url, '/groupcall');
  pages.push(page);
  page.send({ id: 'joinRoom', name, room });
  return page;
}

/** As the page does: its candidates come before its offer. */
async function receive(page: TestClient, sender: string): Promise<void> {
  const candidate = {
    candidate: 'candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host generation 0',
    sdpMid: '0',
    sdpMLineIndex: 0,
  };
  page.send({ id: 'onIceCandidate', name: sender, candidate });
  page.send({ id: 'receiveVideoFrom', sender, sdpOffer: CHROMIUM_OFFER });
  expect(await page.next('receiveVideoAnswer')).toMatchObject({
    name: sender,
    sdpAnswer: expect.stringMatching(/^v=0/),
  });
  while ((await page.next('iceCandidate')).name !== sender);
}

test('join, see each other, leave; the room goes with the last', async () => {
  const anna = await enter('anna', 'r1');
  expect(await anna.next('existingParticipants')).toMatchObject({ data: [] });
  await receive(anna, 'anna');
  const ben = await enter('ben', 'r1');
  expect(await ben.next('existingParticipants')).toMatchObject({ data: ['anna'] });
  expect(await anna.next('newParticipantArrived')).toMatchObject({ name: 'ben' });
  await receive(ben, 'anna');
  await receive(anna, 'ben');
  await receive(ben, 'ben');
  expect(pool.pipelines()).toBe(1);
  ben.send({ id: 'leaveRoom' });
  expect(await anna.next('participantLeft')).toMatchObject({ name: 'ben' });
  anna.send({ id: 'leaveRoom' });
  await expect.poll(pool.pipelines).toBe(0);
});

test('a tab that is just closed is gone for the others, and its room with the last', async () => {
  const [carl, dora] = [await enter('carl', 'r2'), await enter('dora', 'r2')];
  await dora.next('existingParticipants');
  carl.socket.terminate();
  expect(await dora.next('participantLeft')).toMatchObject({ name: 'carl' });
  dora.socket.terminate();
  await expect.poll(pool.pipelines).toBe(0);
});

test('a message before joining, or about nobody, harms nobody', async () => {
  const page = await TestClient.connect(server.url, '/groupcall');
  pages.push(page);
  page.send({ id: 'receiveVideoFrom', sender: 'x', sdpOffer: CHROMIUM_OFFER });
  page.sendRaw('{');
  page.send({ id: 'leaveRoom' });
  page.send({ id: 'joinRoom', name: 'emil', room: 'r3' });
  await page.next('existingParticipants');
  page.send({ id: 'receiveVideoFrom', sender: 'nobody', sdpOffer: CHROMIUM_OFFER });
  page.send({ id: 'receiveVideoFrom', sender: 'emil', sdpOffer: 'nonsense' });
  await receive(page, 'emil');
  expect(page.seen).not.toContain('error');
});

test('a name that comes twice replaces the first, and rooms of the same name elsewhere are others', async () => {
  const [first, other] = [await enter('fritz', 'r4'), await enter('gerda', 'r4')];
  await other.next('existingParticipants');
  const second = await enter('fritz', 'r4');
  expect(await second.next('existingParticipants')).toMatchObject({ data: ['gerda'] });
  expect(await other.next('participantLeft')).toMatchObject({ name: 'fritz' });
  await first.close();
  expect(other.inbox.filter(({ id }) => id === 'participantLeft')).toEqual([]);
  const widget = await TestClient.register(server.url, 'hans');
  widget.send({ id: 'joinRoom', room: 'r4' });
  expect(await widget.next('error')).toMatchObject({ code: 'unknown-room' });
  await widget.close();
});
