/** Pages of protocol 1 stay open while the server is upgraded, and go on working. */
import * as v from 'valibot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  ERROR_CODES,
  REFUSAL_CODES,
  REGISTER_REJECTION_CODES,
  SERVER_MESSAGES,
  type ServerMessageId,
  type ServerMessageInput,
  STOP_REASONS,
} from '../../protocol/index.ts';
import { makeGroup, ADMIN_TOKEN } from '../../testing/server/groups.ts';
import { recordingOf, replay } from '../../testing/server/protocol-1/recorded-page.ts';
import { SERVER_MESSAGES as MESSAGES_OF_PROTOCOL_1 } from '../../testing/server/protocol-1/schemas.ts';
import { startTestPool, type TestPool } from '../../testing/server/start-test-pool.ts';
import { startTestServer } from '../../testing/server/start-test-server.ts';
import { TestClient } from '../../testing/server/test-client.ts';
import type { RunningServer } from '../server.ts';
import { downgrade } from './downgrade.ts';

let pool: TestPool;
let server: RunningServer;

beforeAll(async () => {
  pool = await startTestPool();
  server = await startTestServer({ ADMIN_TOKEN }, { pool });
  await makeGroup(server, '1', ['1', '2', '3']);
});

afterAll(async () => {
  await server.close();
  await pool.close();
});

test.each(['one-to-one', 'group'] as const)('what was recorded of a %s call works', async (name) => {
  const recording = recordingOf(name);
  const pages = await replay(server.url, recording);
  expect(pages.size).toBeGreaterThan(1);
  for (const [user, page] of pages) {
    expect(page.dropped).toEqual([]);
    const then = recording.flatMap((entry) =>
      entry.page === user && entry.direction === 'received' ? [entry.frame.id] : [],
    );
    expect(page.seen).toEqual(expect.arrayContaining([...new Set(then)]));
  }
  await expect.poll(pool.pipelines).toBe(0);
});

const CODES: readonly ServerMessageInput[] = [
  ...ERROR_CODES.map((code) => ({ id: 'error', code, message: 'x' }) as const),
  ...REGISTER_REJECTION_CODES.map(
    (code) => ({ id: 'registerResponse', response: 'rejected', code, message: 'x' }) as const,
  ),
  ...REFUSAL_CODES.map(
    (code) => ({ id: 'callResponse', callId: 'c', response: 'rejected', code, message: 'x' }) as const,
  ),
  ...STOP_REASONS.map((reason) => ({ id: 'stopCommunication', reason }) as const),
];

test.each(CODES)('$id $code$reason becomes one that they know', (message) => {
  const older = downgrade(1, message);
  expect(older).toBeDefined();
  expect(v.is(MESSAGES_OF_PROTOCOL_1[message.id as 'error'], older)).toBe(true);
  expect(downgrade(2, message)).toBe(message);
});

const NEW_MESSAGES: readonly ServerMessageInput[] = [
  { id: 'invitedChanged', room: '1', data: [], counts: {} },
  { id: 'tokenExpiring' },
  { id: 'renewResponse', response: 'accepted' },
];

test('they get no message that they do not know', () => {
  const ids = Object.keys(SERVER_MESSAGES) as ServerMessageId[];
  const added = ids.filter((id) => !Object.hasOwn(MESSAGES_OF_PROTOCOL_1, id));
  expect(NEW_MESSAGES.map(({ id }) => id).sort()).toEqual(added.sort());
  for (const message of NEW_MESSAGES) expect(downgrade(1, message)).toBeUndefined();
});

test('what is spoken is the older version of both sides', async () => {
  for (const [protocol, spoken] of [
    [undefined, 1],
    [1, 1],
    [2, 2],
    [7, 2],
  ] as const) {
    const client = await TestClient.connect(server.url);
    client.send({ id: 'register', name: `speaker-${protocol}`, ...(protocol ? { protocol } : {}) });
    expect(await client.next('registerResponse')).toMatchObject({ protocol: spoken });
    await client.close();
  }
});

test('they invite up to 500 at once, later pages 50', async () => {
  for (const [protocol, count, code] of [
    [1, 500, 'unknown-room'],
    [1, 501, 'bad-message'],
    [2, 50, 'unknown-room'],
    [2, 51, 'bad-message'],
  ] as const) {
    const client = await TestClient.connect(server.url);
    client.send({ id: 'register', name: 'inviter', protocol });
    await client.next('registerResponse');
    client.send({ id: 'invite', room: 'none', to: Array.from({ length: count }, (_, each) => `n${each}`) });
    expect(await client.next('error')).toMatchObject({ code, inReplyTo: 'invite' });
    await client.close();
  }
});
