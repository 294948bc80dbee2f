import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { GroupStore, MembersSource, type MembersSourceOptions } from './index.ts';

const logger = pino({ level: 'silent' });

let store: GroupStore;
let chat: Server;
let requests: IncomingMessage[];
let respond: (response: ServerResponse, request: IncomingMessage) => void;
let source: MembersSource;

beforeEach(async () => {
  store = await GroupStore.open('file::memory:', { logger });
  requests = [];
  respond = (response) => response.end(answer(['1', '2']));
  chat = createServer((request, response) => {
    requests.push(request);
    respond(response, request);
  }).listen(0, '127.0.0.1');
  await once(chat, 'listening');
  source = createSource();
});

afterEach(async () => {
  await source.close();
  chat.closeAllConnections();
  chat.close();
  await store.close();
});

function createSource(options: Partial<MembersSourceOptions> = {}): MembersSource {
  const url = `http://127.0.0.1:${(chat.address() as AddressInfo).port}/members?id={id}`;
  return new MembersSource({ store, url, logger, headers: { Authorization: 'Bearer im' }, ...options });
}

function answer(ids: readonly string[]): string {
  return JSON.stringify({ code: 0, data: { list: ids.map((id) => ({ id, username: `用户${id}` })) } });
}

async function memberIds(groupId: string): Promise<string[]> {
  return (await store.membersOf(groupId)).items.map(({ id }) => id);
}

it('pulls the members of a group that nobody told of', async () => {
  expect(await source.refresh('群/1&x=2')).toBe('pulled');
  expect(requests[0]?.url).toBe(`/members?id=${encodeURIComponent('群/1&x=2')}`);
  expect(requests[0]?.headers.authorization).toBe('Bearer im');
  expect(await memberIds('群/1&x=2')).toEqual(['1', '2']);
  expect(await store.user('1')).toMatchObject({ name: '用户1' });
});

it('pulls again only when the copy is too old', async () => {
  await store.replaceMembers('g', [{ id: '9' }], { at: Date.now() });
  expect(await source.refresh('g')).toBe('fresh');
  expect(requests).toHaveLength(0);
  await store.deleteGroup('g');
  await store.replaceMembers('g', [{ id: '9' }], { at: Date.now() - 60_001 });
  expect(await source.refresh('g')).toBe('pulled');
  expect(await memberIds('g')).toEqual(['1', '2']);
  expect(await source.refresh('g')).toBe('fresh');
});

it('tells who is no member any more', async () => {
  const removed: string[] = [];
  store.on('memberRemoved', ({ userId }) => removed.push(userId));
  await store.replaceMembers('g', [{ id: '1' }, { id: '9' }], { at: 1 });
  await source.refresh('g');
  expect(removed).toEqual(['9']);
});

it('asks once for those who ask at the same time', async () => {
  const results = await Promise.all([1, 2, 3].map(() => source.refresh('g')));
  expect(results).toEqual(['pulled', 'pulled', 'pulled']);
  expect(requests).toHaveLength(1);
});

it.each<[string, typeof respond]>([
  ['an error', (response) => response.writeHead(500).end('oops')],
  ['a refusal', (response) => response.end('{"code": 1, "msg": "login"}')],
  ['something else', (response) => response.end('<html>login</html>')],
  ['a member without id', (response) => response.end('{"code": 0, "data": {"list": [{"username": "x"}]}}')],
  ['a broken connection', (response) => response.destroy()],
  ['half an answer', (response) => response.writeHead(200, { 'Content-Length': '999' }).end('{"code": 0,')],
  ['a redirect', (response) => response.writeHead(302, { Location: '/elsewhere' }).end()],
  ['too much', (response) => response.end(Buffer.alloc(9 * 1024 * 1024, ' '))],
  ['bytes that are no UTF-8', (response) => response.end(Buffer.from([0x22, 0xff, 0x22]))],
])('goes on with the stored members after %s', async (_, fails) => {
  await store.replaceMembers('g', [{ id: '9' }], { at: 1 });
  respond = fails;
  expect(await source.refresh('g')).toBe('stale');
  expect(await memberIds('g')).toEqual(['9']);
  const asked = requests.length;
  expect(await source.refresh('g')).toBe('stale');
  expect(requests).toHaveLength(asked);
});

it('leaves out what is no member, and tells so once', async () => {
  const warnings: unknown[] = [];
  source = createSource({
    maxAgeMs: 0,
    logger: { info: () => undefined, warn: (fields: unknown) => void warnings.push(fields) },
  });
  const list = `{"id": 1}, null, 7, "8", [], {"username": "x"}, {"id": 1e400}, {"id": ""}, {"id": 2, "username": 1e400}`;
  respond = (response) => response.end(`{"code": 0, "data": {"owner": {"id": true}, "list": [${list}]}}`);
  await store.replaceMembers('g', [{ id: '1' }, { id: '9' }], { at: 1, owner: '1' });
  for (let turn = 0; turn < 3; turn++) {
    expect(await source.refresh('g')).toBe('pulled');
    expect(await memberIds('g')).toEqual(['1', '2']);
  }
  expect(await store.user('2')).toMatchObject({ name: '' });
  expect(await store.group('g')).toMatchObject({ owner: '1' });
  expect(warnings).toMatchObject([{ groupId: 'g', leftOut: 8, err: { path: '$.data.list[1]' } }]);
  respond = (response) => response.end(answer(['1']));
  await source.refresh('g');
  respond = (response) => response.end('{"code": 0, "data": {"list": [{"id": 1}, null]}}');
  await source.refresh('g');
  expect(warnings).toHaveLength(2);
});

it('does not wait for a chat that does not answer', async () => {
  await store.replaceMembers('g', [{ id: '9' }], { at: 1 });
  source = createSource({ timeoutMs: 50 });
  respond = () => undefined;
  expect(await source.refresh('g')).toBe('stale');
  respond = (response) => void response.write('{');
  expect(await source.refresh('h')).toBe('stale');
  expect(await memberIds('g')).toEqual(['9']);
});

it('calls off its requests when it is closed', async () => {
  const asked = new Promise<void>((resolve) => (respond = () => resolve()));
  const refreshing = source.refresh('g');
  await asked;
  await source.close();
  expect(await refreshing).toBe('stale');
});

it('makes no group of an empty answer', async () => {
  respond = (response) => response.end(answer([]));
  expect(await source.refresh('unknown')).toBe('stale');
  expect(await store.group('unknown')).toBeUndefined();
  await store.putGroup({ id: 'known' });
  expect(await source.refresh('known')).toBe('pulled');
});

it('asks for nothing under an id that would lead elsewhere', async () => {
  source = createSource({
    url: `http://127.0.0.1:${(chat.address() as AddressInfo).port}/groups/{id}/members`,
  });
  for (const id of ['.', '..', 'a\0', '\ud800', '']) expect(await source.refresh(id)).toBe('stale');
  expect(requests).toHaveLength(0);
  await source.refresh('../admin');
  expect(requests[0]?.url).toBe('/groups/..%2Fadmin/members');
});

it('refuses an address without a place for the id', () => {
  expect(() => createSource({ url: 'http://im.example/members' })).toThrow('{id}');
});
