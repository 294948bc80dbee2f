/** Process: a `ws` server that passes each frame on to everybody else, and answers the first one with itself. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('connection', (socket) => {
  socket.once('message', (greeting) => {
    socket.send(String(greeting));
    socket.on('message', (data) => {
      const frame = String(data);
      for (const other of server.clients) if (other !== socket) other.send(frame);
    });
  });
});
await once(server, 'listening');
process.send?.((server.address() as AddressInfo).port);
await once(process, 'disconnect');
process.exit(0);
