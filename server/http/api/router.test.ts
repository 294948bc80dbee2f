import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ApiServer, TOKEN } from '../../../testing/server/api-server.ts';
import { pino } from 'pino';
import { resolve } from '../../../testing/server/json-schema.ts';
import { openApiDocument } from './openapi.ts';
import { API_OPERATIONS, apiRouter } from './router.ts';

const logger = pino({ level: 'silent' });

let server: ApiServer;

beforeAll(async () => {
  server = await ApiServer.listen();
});

afterAll(() => server.close());

beforeEach(async () => {
  const { items } = await server.store.groups({ limit: 1_000 });
  for (const { id } of items) await server.store.deleteGroup(id);
});

describe('groups and members', () => {
  it('makes, changes, shows and deletes a group', async () => {
    const made = await server.api('PUT', '/api/groups/7', {
      name: '项目组',
      owner: 1,
      members: [1, { id: '2', name: 'Bob' }],
    });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ id: '7', name: '项目组', owner: '1', memberCount: 2 });
    const changed = await server.api('PUT', '/api/groups/7', { avatar: '/7.png' });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ name: '项目组', avatar: '/7.png', memberCount: 2 });
    expect((await server.api('GET', '/api/groups/7')).body).toEqual(changed.body);
    expect((await server.api('DELETE', '/api/groups/7')).status).toBe(204);
    expect((await server.api('DELETE', '/api/groups/7')).body).toMatchObject({
      error: { code: 'unknown-group' },
    });
    expect((await server.api('GET', '/api/groups/7')).status).toBe(404);
  });

  it('makes a group without a body', async () => {
    for (const body of ['[]', '5', 'null ,']) {
      expect((await server.api('PUT', '/api/groups/7', body)).status).toBe(400);
    }
    expect((await server.api('PUT', '/api/groups/7')).status).toBe(201);
  });

  it('adds and removes members', async () => {
    await server.api('PUT', '/api/groups/7');
    expect((await server.api('PUT', '/api/groups/7/members/1', { name: 'Ann' })).status).toBe(201);
    const again = await server.api('PUT', '/api/groups/7/members/1', { avatar: '/1.png' });
    expect(again).toMatchObject({ status: 200, body: { id: '1', name: 'Ann', avatar: '/1.png' } });
    expect((await server.api('PUT', '/api/groups/8/members/1')).status).toBe(404);
    expect((await server.api('DELETE', '/api/groups/7/members/1')).status).toBe(204);
    const gone = await server.api('DELETE', '/api/groups/7/members/1');
    expect(gone).toMatchObject({ status: 404, body: { error: { code: 'not-a-member' } } });
  });

  it('takes any id in the address, URL-encoded', async () => {
    for (const id of ['a/b', 'a b ', '群', '%2F', 'a?b#c', 'a+b', '.a', "o'hara", '\u{1F600}']) {
      const path = `/api/groups/${encodeURIComponent(id)}`;
      await server.api('PUT', path);
      await server.api('PUT', `${path}/members/${encodeURIComponent(id)}`);
      expect(await server.store.isMember(id, id)).toBe(true);
      expect((await server.api('GET', path)).body).toMatchObject({ id });
    }
    expect((await server.api('PUT', '/api/groups/%zz')).status).toBe(400);
    expect((await server.api('PUT', '/api/groups/%00')).status).toBe(400);
    expect((await server.api('PUT', `/api/groups/${'x'.repeat(129)}`)).status).toBe(400);
    expect((await server.api('GET', '/api/groups/%00')).status).toBe(404);
  });

  it('gives lists in pages', async () => {
    const members = Array.from({ length: 5 }, (_, index) => `u${index}`);
    await server.api('PUT', '/api/groups/g', { members });
    await server.api('PUT', '/api/groups/h');
    expect((await server.api('GET', '/api/groups?limit=1')).body).toMatchObject({
      groups: [{ id: 'g' }],
      next: 'g',
    });
    expect((await server.api('GET', '/api/groups?limit=1&after=g')).body).toMatchObject({
      groups: [{ id: 'h' }],
    });
    const first = await server.api('GET', '/api/groups/g/members?limit=3');
    const second = await server.api(
      'GET',
      `/api/groups/g/members?limit=3&after=${String(first.body['next'])}`,
    );
    const ids = [first, second].flatMap(({ body }) =>
      (body['members'] as { id: string }[]).map(({ id }) => id),
    );
    expect(ids).toEqual(members);
    expect(second.body).not.toHaveProperty('next');
    expect((await server.api('GET', '/api/groups/h/members')).body).toEqual({ members: [] });
    expect((await server.api('GET', '/api/groups/none/members')).status).toBe(404);
    for (const limit of ['0', '1001', '-1', '1.5', 'x', '1&limit=2']) {
      expect((await server.api('GET', `/api/groups?limit=${limit}`)).status).toBe(400);
    }
  });
});

