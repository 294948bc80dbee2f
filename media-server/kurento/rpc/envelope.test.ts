import { describe, expect, it } from 'vitest';
import { cleanUpAfterEach, connect, startServer } from '../../../testing/media-server/server.ts';
import type { RawClient } from '../../../testing/media-server/raw-client.ts';

cleanUpAfterEach();

/** Sends a frame on a fresh connection and returns the text of what comes back. */
async function exchange(url: string, frame: string | Buffer): Promise<string | undefined> {
  const client = await connect(url);
  client.send(frame);
  await client.next();
  return client.texts[0];
}

const INVALID_REQUEST =
  '{"error":{"code":-32600,"message":"Invalid JSON-RPC request."},"id":null,"jsonrpc":"2.0"}';
const PONG = '{"id":1,"jsonrpc":"2.0","result":{"value":"pong"}}';
const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
const NOT_AN_OBJECT =
  'Unexpected error while processing method: in Json::Value::find(begin, end): requires objectValue or nullValue';

describe('the envelope', () => {
  it('writes members in alphabetical order', async () => {
    const { url } = await startServer();
    expect(await exchange(url, PING)).toBe(PONG);
    expect(
      await exchange(url, '{"jsonrpc":"2.0","id":1,"method":"connect","params":{"sessionId":"x"}}'),
    ).toBe(
      '{"error":{"code":40007,"data":{"type":"INVALID_SESSION"},"message":"Invalid session"},"id":1,"jsonrpc":"2.0"}',
    );
  });

  it.each([
    ['an empty batch', '[]'],
    ['a batch', `[${PING}]`],
    ['a number', '5'],
    ['a string', '"x"'],
    ['null', 'null'],
    ['an empty object', '{}'],
    ['no version', '{"id":901,"method":"ping","params":{}}'],
    ['another version', '{"jsonrpc":"1.0","id":902,"method":"ping","params":{}}'],
    ['a version that is a number', '{"jsonrpc":2,"id":903,"method":"ping","params":{}}'],
    ['no method', '{"jsonrpc":"2.0","id":904}'],
    ['a method that is a number', '{"jsonrpc":"2.0","id":905,"method":5}'],
    ['an id that is an object', '{"jsonrpc":"2.0","id":{},"method":"ping"}'],
    ['an id that is an array', '{"jsonrpc":"2.0","id":[1],"method":"ping"}'],
  ])('refuses %s', async (_name, frame) => {
    const { url } = await startServer();
    expect(await exchange(url, frame)).toBe(INVALID_REQUEST);
  });

  it.each([['"str"'], ['1.5'], ['-3'], ['true'], ['12345678901234']])('repeats the id %s', async (id) => {
    const { url } = await startServer();
    const reply = await exchange(url, `{"jsonrpc":"2.0","id":${id},"method":"ping"}`);
    expect(reply).toBe(`{"id":${id},"jsonrpc":"2.0","result":{"value":"pong"}}`);
  });

  it.each([
    ['trailing garbage', `${PING} trailing`],
    ['a comment', '{"jsonrpc":"2.0","id":1,/*c*/"method":"ping"}'],
    ['a comment like a string', '{"jsonrpc":"2.0",// "\n"id":1,"method":"ping"}'],
    ['a binary frame', Buffer.from(PING)],
    ['4 MB', `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"pad":"${'x'.repeat(4_000_000)}"}}`],
  ])('accepts %s', async (_name, frame) => {
    const { url } = await startServer();
    expect(await exchange(url, frame)).toBe(PONG);
  });

  it.each([
    [''],
    ['{nope'],
    ['hello'],
    [`${PING.slice(0, -1)},}`],
    ["{'jsonrpc':'2.0'}"],
    [PING.slice(0, -1)],
  ])('cuts the connection on %j and serves the others', async (frame) => {
    const { url } = await startServer();
    const other = await connect(url);
    const client = await connect(url);
    client.send(frame);
    expect(await client.closed).toEqual({ code: 1006, reason: '' });
    expect(client.texts).toEqual([]);
    expect(await other.value('ping')).toBe('pong');
  });

  it.each([['[]'], ['"x"'], ['5'], ['["a"]'], ['true']])(
    'refuses params %s without a session',
    async (params) => {
      const { url } = await startServer();
      const client = await connect(url);
      for (const method of ['ping', 'invoke']) {
        client.send(`{"jsonrpc":"2.0","id":910,"method":"${method}","params":${params}}`);
        expect((await client.next()).error).toEqual({ code: -32603, message: NOT_AN_OBJECT });
      }
    },
  );

  it('cuts a connection with a session on params that are no object', async () => {
    const { url } = await startServer();
    const client = await connect(url);
    await client.create('MediaPipeline');
    client.send({ jsonrpc: '2.0', id: 4, method: 'ping', params: ['a'] });
    expect((await client.closed).code).toBe(1006);
  });

  it('knows no other methods', async () => {
    const { url } = await startServer();
    const client = await connect(url);
    for (const method of ['fooBar', '', 'constructor']) {
      expect((await client.call(method)).error).toEqual({ code: -32601, message: 'Method not found.' });
    }
  });

  it('executes notifications and complains of them', async () => {
    const { url } = await startServer();
    const client = await connect(url);
    const sessionId = await sessionOf(client);
    client.send({ jsonrpc: '2.0', method: 'create', params: { type: 'MediaPipeline' } });
    const { error, id } = await client.next();
    expect(id).toBeNull();
    expect(error).toMatchObject({
      code: -32000,
      data: { sessionId, value: expect.stringMatching(/_kurento\.MediaPipeline$/) },
      message: 'Ignoring response because of a notification request',
    });
    expect(await client.invoke('manager_ServerManager', 'getPipelines')).toHaveLength(1);
    client.send({ jsonrpc: '2.0', method: 'fooBar' });
    expect(await client.next()).toEqual({
      error: { code: -32601, message: 'Method not found.' },
      id: null,
      jsonrpc: '2.0',
    });
  });
});

describe('the path', () => {
  it.each([['/foo'], ['/'], ['/kurento/'], ['/kurento/x']])('is not %s', async (path) => {
    const { url } = await startServer();
    const client = await connect(url.replace('/kurento', path));
    expect(await client.closed).toEqual({ code: 1002, reason: 'Invalid path' });
  });

  it('may have a query', async () => {
    const { url } = await startServer();
    const client = await connect(`${url}?x=1`);
    expect(await client.value('ping')).toBe('pong');
  });
});

describe('the origin', () => {
  it('must be this machine while the server listens on loopback', async () => {
    const { url } = await startServer();
    await expect(connect(url, { origin: 'https://evil.example' })).rejects.toThrow('401');
    const client = await connect(url, { origin: 'http://localhost:8080' });
    expect(await client.value('ping')).toBe('pong');
  });
});

async function sessionOf(client: RawClient): Promise<unknown> {
  const reply = await client.call('describe', { object: 'manager_ServerManager' });
  return (reply.result as { sessionId: string }).sessionId;
}
