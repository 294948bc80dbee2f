/** What one who calls may cost the media servers, and the log. */
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { STAND_IN_POOL } from '../../testing/server/stand-in-pool.ts';
import { startTestServer } from '../../testing/server/start-test-server.ts';
import { TestClient } from '../../testing/server/test-client.ts';
import type { RunningServer } from '../server.ts';
import type { MediaPool } from '../sessions/media.ts';

let server: RunningServer;
afterEach(() => server.close());

/** Counts what it is asked for, and understands no offer but `v=0`. */
class CountingPool implements MediaPool {
  readonly available = true;
  readonly whenReady = async () => true;
  endpoints = 0;
  candidates = 0;

  async createPipeline() {
    const pipeline = await STAND_IN_POOL.createPipeline();
    const createEndpoint = async () => {
      this.endpoints += 1;
      const endpoint = await pipeline.createEndpoint();
      return {
        ...endpoint,
        negotiate: async (sdpOffer: string) => {
          if (sdpOffer === 'v=0') return 'v=0';
          throw Object.assign(new Error('no SDP'), { code: 'bad-sdp' });
        },
        addCandidate: () => void (this.candidates += 1),
      };
    };
    return { ...pipeline, createEndpoint };
  }
}

async function talk(url: string): Promise<{ caller: TestClient; callId: string }> {
  const [caller, callee] = [await TestClient.register(url, 'a'), await TestClient.register(url, 'b')];
  caller.send({ id: 'call', to: 'b', sdpOffer: 'v=0' });
  const { callId } = await callee.next('incomingCall');
  callee.send({ id: 'incomingCallResponse', callId, callResponse: 'accept', sdpOffer: 'v=0' });
  await caller.next('callResponse');
  return { caller, callId };
}

const candidateNumber = (port: number) => ({
  candidate: `candidate:1 1 udp 2122260223 192.0.2.1 ${port} typ host`,
  sdpMid: '0',
});

test('of 900 candidates 128 reach the media server, of those for an offer that never comes none', async () => {
  const pool = new CountingPool();
  server = await startTestServer({}, { pool });
  const { caller, callId } = await talk(server.url);
  for (let port = 1; port <= 450; port += 1) {
    caller.send({ id: 'onIceCandidate', callId, candidate: candidateNumber(port) });
    caller.send({ id: 'onIceCandidate', callId, candidate: candidateNumber(1) });
  }
  await caller.settled();
  expect(pool.candidates).toBe(128);
  caller.send({ id: 'offer', callId, sdpOffer: 'v=0', generation: 1 });
  await caller.next('answer');
  for (let port = 1; port <= 90; port += 1) {
    caller.send({ id: 'onIceCandidate', callId, candidate: candidateNumber(port), generation: 99 });
  }
  await caller.settled();
  expect(pool.candidates).toBe(128);
  expect(caller.seen).not.toContain('error');
});

test('of 200 offers ten are answered, those between are told when to try again, and the call goes on', async () => {
  const pool = new CountingPool();
  server = await startTestServer({}, { pool });
  const { caller, callId } = await talk(server.url);
  for (let generation = 1; generation <= 200; generation += 1) {
    caller.send({ id: 'offer', callId, sdpOffer: 'v=0', generation });
  }
  await caller.settled();
  const refused = caller.inbox.filter(({ id }) => id === 'error');
  expect(refused).toHaveLength(190);
  expect(refused[0]).toMatchObject({ code: 'rate-limited', inReplyTo: 'offer' });
  expect(pool.endpoints).toBeLessThanOrEqual(12);
  caller.send({ id: 'stop', callId });
  await caller.settled();
});

test('offers that cannot be used are no warning', async () => {
  const levels: number[] = [];
  const write = (line: string) => void levels.push((JSON.parse(line) as { level: number }).level);
  const logger = pino({ level: 'info' }, { write });
  server = await startTestServer({}, { pool: new CountingPool(), logger });
  const { caller, callId } = await talk(server.url);
  caller.send({ id: 'offer', callId, sdpOffer: 'nonsense', generation: 1 });
  expect(await caller.next('error')).toMatchObject({ code: 'bad-sdp', inReplyTo: 'offer' });
  expect(Math.max(...levels)).toBe(pino.levels.values['info']);
});