describe('calls', () => {
  it('lists past calls', async () => {
    for (const startedAt of [1, 2, 3]) {
      server.store.recordCall({
        callId: `c${startedAt}`,
        reqType: startedAt === 3 ? 'group' : 'ptop',
        groupId: startedAt === 3 ? '7' : undefined,
        caller: 'ann',
        startedAt,
        ...(startedAt > 1 && { answeredAt: startedAt }),
        endedAt: startedAt + 5,
        durationMs: 5,
        outcome: startedAt > 1 ? 'answered' : 'no-answer',
        ...(startedAt > 1 && { media: 'audio', reason: 'hangup', endedBy: 'ann' }),
        participants: [
          { name: 'ann', outcome: 'joined', joinedAt: 1, quality: { lossIn: 0.1 } },
          { name: 'bob', outcome: 'no-answer' },
        ],
      });
    }
    await server.store.callsWritten();
    const first = await server.api('GET', '/api/calls?limit=2');
    const second = await server.api('GET', `/api/calls?limit=2&after=${String(first.body['next'])}`);
    const ids = [first, second].flatMap(({ body }) =>
      (body['calls'] as { callId: string }[]).map(({ callId }) => callId),
    );
    expect(ids).toEqual(['c3', 'c2', 'c1']);
    expect((await server.api('GET', '/api/calls?group=7&user=bob')).body['calls']).toMatchObject([
      { callId: 'c3' },
    ]);
    expect((await server.api('GET', '/api/calls?user=nobody')).body['calls']).toEqual([]);
    expect((await server.api('GET', '/api/calls?after=x')).status).toBe(400);
    expect((await server.api('GET', '/api/calls?user=%00')).body['calls']).toEqual([]);
  });
});

describe('access', () => {
  it.each([undefined, '', 'Bearer', 'Bearer wrong', `Basic ${TOKEN}`, `Bearer ${TOKEN}x`, TOKEN])(
    'is refused with %s',
    async (authorization) => {
      const headers = authorization === undefined ? {} : { Authorization: authorization };
      const response = await fetch(`${server.address}/api/groups`, { headers });
      expect(response.status).toBe(401);
      expect(response.headers.get('WWW-Authenticate')).toContain('Bearer');
      expect(await response.json()).toMatchObject({ error: { code: 'unauthorized' } });
    },
  );

  it('is closed without an admin token, whatever is sent', async () => {
    const closed = await ApiServer.listen('');
    for (const authorization of ['', 'Bearer', 'Bearer undefined', `Bearer ${TOKEN}`]) {
      const response = await fetch(`${closed.address}/api/groups`, {
        headers: { Authorization: authorization },
      });
      expect(response.status).toBe(403);
      expect(await response.json()).toMatchObject({
        error: { code: 'api-closed', message: expect.stringContaining('ADMIN_TOKEN') as string },
      });
    }
    expect((await fetch(`${closed.address}/api/openapi.json`)).status).toBe(200);
    await closed.close();
  });

  it('tells unknown paths and methods', async () => {
    expect(await server.api('GET', '/api/nothing')).toMatchObject({
      status: 404,
      body: { error: { code: 'not-found' } },
    });
    expect((await server.api('GET', '/api')).status).toBe(404);
    const wrong = await server.api('DELETE', '/api/groups');
    expect(wrong).toMatchObject({ status: 405, body: { error: { code: 'method-not-allowed' } } });
    expect(wrong.headers.get('Allow')).toBe('GET');
  });
});

describe('the database being gone', () => {
  it('is told as 503 store-unavailable', async () => {
    const without = await ApiServer.listen();
    await without.store.close();
    const answer = await without.api('GET', '/api/groups');
    expect(answer).toMatchObject({ status: 503, body: { error: { code: 'store-unavailable' } } });
    expect(answer.headers.get('Retry-After')).toBe('5');
    await without.close();
  });
});

describe('the description', () => {
  it('describes every route, and nothing else', async () => {
    const response = await fetch(`${server.address}/api/openapi.json`);
    const document = (await response.json()) as ReturnType<typeof openApiDocument>;
    expect(document.openapi).toBe('3.1.0');
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const routes = apiRouter({ store: server.store, adminToken: TOKEN, logger })
      .stack.filter(({ methods }) => methods.length <= 2)
      .flatMap(({ path, methods }) =>
        methods
          .filter((method) => method !== 'HEAD')
          .map((method) => `${method} ${String(path).replace(/:(\w+)/g, '{$1}')}`),
      )
      .filter((route) => route !== 'GET /api/openapi.json');
    expect(routes.length).toBeGreaterThan(9);
    expect(described.sort()).toEqual(routes.sort());
  });

  it('names every parameter of its paths, and only schemas that exist', () => {
    const document = openApiDocument(API_OPERATIONS);
    for (const { path, parameters = [] } of API_OPERATIONS) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const described = parameters.filter(({ in: place }) => place === 'path').map(({ name }) => name);
      expect(described).toEqual(inPath);
    }
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref ?? '');
    expect(refs.length).toBeGreaterThan(20);
    for (const ref of refs) expect(resolve(ref)).toBeDefined();
    const ids = API_OPERATIONS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
