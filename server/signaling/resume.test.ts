/** Losing a socket, and coming back. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningServer } from '../server.ts';
import { STAND_IN_POOL } from '../../testing/server/stand-in-pool.ts';
import { startTestServer } from '../../testing/server/start-test-server.ts';
import { TestClient } from '../../testing/server/test-client.ts';

const GRACE_MS = 400;
const QUEUED_FRAMES_MAX = 5;

let server: RunningServer;

beforeAll(async () => {
  const limits = { graceMs: GRACE_MS, queuedFramesMax: QUEUED_FRAMES_MAX };
  server = await startTestServer({}, { pool: STAND_IN_POOL, limits });
});

afterAll(() => server.close());

async function registerWithToken(name: string): Promise<{ client: TestClient; resumeToken: string }> {
  const client = await TestClient.connect(server.url);
  client.send({ id: 'register', name });
  const response = await client.next('registerResponse');
  if (response.response !== 'accepted') throw new Error(response.message);
  return { client, resumeToken: response.resumeToken };
}

async function resume(resumeToken: string) {
  const client = await TestClient.connect(server.url);
  client.send({ id: 'resume', resumeToken });
  return { client, response: await client.next('registerResponse') };
}

async function lose(client: TestClient): Promise<void> {
  client.socket.terminate();
  await client.closed();
}

async function talk(callerName: string, calleeName: string) {
  const [caller, callee] = [await registerWithToken(callerName), await registerWithToken(calleeName)];
  caller.client.send({ id: 'call', to: calleeName, sdpOffer: 'v=0' });
  const { callId } = await callee.client.next('incomingCall');
  callee.client.send({ id: 'incomingCallResponse', callId, callResponse: 'accept', sdpOffer: 'v=0' });
  await caller.client.next('callResponse');
  await callee.client.next('startCommunication');
  return { caller, callee, callId };
}

test('a lost connection comes back into its call, with what it missed, in order; the token works once', async () => {
  const { caller, callee, callId } = await talk('a', 'b');
  await lose(caller.client);
  for (const audio of [true, false, true])
    callee.client.send({ id: 'mediaState', callId, audio, video: false });
  await callee.client.settled();
  expect(callee.client.seen).not.toContain('stopCommunication');

  const { client, response } = await resume(caller.resumeToken);
  expect(response).toMatchObject({ response: 'accepted', resumed: true, user: { name: 'a' } });
  await client.settled();
  expect(client.inbox.map((message) => message.id === 'mediaState' && message.audio)).toEqual([
    true,
    false,
    true,
  ]);

  const again = await resume(caller.resumeToken);
  expect(again.response).toMatchObject({ response: 'rejected', code: 'resume-expired' });
  client.send({ id: 'stop', callId });
  expect(await callee.client.next('stopCommunication')).toMatchObject({ reason: 'hangup' });
});

test('who resumes while the old socket is still open supersedes it', async () => {
  const { client, resumeToken } = await registerWithToken('c');
  const closed = client.closed();
  const resumed = await resume(resumeToken);
  expect(await closed).toBe(4001);
  await resumed.client.settled();
});

test('who does not come back in time is gone, and the other one learns it', async () => {
  const { caller, callee } = await talk('d', 'e');
  await lose(caller.client);
  expect(await callee.client.next('stopCommunication')).toMatchObject({ reason: 'peer-lost' });
  const { response } = await resume(caller.resumeToken);
  expect(response).toMatchObject({ response: 'rejected', code: 'resume-expired' });
});

test.each([1000, 1001])('a page that closes with %i has ended its part', async (code) => {
  const { caller, callee } = await talk(`f${code}`, `g${code}`);
  await caller.client.close(code);
  expect(await callee.client.next('stopCommunication')).toMatchObject({ reason: 'hangup' });
  expect((await resume(caller.resumeToken)).response.response).toBe('rejected');
});

test('who misses too much cannot resume', async () => {
  const { caller, callee, callId } = await talk('h', 'i');
  await lose(caller.client);
  for (let sent = 0; sent <= QUEUED_FRAMES_MAX; sent += 1) {
    callee.client.send({ id: 'mediaState', callId, audio: true, video: true });
  }
  expect(await callee.client.next('stopCommunication')).toMatchObject({ reason: 'peer-lost' });
});

test('a call that comes while one is lost rings when one is back', async () => {
  const [caller, callee] = [await registerWithToken('j'), await registerWithToken('k')];
  await lose(callee.client);
  caller.client.send({ id: 'call', to: 'k', sdpOffer: 'v=0' });
  await caller.client.next('callProgress');
  const { client } = await resume(callee.resumeToken);
  expect(await client.next('incomingCall')).toMatchObject({ from: 'j' });
  caller.client.send({ id: 'stop' });
  await client.next('missedCall');
});
