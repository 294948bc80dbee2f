/** What becomes of connections whose token runs out: real tokens, real sockets. */
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { STAND_IN_POOL } from '../../testing/server/stand-in-pool.ts';
import { startTestServer } from '../../testing/server/start-test-server.ts';
import { TestClient } from '../../testing/server/test-client.ts';
import type { RunningServer } from '../server.ts';

const SECRET = 'a secret of thirty-two bytes or more';

let server: RunningServer;

beforeAll(async () => {
  const limits = { expiredTokenRecheckMs: 100 };
  server = await startTestServer({ JWT_SECRET: SECRET }, { pool: STAND_IN_POOL, limits });
});

afterAll(() => server.close());

function tokenOf(name: string, lifeSeconds: number): Promise<string> {
  return new SignJWT({ sub: name })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime(Math.floor(Date.now() / 1000) + lifeSeconds)
    .sign(new TextEncoder().encode(SECRET));
}

async function register(name: string, lifeSeconds: number, protocol = 2): Promise<TestClient> {
  const client = await TestClient.connect(server.url);
  client.send({ id: 'register', protocol, token: await tokenOf(name, lifeSeconds) });
  expect(await client.next('registerResponse')).toMatchObject({ response: 'accepted' });
  return client;
}

async function resume(resumeToken: string): Promise<TestClient> {
  const client = await TestClient.connect(server.url);
  client.send({ id: 'resume', protocol: 2, resumeToken });
  return client;
}

/** A call whose caller's token runs out during it. */
async function talk(callerName: string, calleeName: string) {
  const [caller, callee] = [await register(callerName, 4), await register(calleeName, 3600)];
  caller.send({ id: 'call', to: calleeName, sdpOffer: 'v=0' });
  const { callId } = await callee.next('incomingCall');
  callee.send({ id: 'incomingCallResponse', callId, callResponse: 'accept', sdpOffer: 'v=0' });
  await caller.next('callResponse');
  await callee.next('startCommunication');
  return { caller, callee, callId };
}

/** Waits until nothing new may begin: inviting into no room is refused for another reason before. */
async function ranOut(client: TestClient): Promise<void> {
  for (;;) {
    client.send({ id: 'invite', room: 'none', to: ['nobody'] });
    const { code } = await client.next('error');
    if (code === 'token-expired') return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test('a page is asked for another token a minute before its own runs out, and only then', async () => {
  const [soon, late] = [await register('a', 59), await register('b', 3600)];
  await soon.next('tokenExpiring');
  await late.settled();
  expect(late.seen).not.toContain('tokenExpiring');
  await Promise.all([soon.close(), late.close()]);
});

test.each([1, 2])(
  'an idle connection of protocol %i is closed when its token has run out',
  async (protocol) => {
    const client = await register(`idle${protocol}`, 2, protocol);
    const other = await register('other', 3600);
    expect(await client.closed()).toBe(4002);
    expect(client.seen.includes('tokenExpiring')).toBe(protocol === 2);
    other.send({ id: 'call', to: `idle${protocol}`, sdpOffer: 'v=0' });
    expect(await other.next('callResponse')).toMatchObject({ response: 'rejected', code: 'offline' });
    const late = await resume(client.resumeToken);
    expect(await late.next('registerResponse')).toMatchObject({ code: 'resume-expired' });
    await Promise.all([other.close(), late.close()]);
  },
);

test('an idle connection that lost its socket is gone when its token has run out', async () => {
  const client = await register('lost', 2);
  client.socket.terminate();
  const other = await register('seeker', 3600);
  while (!other.seen.includes('callResponse')) {
    other.send({ id: 'call', to: 'lost', sdpOffer: 'v=0' });
    other.send({ id: 'stop' });
    await other.settled();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(await other.next('callResponse')).toMatchObject({ code: 'offline' });
  const late = await resume(client.resumeToken);
  expect(await late.next('registerResponse')).toMatchObject({ code: 'resume-expired' });
  await Promise.all([other.close(), late.close()]);
});

test('a renewed connection stays', async () => {
  const client = await register('c', 3);
  await client.next('tokenExpiring');
  client.send({ id: 'renew', token: await tokenOf('c', 3600) });
  expect(await client.next('renewResponse')).toEqual({ id: 'renewResponse', response: 'accepted' });
  await new Promise((resolve) => setTimeout(resolve, 3200));
  client.send({ id: 'call', to: 'nobody', sdpOffer: 'v=0' });
  expect(await client.next('callResponse')).toMatchObject({ code: 'offline' });
  await client.close();
});

test('a page whose tokens are short is not asked for the next one at once', async () => {
  const client = await register('i', 59);
  await client.next('tokenExpiring');
  client.send({ id: 'renew', token: await tokenOf('i', 59) });
  await client.next('renewResponse');
  await client.settled();
  expect(client.seen.filter((id) => id === 'tokenExpiring')).toHaveLength(1);
  await client.close();
});

test.each([
  ['of another user', () => tokenOf('mallory', 3600), 'not-allowed'],
  ['that has expired', () => tokenOf('d', -3600), 'token-expired'],
  ['that is none', async () => 'nonsense', 'token-invalid'],
])('a token %s renews nothing', async (_what, make, code) => {
  const client = await register('d', 3);
  client.send({ id: 'renew', token: await make() });
  expect(await client.next('renewResponse')).toMatchObject({ response: 'rejected', code });
  expect(await client.closed()).toBe(4002);
});

test('a running call goes on, begins nothing new, and may be resumed; the connection ends with it', async () => {
  const { caller, callee, callId } = await talk('e', 'f');
  await ranOut(caller);
  caller.send({ id: 'call', to: 'f', sdpOffer: 'v=0' });
  expect(await caller.next('error')).toMatchObject({ code: 'token-expired', inReplyTo: 'call' });
  caller.socket.terminate();
  const back = await resume(caller.resumeToken);
  expect(await back.next('registerResponse')).toMatchObject({ response: 'accepted', resumed: true });
  back.send({ id: 'mediaState', callId, audio: false, video: false });
  expect(await callee.next('mediaState')).toMatchObject({ audio: false });
  const closed = back.closed();
  callee.send({ id: 'stop', callId });
  expect(await back.next('stopCommunication')).toMatchObject({ reason: 'hangup' });
  expect(await closed).toBe(4002);
  await callee.close();
});

test('a token that comes late, during the call, counts', async () => {
  const { caller, callee, callId } = await talk('g', 'h');
  await ranOut(caller);
  caller.send({ id: 'renew', token: await tokenOf('g', 3600) });
  expect(await caller.next('renewResponse')).toMatchObject({ response: 'accepted' });
  callee.send({ id: 'stop', callId });
  await caller.next('stopCommunication');
  caller.send({ id: 'call', to: 'h', sdpOffer: 'v=0' });
  expect(await callee.next('incomingCall')).toMatchObject({ from: 'g' });
  await Promise.all([caller.close(), callee.close()]);
});
