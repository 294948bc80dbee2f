import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ClientMessageInput, PROTOCOL_VERSION } from '../../protocol/index.ts';
import {
  accept,
  next,
  PERSON,
  reject,
  type ScriptedServer,
  SignalingWorld,
} from '../../testing/widget/signaling-world.ts';
import type { SignalingState } from './signaling-events.ts';

const STOP: ClientMessageInput = { id: 'stop', callId: 'c' };

describe('Signaling', () => {
  const world = new SignalingWorld();
  const { connect, connected } = world;
  let server: ScriptedServer;
  beforeEach(async () => (server = await world.open()));
  afterEach(() => world.close());

  it('registers with its credentials and passes on what the server says', async () => {
    const client = await connected();
    expect(server.frames).toEqual([{ id: 'register', protocol: PROTOCOL_VERSION, token: 'token-1' }]);
    expect(client.registration?.user).toEqual(PERSON);
    const message = next(client, 'message');
    server.last.send('{"id":"restartMedia","callId":"c","generation":2}');
    expect(await message).toEqual({ id: 'restartMedia', callId: 'c', generation: 2 });
  });

  it('takes a refusal with a code that it does not know as a refusal', async () => {
    server.answer = (_, socket) => reject(socket, 'from-the-future');
    const client = connect();
    const refused = next(client, 'refused');
    client.start();
    expect(await refused).toEqual({ code: 'failed', message: 'from-the-future' });
  });

  it('ignores what it does not understand', async () => {
    const client = await connected();
    const debug = vi.spyOn(console, 'debug').mockImplementation(() => undefined);
    const message = next(client, 'message');
    for (const frame of ['no json', '[]', '{"id":"future"}', '{"id":"prepared"}']) server.last.send(frame);
    server.last.send('{"id":"prepared","callId":"c","sdpAnswer":"v=0"}');
    expect(await message).toMatchObject({ id: 'prepared' });
    expect(debug).toHaveBeenCalledTimes(4);
    debug.mockRestore();
  });

  it('keeps messages until it is registered, in order', async () => {
    const client = connect();
    client.send({ id: 'answering', callId: 'c' });
    client.send(STOP);
    client.start();
    await server.received(1, 'stop');
    expect(server.ids()).toEqual(['register', 'answering', 'stop']);
  });

  it('resumes on a new socket when the old one is lost, and sends what waited', async () => {
    const client = await connected();
    const states: SignalingState[] = [];
    client.on('state', (state) => {
      states.push(state);
      if (state === 'lost') client.send({ id: 'answering', callId: 'c' });
    });
    const ready = next(client, 'ready');
    server.last.terminate();
    expect((await ready).resumed).toBe(true);
    await server.received(1, 'answering');
    expect(states).toEqual(['lost', 'ready']);
    expect(server.frames.slice(1)).toEqual([
      { id: 'resume', protocol: PROTOCOL_VERSION, resumeToken: 'first' },
      { id: 'answering', callId: 'c' },
    ]);
  });

  it('uses the newest resume token', async () => {
    const client = await connected();
    for (const attempt of [1, 2]) {
      const ready = next(client, 'ready');
      server.last.terminate();
      await ready;
      expect((await server.received(attempt, 'resume')).at(-1)?.resumeToken).toBe(
        attempt === 1 ? 'first' : 'second',
      );
    }
  });

  it('repeats after a loss what may not have arrived, if that does no harm', async () => {
    const client = await connected();
    client.send(STOP);
    client.send({ id: 'answering', callId: 'c' });
    await server.received(1, 'answering');
    const ready = next(client, 'ready');
    server.last.terminate();
    await ready;
    await server.received(2, 'stop');
    client.send({ id: 'ping' });
    await server.received(1, 'ping');
    expect(server.ids().filter((id) => id === 'answering')).toHaveLength(1);
  });

  it('registers afresh when the session cannot be resumed, and says so before', async () => {
    const client = await connected();
    const { answer } = server;
    server.answer = (frame, socket) =>
      frame.id === 'resume' ? reject(socket, 'resume-expired') : answer(frame, socket);
    const heard: string[] = [];
    client.on('expired', () => {
      heard.push('expired');
    });
    client.on('state', (state) => {
      if (state === 'lost') client.send(STOP);
    });
    const ready = next(client, 'ready').then(() => heard.push('ready'));
    server.last.terminate();
    await ready;
    expect(heard).toEqual(['expired', 'ready']);
    client.send({ id: 'ping' });
    await server.received(1, 'ping');
    // What was about the old session's calls is not sent to the new one.
    expect(server.ids()).toEqual(['register', 'resume', 'register', 'ping']);
  });

  it('stops when it is refused, and tries again when told to', async () => {
    server.answer = (_, socket) => reject(socket, 'token-invalid');
    const client = connect();
    const refused = next(client, 'refused');
    client.start();
    expect(await refused).toEqual({ code: 'token-invalid', message: 'token-invalid' });
    expect(client.state).toBe('refused');
    const again = next(client, 'refused');
    client.start();
    await again;
    // Each time a fresh token was tried, too.
    expect(server.sockets).toHaveLength(4);
  });

  it('comes again by itself when the server is busy', async () => {
    let attempts = 0;
    server.answer = (_, socket) =>
      ++attempts === 1 ? reject(socket, 'overloaded') : accept(socket, { resumeToken: 'x' });
    await connected();
    expect(attempts).toBe(2);
  });

  it('tells when no connection comes about', async () => {
    const { address } = server;
    server.close();
    const client = connect({ address });
    const unreachable = next(client, 'unreachable');
    client.start();
    await unreachable;
    expect(client.state).toBe('connecting');
  });

  it('finds a socket dead that was cut but not closed, once the network has changed', async () => {
    const client = await connected();
    const { answer } = server;
    const cut = server.last;
    server.answer = (frame, socket) => {
      if (socket !== cut) answer(frame, socket);
    };
    const ready = next(client, 'ready');
    world.network.dispatchEvent(new Event('online'));
    expect((await ready).resumed).toBe(true);
    expect(server.ids()).toEqual(['register', 'ping', 'resume']);
  });

  it('does not resume after it was stopped', async () => {
    const client = await connected();
    const closed = new Promise<number>((resolve) => server.last.on('close', resolve));
    client.stop();
    expect(await closed).toBe(1000);
    const ready = next(client, 'ready');
    client.start();
    await ready;
    expect(server.ids()).toEqual(['register', 'register']);
  });
});
