import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { findCredentials } from './credentials.ts';

const nobody = () => Promise.reject(new Error('nobody asked'));

describe('findCredentials', () => {
  let server: Server | undefined;

  async function serve(listener: RequestListener): Promise<string> {
    server = createServer(listener);
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  }

  afterEach(() => server?.close());

  it.each([
    ['text', 'abc.def.ghi\n'],
    ['JSON', '{"token": "abc.def.ghi"}'],
    ['a JSON string', '"abc.def.ghi"'],
  ])('takes a token as %s', async (_, body) => {
    const tokenUrl = await serve((_request, response) => response.end(body));
    expect(await findCredentials({ tokenUrl, token: 'old' }, nobody)).toEqual({ token: 'abc.def.ghi' });
  });

  it.each([
    ['an error', 500, 'abc'],
    ['nothing', 200, ''],
    ['JSON without a token', 200, '{"error": "log in"}'],
    ['broken JSON', 200, '{"token": '],
  ])('says so when the backend answers with %s', async (_, status, body) => {
    const tokenUrl = await serve((_request, response) => response.writeHead(status).end(body));
    await expect(findCredentials({ tokenUrl }, nobody)).rejects.toMatchObject({ code: 'token-unavailable' });
  });

  it('goes by the given token, else by the identity', async () => {
    expect(await findCredentials({ token: 'abc' }, nobody)).toEqual({ token: 'abc' });
    const identity = () => Promise.resolve({ id: '7', name: '测试甲', avatar: '/7.png' });
    expect(await findCredentials({}, identity)).toEqual({
      name: '7',
      displayName: '测试甲',
      avatar: '/7.png',
    });
  });
});
