import { expect, it } from 'vitest';
import { signalingAddress } from './address.ts';

it.each([
  ['https://calls.example.com', 'wss://calls.example.com/signal'],
  ['https://example.com/calls/?a=1#b', 'wss://example.com/calls/signal'],
  ['http://localhost:8080/', 'ws://localhost:8080/signal'],
  ['/calls', 'wss://chat.example.com/calls/signal'],
])('%s → %s', (server, socket) => {
  expect(signalingAddress(server, 'https://chat.example.com/im')).toBe(socket);
});
