/** The page's signaling and the real server, on tokens that run out within seconds. */
import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket as Socket } from 'ws';
import type { RunningServer } from '../../server/server.ts';
import { STAND_IN_POOL } from '../../testing/server/stand-in-pool.ts';
import { startTestServer } from '../../testing/server/start-test-server.ts';
import { Signaling } from './socket.ts';

const SECRET = 'a secret of thirty-two bytes or more';
const LIFE_SECONDS = 5;

describe('Signaling, on tokens that run out', () => {
  let server: RunningServer;
  let client: Signaling;
  let heard: string[];

  function sign(): Promise<string> {
    return new SignJWT({ sub: '7' })
      .setProtectedHeader({ alg: 'HS256' })
      .setJti(randomUUID())
      .setExpirationTime(Math.floor(Date.now() / 1000) + LIFE_SECONDS)
      .sign(new TextEncoder().encode(SECRET));
  }

  function start(findToken: () => Promise<string>): void {
    heard = [];
    client = new Signaling({
      address: new URL('/signal', server.url.replace('http', 'ws')).href,
      credentials: async () => ({ token: await findToken() }),
      WebSocket: Socket as unknown as new (address: string) => WebSocket,
      network: new EventTarget(),
      random: () => 0,
    });
    client.on('state', (state) => heard.push(state));
    client.on('expired', () => heard.push('expired'));
    client.start();
  }

  beforeEach(async () => {
    server = await startTestServer({ JWT_SECRET: SECRET }, { pool: STAND_IN_POOL });
  });

  afterEach(async () => {
    client.stop();
    await server.close();
  });

  it('stays registered as long as there are others', async () => {
    const findToken = vi.fn(sign);
    start(findToken);
    await vi.waitFor(() => expect(findToken.mock.calls.length).toBeGreaterThan(4), { timeout: 18_000 });
    expect(heard).toEqual(['connecting', 'ready']);
  });

  it('registers afresh when there was none in time', async () => {
    let token = sign();
    start(() => token);
    await vi.waitFor(() => expect(heard).toContain('ready'), { timeout: 10_000 });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    // The renewal asks again only after the end.
    token = token.then(sign);
    await vi.waitFor(() => expect(heard.slice(2)).toEqual(['expired', 'connecting', 'ready']), {
      timeout: 15_000,
    });
  });
});
