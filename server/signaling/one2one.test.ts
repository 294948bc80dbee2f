/** The message flow of Kurento's one2one-call page, which knows neither `callId` nor errors. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningServer } from '../server.ts';
import { startTestServer } from '../../testing/server/start-test-server.ts';
import { startTestPool, type TestPool } from '../../testing/server/start-test-pool.ts';
import { CHROMIUM_OFFER, TestClient } from '../../testing/server/test-client.ts';

/** All that the page's `onmessage` has a case for. */
const PAGE_KNOWS = [
  'registerResponse',
  'callResponse',
  'incomingCall',
  'startCommunication',
  'stopCommunication',
  'iceCandidate',
];

let pool: TestPool;
let server: RunningServer;
const pages: TestClient[] = [];

beforeAll(async () => {
  pool = await startTestPool();
  server = await startTestServer({}, { pool });
});

afterAll(async () => {
  for (const page of pages) {
    for (const id of page.seen) expect(PAGE_KNOWS).toContain(id);
    await page.close();
  }
  await server.close();
  await pool.close();
});

async function openPage(name: string): Promise<TestClient> {
  const page = await TestClient.register(server.url, name, '/one2one');
  pages.push(page);
  return page;
}

test('register, call, accept, talk, stop', async () => {
  const [caller, callee] = [await openPage('anna'), await openPage('ben')];
  caller.send({ id: 'call', from: 'anna', to: 'ben', sdpOffer: CHROMIUM_OFFER });
  caller.send({ id: 'onIceCandidate', candidate: CANDIDATE });
  expect(await callee.next('incomingCall')).toMatchObject({ from: 'anna' });

  callee.send({ id: 'incomingCallResponse', from: 'anna', callResponse: 'accept', sdpOffer: CHROMIUM_OFFER });
  callee.send({ id: 'onIceCandidate', candidate: CANDIDATE });
  expect(await callee.next('startCommunication')).toMatchObject({ sdpAnswer: expect.stringMatching(/^v=0/) });
  expect(await caller.next('callResponse')).toMatchObject({
    response: 'accepted',
    sdpAnswer: expect.stringMatching(/^v=0/),
  });
  await caller.next('iceCandidate');
  await callee.next('iceCandidate');
  // The page makes its peer for the answer: a candidate before it would find none.
  expect(caller.seen.indexOf('callResponse')).toBeLessThan(caller.seen.indexOf('iceCandidate'));
  expect(callee.seen.indexOf('startCommunication')).toBeLessThan(callee.seen.indexOf('iceCandidate'));

  callee.send({ id: 'stop' });
  expect(await caller.next('stopCommunication')).toMatchObject({ reason: 'hangup' });
  await expect.poll(pool.pipelines).toBe(0);
});

test('a name that is too long is refused, and the page may try another one', async () => {
  const page = await TestClient.connect(server.url, '/one2one');
  pages.push(page);
  page.send({ id: 'register', name: 'x'.repeat(129) });
  const refusal = await page.next('registerResponse');
  expect(refusal).toMatchObject({ response: 'rejected', message: expect.stringContaining('name') });
  page.send({ id: 'register', name: 'x'.repeat(128) });
  expect(await page.next('registerResponse')).toMatchObject({ response: 'accepted' });
  page.send({ id: 'call', from: 'x'.repeat(128), to: 'y'.repeat(129), sdpOffer: CHROMIUM_OFFER });
  expect(await page.next('callResponse')).toMatchObject({ response: 'rejected' });
});

test('a callee who is not there is a refusal with a reason to show', async () => {
  const caller = await openPage('carl');
  caller.send({ id: 'call', from: 'carl', to: 'nobody', sdpOffer: CHROMIUM_OFFER });
  const refusal = await caller.next('callResponse');
  expect(refusal).toMatchObject({ response: 'rejected', message: expect.stringMatching(/not connected/) });
});

test('the callee says no; the text that its page sends is not passed on', async () => {
  const [caller, callee] = [await openPage('dora'), await openPage('emil')];
  caller.send({ id: 'call', from: 'dora', to: 'emil', sdpOffer: CHROMIUM_OFFER });
  await callee.next('incomingCall');
  const answer = { id: 'incomingCallResponse', from: 'dora', callResponse: 'reject', message: '<b>no</b>' };
  callee.sendRaw(JSON.stringify(answer));
  const refusal = await caller.next('callResponse');
  expect(refusal).toMatchObject({ response: 'rejected', code: 'declined' });
  expect(JSON.stringify(refusal)).not.toContain('<b>');
});

test('stop while it rings ends the ringing, and a late accept is told so', async () => {
  const [caller, callee] = [await openPage('fritz'), await openPage('gerda')];
  caller.send({ id: 'call', from: 'fritz', to: 'gerda', sdpOffer: CHROMIUM_OFFER });
  await callee.next('incomingCall');
  caller.send({ id: 'stop' });
  expect(await callee.next('stopCommunication')).toMatchObject({ reason: 'cancelled' });
  callee.send({
    id: 'incomingCallResponse',
    from: 'fritz',
    callResponse: 'accept',
    sdpOffer: CHROMIUM_OFFER,
  });
  await callee.next('stopCommunication');
  await expect.poll(pool.pipelines).toBe(0);
});

test('both call each other: each gets one callResponse, and the automatic "bussy" changes nothing', async () => {
  const [first, second] = [await openPage('hans'), await openPage('ines')];
  first.send({ id: 'call', from: 'hans', to: 'ines', sdpOffer: CHROMIUM_OFFER });
  await second.next('incomingCall');
  second.send({ id: 'call', from: 'ines', to: 'hans', sdpOffer: CHROMIUM_OFFER });
  const busy = { id: 'incomingCallResponse', from: 'hans', callResponse: 'reject', message: 'bussy' };
  second.sendRaw(JSON.stringify(busy));
  expect(await first.next('callResponse')).toMatchObject({ response: 'accepted' });
  expect(await second.next('callResponse')).toMatchObject({ response: 'accepted' });
  second.send({ id: 'stop' });
  expect(await first.next('stopCommunication')).toMatchObject({ reason: 'hangup' });
});

test('a page that calls while it is in a call gets a refusal, not an error that it does not know', async () => {
  const [caller, callee] = [await openPage('jan'), await openPage('kim')];
  caller.send({ id: 'call', from: 'jan', to: 'kim', sdpOffer: CHROMIUM_OFFER });
  await callee.next('incomingCall');
  caller.send({ id: 'call', from: 'jan', to: 'lea', sdpOffer: CHROMIUM_OFFER });
  expect(await caller.next('callResponse')).toMatchObject({ response: 'rejected' });
  caller.send({ id: 'stop' });
  await callee.next('stopCommunication');
});

test('a page that is closed in a call ends it at once', async () => {
  const [caller, callee] = [await openPage('mia'), await openPage('noah')];
  caller.send({ id: 'call', from: 'mia', to: 'noah', sdpOffer: CHROMIUM_OFFER });
  await callee.next('incomingCall');
  callee.send({ id: 'incomingCallResponse', from: 'mia', callResponse: 'accept', sdpOffer: CHROMIUM_OFFER });
  await caller.next('callResponse');
  callee.socket.terminate();
  expect(await caller.next('stopCommunication')).toMatchObject({ reason: 'peer-lost' });
  await expect.poll(pool.pipelines).toBe(0);
});

/** Of a host that does not answer (RFC 5737). */
const CANDIDATE = {
  candidate: 'candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host generation 0',
  sdpMid: '0',
  sdpMLineIndex: 0,
};
