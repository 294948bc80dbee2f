/** Calls between real sockets, with the real media server. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningServer } from './server.ts';
import { CERTIFICATE, CERTIFICATE_KEY, fileOf } from '../testing/server/certificate.ts';
import { ADMIN_TOKEN, admin } from '../testing/server/groups.ts';
import { startTestPool, type TestPool } from '../testing/server/start-test-pool.ts';
import { startTestServer } from '../testing/server/start-test-server.ts';
import { CHROMIUM_OFFER, TestClient } from '../testing/server/test-client.ts';

let pool: TestPool;
let server: RunningServer;

beforeAll(async () => {
  pool = await startTestPool();
  server = await startTestServer({ ADMIN_TOKEN, DEMO: '1' }, { pool });
});

afterAll(async () => {
  await server.close();
  await pool.close();
});

test('a call is made, answered and hung up, and leaves nothing behind', async () => {
  const alice = await TestClient.register(server.url, 'alice');
  const bob = await TestClient.register(server.url, 'bob');
  alice.send({ id: 'call', to: 'bob', sdpOffer: CHROMIUM_OFFER });
  const { callId, caller, media } = await bob.next('incomingCall');
  expect({ name: caller.name, media }).toEqual({ name: 'alice', media: 'video' });
  expect(await alice.next('callProgress')).toMatchObject({ callId, state: 'ringing' });
  const { sdpAnswer } = await alice.next('callProgress');
  expect(sdpAnswer).toContain('m=video');

  bob.send({ id: 'answering', callId });
  expect(await alice.next('callProgress')).toMatchObject({ state: 'accepted' });
  bob.send({ id: 'incomingCallResponse', callId, callResponse: 'accept', sdpOffer: CHROMIUM_OFFER });
  expect(await alice.next('callResponse')).toMatchObject({ callId, response: 'accepted', sdpAnswer });
  expect((await bob.next('startCommunication')).sdpAnswer).toContain('m=audio');
  expect((await alice.next('iceCandidate')).callId).toBe(callId);
  expect((await bob.next('iceCandidate')).candidate.candidate).toMatch(/^candidate:/);
  expect(pool.pipelines()).toBe(1);

  alice.send({ id: 'stop', callId });
  expect(await bob.next('stopCommunication')).toEqual({ id: 'stopCommunication', callId, reason: 'hangup' });
  await expect.poll(pool.pipelines).toBe(0);
  await alice.close();
  await bob.close();
});

test('a call between two is in the record of calls', async () => {
  const { calls } = (await admin(server, '/api/calls?user=bob')) as { calls: object[] };
  expect(calls).toMatchObject([
    {
      reqType: 'ptop',
      media: 'video',
      caller: 'alice',
      outcome: 'answered',
      reason: 'hangup',
      endedBy: 'alice',
      participants: [
        { name: 'alice', outcome: 'joined' },
        { name: 'bob', outcome: 'joined' },
      ],
    },
  ]);
});

test("the demo's group can be called at once", async () => {
  const [first, second] = [
    await TestClient.register(server.url, '1'),
    await TestClient.register(server.url, '2'),
  ];
  first.send({ id: 'call', reqType: 'group', groupId: '1' });
  expect(await second.next('incomingCall')).toMatchObject({ groupName: '测试群', memberCount: 3 });
  await first.close();
  expect(await second.next('stopCommunication')).toMatchObject({ reason: 'cancelled' });
  await second.close();
});

test('with a certificate it speaks https and wss', async () => {
  const [TLS_CERT, TLS_KEY] = [fileOf(CERTIFICATE), fileOf(CERTIFICATE_KEY)];
  const secure = await startTestServer({ TLS_CERT, TLS_KEY }, { pool });
  expect(secure.url).toMatch(/^https:/);
  const url = secure.url.replace('localhost', '127.0.0.1');
  const client = await TestClient.connect(url, '/signal', { ca: CERTIFICATE });
  client.send({ id: 'register', name: 'alice' });
  expect(await client.next('registerResponse')).toMatchObject({ response: 'accepted' });
  await client.close();
  await secure.close();
});

test('the server starts while its database does not answer, and says so to whom that concerns', async () => {
  const without = await startTestServer(
    { ADMIN_TOKEN, DATABASE_URL: 'postgres://nobody:x@127.0.0.1:1/none' },
    { pool },
  );
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
  const response = await fetch(new URL('/api/groups', without.url), { headers });
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ error: { code: 'store-unavailable' } });
  await TestClient.register(without.url, 'alice');
  await without.close();
});
