import { createSocket, Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RelayGate } from './relay-gate.ts';
import { bindingRequest } from '../../testing/media-server/binding-request.ts';

const LOOPBACK = '127.0.0.1';
const CHECK = { username: 'ours:theirs', password: 'secret', tieBreaker: 0n };

let gate: RelayGate;
/** Stands for libdatachannel's socket. */
let transport: Socket;
/** Stands for a TURN server's. */
let relay: Socket;

async function openSocket(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, LOOPBACK);
  await once(socket, 'listening');
  return socket;
}

beforeEach(async () => {
  [gate, transport, relay] = await Promise.all([RelayGate.open(), openSocket(), openSocket()]);
  gate.register({ ufrag: 'ours', password: 'secret', port: transport.address().port });
});

afterEach(() => {
  gate.close();
  transport.close();
  relay.close();
});

const send = (datagram: Buffer | string) => relay.send(datagram, gate.port, LOOPBACK);

async function next(socket: Socket): Promise<{ datagram: Buffer; port: number }> {
  const [datagram, { port }] = (await once(socket, 'message')) as [Buffer, { port: number }];
  return { datagram, port };
}

test('a check with a tie-breaker of zero gets through with another, and everything after it as it is', async () => {
  send(bindingRequest(CHECK));
  const { datagram, port } = await next(transport);
  expect(datagram).toEqual(bindingRequest({ ...CHECK, tieBreaker: 1n }));

  transport.send('answer', port, LOOPBACK);
  const answer = await next(relay);
  expect([String(answer.datagram), answer.port]).toEqual(['answer', gate.port]);

  send('media');
  const media = await next(transport);
  expect([String(media.datagram), media.port]).toEqual(['media', port]);
});

test('a forged source port of zero, which nobody can answer, is ignored', async () => {
  const emit = vi.spyOn(Socket.prototype, 'emit');
  send('anything');
  await vi.waitUntil(() => emit.mock.calls.some(([event]) => event === 'message'));
  const index = emit.mock.calls.findIndex(([event]) => event === 'message');
  const gateSocket = emit.mock.contexts[index] as Socket | undefined;
  emit.mockRestore();
  const forged = { address: LOOPBACK, family: 'IPv4', port: 0, size: 0 };
  gateSocket?.emit('message', bindingRequest(CHECK), forged);
  send(bindingRequest(CHECK));
  const { port } = await next(transport);
  expect(() => transport.send('answer', port, LOOPBACK)).not.toThrow();
  expect(String((await next(relay)).datagram)).toBe('answer');
});

test('two relays are told apart', async () => {
  const other = await openSocket();
  send(bindingRequest(CHECK));
  const first = await next(transport);
  other.send(bindingRequest(CHECK), gate.port, LOOPBACK);
  const second = await next(transport);
  expect(second.port).not.toBe(first.port);
  transport.send('for the other', second.port, LOOPBACK);
  expect(String((await next(other)).datagram)).toBe('for the other');
  other.close();
});

test.each([
  ['that needs no help', { ...CHECK, tieBreaker: 7n }],
  ['of a stranger', { ...CHECK, password: 'guessed' }],
  ['for nobody here', { ...CHECK, username: 'nobody:theirs' }],
])('a check %s opens nothing', async (_what, check) => {
  send(bindingRequest(check));
  send('media');
  send(bindingRequest(CHECK));
  // Datagrams keep their order on loopback: what was ignored would have come first.
  expect((await next(transport)).datagram).toEqual(bindingRequest({ ...CHECK, tieBreaker: 1n }));
});

test('a transport that is gone gets nothing more', async () => {
  send(bindingRequest(CHECK));
  await next(transport);
  gate.unregister('ours');
  gate.register({ ufrag: 'new', password: 'secret', port: transport.address().port });
  send('late media');
  send(bindingRequest(CHECK));
  const check = { ...CHECK, username: 'new:theirs' };
  send(bindingRequest(check));
  expect((await next(transport)).datagram).toEqual(bindingRequest({ ...check, tieBreaker: 1n }));
});

test('it is a candidate beside those of IPv4, below them all', () => {
  const own = 'candidate:1 1 UDP 2114977791 192.0.2.2 45738 typ host';
  expect(gate.candidateFor(own)).toBe(`candidate:gate 1 UDP 1 192.0.2.2 ${gate.port} typ host`);
  expect(gate.candidateFor('candidate:2 1 UDP 2116026111 fd00::2 45738 typ host')).toBeNull();
  expect(gate.candidateFor('candidate:3 1 UDP 1 192.0.2.2 9 typ srflx raddr 0.0.0.0 rport 0')).toBeNull();
});

test('it takes a port of the range, from the top, and the next where that is taken', async () => {
  const port = gate.port;
  const second = await RelayGate.open({ portRange: { min: port - 20, max: port } });
  expect(second.port).toBeLessThan(port);
  second.close();
  await expect(RelayGate.open({ portRange: { min: port, max: port } })).rejects.toThrow('EADDRINUSE');
});
