import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Koa from 'koa';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { apiRouter } from '../http/api/router.ts';
import { runGroupsCommand } from './cli.ts';
import { GroupStore } from './index.ts';

const logger = pino({ level: 'silent' });

let folder: string;
let env: Record<string, string>;
let out: string;
let err: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'video-call-'));
  env = { DATABASE_URL: `file:${join(folder, 'test.db')}`, ADMIN_TOKEN: 'admin' };
  out = '';
  err = '';
});

afterEach(() => rm(folder, { recursive: true }));

async function run(...argv: string[]): Promise<number> {
  return await runGroupsCommand(argv, env, {
    out: { write: (text) => (out += text) },
    err: { write: (text) => (err += text) },
  });
}

async function file(content: unknown): Promise<string> {
  const path = join(folder, 'import.json');
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

async function memberIds(groupId: string): Promise<string[]> {
  const store = await GroupStore.open(env['DATABASE_URL'] ?? '', { logger });
  const { items } = await store.membersOf(groupId);
  await store.close();
  return items.map(({ id }) => id);
}

it('imports a file of its own format, with a byte order mark too', async () => {
  const path = await file(`\uFEFF{"groups": [{"id": 7, "members": [1, 2]}]}`);
  expect(await run('import', path)).toBe(0);
  expect(out).toBe('Imported 2 users and 1 groups: 2 members added, 0 removed.\n');
  expect(await memberIds('7')).toEqual(['1', '2']);
});

it("imports LayIM's answers as they are", async () => {
  const init = { code: 0, data: { mine: { id: 1 }, group: [{ id: 7, groupname: 'seven' }] } };
  expect(await run('import', await file(init))).toBe(0);
  expect(await memberIds('7')).toEqual(['1']);
  const members = { code: 0, data: { list: [{ id: 2 }, { id: 3 }] } };
  expect(await run('import', await file(members), '--group', '7')).toBe(0);
  expect(await memberIds('7')).toEqual(['2', '3']);
});

it('imports through a running server, whose calls then hear of it', async () => {
  const store = await GroupStore.open('file::memory:', { logger });
  await store.replaceMembers('7', [{ id: '1' }], { at: 1 });
  const removed: string[] = [];
  store.on('memberRemoved', ({ userId }) => removed.push(userId));
  const app = new Koa().use(apiRouter({ store, adminToken: 'admin', logger }).routes());
  const server = createServer(app.callback()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const members = await file({ code: 0, data: { list: [{ id: 2 }] } });
  expect(await run('import', members, '--group', '7', '--server', address)).toBe(0);
  expect(removed).toEqual(['1']);
  const inexact = await file('{"groups": [{"id": -0}]}');
  expect(await run('import', inexact, '--server', address)).toBe(1);
  expect(err).toContain('$.groups[0].id');
  const nested = await file(`{"groups": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
  expect(await run('import', nested, '--server', address)).toBe(1);
  env['ADMIN_TOKEN'] = 'wrong';
  expect(await run('import', members, '--group', '7', '--server', address)).toBe(1);
  expect(err).toContain('ADMIN_TOKEN');
  server.close();
  server.closeAllConnections();
  await store.close();
});

it.each([
  ['a mistake in the file', '{"groups": [{"id": 1}, {}]}', '$.groups[1].id: is missing'],
  ['no JSON', '{', '$: is not JSON'],
  ['a refusal of the chat', '{"code": 1, "msg": "login", "data": {}}', '"login"'],
])('refuses %s with exit code 1', async (_, content, message) => {
  expect(await run('import', await file(content))).toBe(1);
  expect(err).toContain(message);
});

it('tells a file that cannot be read, and a database that is none', async () => {
  expect(await run('import', join(folder, 'none.json'))).toBe(1);
  expect(err).toContain('none.json');
  env['DATABASE_URL'] = 'redis://127.0.0.1';
  expect(await run('import', await file({ groups: [{ id: 1 }] }))).toBe(1);
  expect(err).toContain('DATABASE_URL');
  expect(await run('import', await file({ groups: [{ id: 1 }] }), '--server', 'http://127.0.0.1:1')).toBe(1);
  expect(err).toContain('does not answer');
});

it('explains itself', async () => {
  expect(await run('--help')).toBe(0);
  expect(out).toContain('Usage');
  for (const argv of [[], ['export'], ['import'], ['import', 'a', 'b'], ['import', 'a', '--nonsense']]) {
    expect(await run(...argv)).toBe(2);
  }
  expect(err).toContain('Usage');
});
