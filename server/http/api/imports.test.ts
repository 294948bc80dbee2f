import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ApiServer, TOKEN } from '../../../testing/server/api-server.ts';
import { BODY_MAX_BYTES } from './body.ts';

let server: ApiServer;

beforeAll(async () => {
  server = await ApiServer.listen();
});

afterAll(() => server.close());

beforeEach(async () => {
  const { items } = await server.store.groups({ limit: 1_000 });
  for (const { id } of items) await server.store.deleteGroup(id);
});

describe('imports', () => {
  it('imports users, groups and members', async () => {
    const body = {
      users: [
        { id: 1, name: 'Ann' },
        { id: '2', name: 'Bob' },
      ],
      groups: [{ id: 7, name: 'seven', owner: '1', members: [1, '2', { id: 3, name: 'Cid' }] }, { id: 8 }],
    };
    expect((await server.api('POST', '/api/import', body)).body).toEqual({
      users: 3,
      groups: 2,
      membersAdded: 3,
      membersRemoved: 0,
    });
    expect((await server.store.membersOf('7')).items.map(({ name }) => name)).toEqual(['Ann', 'Bob', 'Cid']);
  });

  it.each([
    ['$', []],
    ['$', { users: [], groups: [] }],
    ['$.groups', { groups: {} }],
    ['$.groups[1].id', { groups: [{ id: 1 }, { name: 'no id' }] }],
    ['$.groups[1].id', { groups: [{ id: 1 }, { id: '1' }] }],
    ['$.groups[0].members[1].id', { groups: [{ id: 1, members: [2, { name: 'x' }] }] }],
    ['$.groups[0].members[1]', { groups: [{ id: 1, members: [2, null] }] }],
    ['$.groups[0].members[0]', { groups: [{ id: 1, members: [''] }] }],
    ['$.users[0].id', { users: [{ id: true }] }],
    ['$.users[0].id', '{"users": [{"id": 12345678901234567890}]}'],
    ['$.users[0].id', { users: [{ id: 'a\0' }] }],
    ['$.users[0].id', { users: [{ id: '\ud800' }] }],
    ['$.users[0].id', { users: [{ id: 'x'.repeat(129) }] }],
    ['$.users[0].id', { users: [{ id: 'x'.repeat(1_000_000) }] }],
    ['$.groups[0].id', '{"groups": [{"id": 1e400}]}'],
    ['$.groups[0].id', '{"groups": [{"id": -1e400}]}'],
    ['$.groups[0].id', '{"groups": [{"id": -0}]}'],
    ['$.groups[0].id', '{"groups": [{"id": 1.5}]}'],
    ['$.groups[0].id', '{"groups": [{"id": 0.1000000000000000055}]}'],
    ['$.groups[0].id', '{"groups": [{"id": 9007199254740993}]}'],
    ['$.groups[0].id', '{"groups": [{"id": 1e21}]}'],
    ['$.groups[0].owner', '{"groups": [{"id": 1, "owner": 1e400}]}'],
    ['$.groups[0].members[1]', '{"groups": [{"id": 1, "members": [1, 1e400]}]}'],
    ['$.groups[0].members[1].id', '{"groups": [{"id": 1, "members": [1, {"id": 1e400}]}]}'],
    ['$.groups[1]', { groups: [{ id: 1 }, null] }],
    ['$.users[1]', { users: [{ id: 1 }, null] }],
    ['$.users[0].name', '{"users": [{"id": 1, "name": 1e400}]}'],
    ['$.users[0].id', `{"users": [{"id": ${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}]}`],
    ['$', '{"groups": [{"id": NaN}]}'],
    ['$', '{"groups": [{"id": Infinity}]}'],
    [
      '$.users[1].name',
      {
        users: [
          { id: 1, name: 'ok' },
          { id: 2, name: 'x'.repeat(129) },
        ],
      },
    ],
    ['$', '{"users": [}'],
    ['$', 'null'],
  ])('refuses a mistake at %s and stores nothing', async (path, body) => {
    const answer = await server.api('POST', '/api/import', body);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'bad-import', path } } });
    expect((await server.store.groups()).items).toEqual([]);
  });

  it('tells line and column of what is no JSON', async () => {
    const answer = await server.api('POST', '/api/import', '{\n  "users": [{"id": 1} {"id": 2}]\n}');
    expect((answer.body['error'] as { message: string }).message).toContain('line 2, column 23');
  });

  it("takes LayIM's init answer as it is", async () => {
    const answer = {
      code: 0,
      msg: '',
      data: {
        mine: {
          username: '纸飞机',
          id: 100000,
          status: 'online',
          sign: '在深邃的编码世界',
          avatar: '/me.png',
        },
        friend: [
          {
            groupname: '前端码屌',
            id: 1,
            list: [{ username: '贤心', id: '100001', avatar: '/1.png', sign: '' }],
          },
          { groupname: '空', id: 2, list: null },
        ],
        group: [
          { groupname: '前端群', id: 101, avatar: '/g.png' },
          { groupname: null, id: 100000 },
        ],
      },
    };
    expect((await server.api('POST', '/api/import/layim', answer)).body).toMatchObject({
      users: 2,
      groups: 2,
    });
    expect(await server.store.group('101')).toMatchObject({
      name: '前端群',
      avatar: '/g.png',
      memberCount: 1,
    });
    expect(await server.store.isMember('101', '100000')).toBe(true);
    expect(await server.store.user('100001')).toEqual({ id: '100001', name: '贤心', avatar: '/1.png' });
    expect(await server.store.user('100000')).toMatchObject({ name: '纸飞机' });
  });

  it("takes LayIM's members answer of 2,000 members as it is", async () => {
    const list = Array.from({ length: 2_000 }, (_, index) => ({
      username: `用户${index}`,
      id: index % 2 ? index : String(index),
      avatar: 'https://im.example/avatar/'.padEnd(80, 'x'),
      sign: '签名'.repeat(20),
    }));
    const answer = { code: 0, msg: '', data: { owner: list[0], members: 2_000, list } };
    const first = await server.api('POST', '/api/import/layim?group=101', answer);
    expect(first.body).toEqual({ users: 2_000, groups: 1, membersAdded: 2_000, membersRemoved: 0 });
    expect(await server.store.group('101')).toMatchObject({ owner: '0', memberCount: 2_000 });
    expect(await server.store.isMember('101', '1999')).toBe(true);
    answer.data.list = list.slice(0, 10);
    expect((await server.api('POST', '/api/import/layim?group=101', answer)).body).toMatchObject({
      membersRemoved: 1_990,
    });
  });

  it.each([
    ['$.code', { code: 1, msg: 'not logged in' }],
    ['$.code', { users: [] }],
    ['$.data', { code: 0 }],
    ['$.data.list', { code: 0, data: {} }],
    ['$.data.list[1].id', { code: 0, data: { list: [{ id: 1 }, { username: 'x' }] } }],
    ['$.data.owner.id', { code: 0, data: { owner: {}, list: [] } }],
    ['$.data.list[1].id', '{"code": 0, "data": {"list": [{"id": 1}, {"id": 1e400}]}}'],
    ['$.data.list[1]', { code: 0, data: { list: [{ id: 1 }, null] } }],
    ['$', 'null'],
  ])('refuses a members answer with a mistake at %s', async (path, body) => {
    const answer = await server.api('POST', '/api/import/layim?group=1', body);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'bad-import', path } } });
    expect(await server.store.group('1')).toBeUndefined();
  });

  it('takes names and avatars of any kind from other backends', async () => {
    const list = [
      { id: 'b1', username: null, avatar: null },
      { id: 'b2', username: 42, avatar: `data:${'x'.repeat(5_000)}` },
      { id: 'b3', name: 'x'.repeat(500) },
      { id: 'b4', username: 'a\0b' },
    ];
    expect(
      (await server.api('POST', '/api/import/layim?group=1', { code: '0', data: { list } })).status,
    ).toBe(200);
    const { items } = await server.store.membersOf('1');
    expect(items.map(({ name, avatar }) => [name.length, avatar])).toEqual([
      [0, ''],
      [2, ''],
      [128, ''],
      [3, ''],
    ]);
  });

  it.each([0, -1, 7, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])('takes the id %d', async (id) => {
    await server.api('POST', '/api/import', `{"groups": [{"id": ${id}}]}`);
    expect(await server.store.group(String(id))).toBeDefined();
  });

  it('takes no number that is none for a name', async () => {
    const answer = '{"code": 0, "data": {"list": [{"id": "n", "username": 1e400}]}}';
    expect((await server.api('POST', '/api/import/layim?group=1', answer)).status).toBe(200);
    expect((await server.store.membersOf('1')).items).toEqual([{ id: 'n', name: '', avatar: '' }]);
  });

  it('refuses bodies that are empty, too large, compressed or no UTF-8', async () => {
    expect((await server.api('POST', '/api/import')).body).toMatchObject({ error: { code: 'bad-request' } });
    const large = `{"users": [${' '.repeat(BODY_MAX_BYTES)}]}`;
    expect((await server.api('POST', '/api/import', large)).status).toBe(413);
    expect(await server.send({ 'Content-Encoding': 'gzip' }, Buffer.from('{}'))).toBe(415);
    expect(await server.send({ 'Transfer-Encoding': 'chunked' }, Buffer.alloc(BODY_MAX_BYTES + 1, ' '))).toBe(
      413,
    );
    expect(await server.send({}, Buffer.from([0x7b, 0xff, 0x7d]))).toBe(400);
  });

  /** Clients that send everything before they read, and let the server close, as urllib and `ab` do. */
  it.each([
    ['413', `Content-Length: ${3 * BODY_MAX_BYTES}`, TOKEN],
    ['413', 'Transfer-Encoding: chunked', TOKEN],
    ['401', `Content-Length: ${3 * BODY_MAX_BYTES}`, 'wrong'],
    ['415', `Content-Encoding: gzip\r\nContent-Length: ${3 * BODY_MAX_BYTES}`, TOKEN],
  ])('answers %s to a client that sends too much before it reads: %s', async (status, header, token) => {
    const isChunked = header.includes('chunked');
    for (const connection of ['close', 'keep-alive']) {
      const socket = connect(Number(new URL(server.address).port), '127.0.0.1');
      socket.write(
        `POST /api/import HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n` +
          `Connection: ${connection}\r\n${header}\r\n\r\n`,
      );
      socket.pause();
      const part = Buffer.alloc(BODY_MAX_BYTES / 8, ' ');
      for (let sent = 0; sent < 24; sent++) {
        if (isChunked) socket.write(`${part.length.toString(16)}\r\n`);
        socket.write(part);
        if (isChunked) socket.write('\r\n');
        await sleep(1);
      }
      if (isChunked) socket.write('0\r\n\r\n');
      if (socket.writableNeedDrain) await once(socket, 'drain');
      const [answer] = (await once(socket.setEncoding('utf8').resume(), 'data')) as [string];
      expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(answer).toContain('"error"');
      socket.destroy();
    }
  });

  it('tells nobody, and logs no failure, when the client goes away within its body', async () => {
    const socket = connect(Number(new URL(server.address).port), '127.0.0.1');
    socket.write(
      `POST /api/import HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: 99\r\n\r\n{`,
    );
    await sleep(20);
    socket.destroy();
    expect((await server.api('GET', '/api/groups')).status).toBe(200);
    expect(server.logged('error')).toEqual([]);
  });
});
