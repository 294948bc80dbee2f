import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PROTOCOL_VERSION } from '../../protocol/index.ts';
import {
  accept,
  next,
  reject,
  type ScriptedServer,
  SignalingWorld,
} from '../../testing/widget/signaling-world.ts';

describe('the tokens of a signaling connection', () => {
  const world = new SignalingWorld();
  const { connect, connected } = world;
  let server: ScriptedServer;
  beforeEach(async () => (server = await world.open()));
  afterEach(() => world.close());

  it('opens no socket before it has its token', async () => {
    let give: (credentials: { token: string }) => void = () => undefined;
    const client = connect({ credentials: () => new Promise((resolve) => (give = resolve)) });
    client.start();
    client.hurry();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.sockets).toEqual([]);
    const ready = next(client, 'ready');
    give({ token: 'late' });
    await ready;
    expect(server.frames).toEqual([{ id: 'register', protocol: PROTOCOL_VERSION, token: 'late' }]);
  });

  it('renews its token before it runs out', async () => {
    await connected();
    server.last.send('{"id":"tokenExpiring"}');
    expect(await server.received(1, 'renew')).toEqual([{ id: 'renew', token: 'token-2' }]);
  });

  it('does not offer the token again that runs out', async () => {
    const client = connect({ credentials: () => Promise.resolve({ token: 'only' }) });
    const ready = next(client, 'ready');
    client.start();
    await ready;
    server.last.send('{"id":"tokenExpiring"}');
    server.last.send('{"id":"renewResponse","response":"accepted"}');
    const message = next(client, 'message');
    server.last.send('{"id":"restartMedia","callId":"c","generation":2}');
    await message;
    client.send({ id: 'ping' });
    await server.received(1, 'ping');
    expect(server.ids()).toEqual(['register', 'ping']);
  });

  it('renews on the next socket when the first is lost meanwhile', async () => {
    const client = await connected();
    const ready = next(client, 'ready');
    server.last.send('{"id":"tokenExpiring"}');
    await server.received(1, 'renew');
    server.last.terminate();
    expect((await ready).resumed).toBe(true);
    expect((await server.received(2, 'renew')).map(({ token }) => token)).toEqual(['token-2', 'token-3']);
  });

  it('renews as soon as the page has another token', async () => {
    let token = 'the only one';
    const client = connect({ credentials: () => Promise.resolve({ token }) });
    const ready = next(client, 'ready');
    client.start();
    await ready;
    server.last.send('{"id":"tokenExpiring"}');
    client.send({ id: 'ping' });
    await server.received(1, 'ping');
    token = 'another one';
    client.tokenChanged();
    expect(await server.received(1, 'renew')).toEqual([{ id: 'renew', token: 'another one' }]);
  });

  it('registers afresh, with another token, when its token has run out', async () => {
    const client = await connected();
    const expired = next(client, 'expired');
    const ready = next(client, 'ready');
    server.last.close(4002);
    await expired;
    await ready;
    expect(server.frames.map(({ id, token }) => [id, token])).toEqual([
      ['register', 'token-1'],
      ['register', 'token-2'],
    ]);
  });

  it('asks for a fresh token once when the first has expired', async () => {
    server.answer = (frame, socket) =>
      frame.token === 'token-2' ? accept(socket, { resumeToken: 'x' }) : reject(socket, 'token-expired');
    await connected();
    expect(server.frames.map(({ token }) => token)).toEqual(['token-1', 'token-2']);
  });

  it('comes again by itself with a token that is not valid yet, and says what the server said', async () => {
    server.answer = (frame, socket) =>
      frame.token === 'token-3'
        ? accept(socket, { resumeToken: 'x' })
        : reject(socket, 'token-not-yet-valid');
    const client = connect();
    const told = next(client, 'unreachable');
    const ready = next(client, 'ready');
    client.start();
    expect(await told).toBe('token-not-yet-valid');
    await ready;
    expect(server.frames.map(({ token }) => token)).toEqual(['token-1', 'token-2', 'token-3']);
  });
});
