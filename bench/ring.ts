import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { ADMIN_TOKEN, makeGroup } from '../testing/server/groups.ts';
import { percentile, row } from './figures.ts';
import { startProduct } from './product.ts';

const MEMBERS = 500;
const ROUNDS = 50;
/** Sockets opened at a time, so that opening them does not overflow the listener's backlog. */
const OPENING_AT_ONCE = 50;
const GROUP = 'everybody';
const GOAL_MS = 150;

/**
 * A group of {@link MEMBERS} connected members is rung: from the caller's frame to the frame at the last member, in
 * comparison with a bare `ws` server that sends the same frame to as many sockets.
 */
export async function ring(): Promise<void> {
  const product = await startProduct({ ADMIN_TOKEN });
  const names = Array.from({ length: MEMBERS }, (_, member) => `member-${member}`);
  await makeGroup({ url: product.url }, GROUP, names);
  const sockets = await openAll(`${product.url.replace('http', 'ws')}/signal`, (socket, member) =>
    say(socket, { id: 'register', name: names[member] }),
  );
  const rung: number[] = [];
  let frame = '';
  for (let round = 0; round < ROUNDS; round++) {
    // Nobody may call that often: in each round it is somebody else who does.
    const caller = sockets[round] as WebSocket;
    const others = sockets.filter((socket) => socket !== caller);
    const arrived = Promise.all(others.map((socket) => next(socket, 'incomingCall')));
    const startedAt = performance.now();
    say(caller, { id: 'call', reqType: 'group', groupId: GROUP });
    frame = (await arrived)[0] ?? '';
    rung.push(performance.now() - startedAt);
    await endCall(caller, others);
  }
  for (const socket of sockets) socket.terminate();
  await product.close();
  print(rung, await bareBroadcast(frame));
}

async function endCall(caller: WebSocket, others: readonly WebSocket[]): Promise<void> {
  const joined = next(caller, 'existingParticipants');
  say(caller, { id: 'joinRoom', room: GROUP });
  await joined;
  const stopped = Promise.all(others.map((socket) => next(socket, 'stopCommunication')));
  say(caller, { id: 'moderate', room: GROUP, action: 'end' });
  await stopped;
  // What follows the end, such as the group's state, is not to be measured with the next round.
  await new Promise((resolve) => setTimeout(resolve, 100));
}

/** @returns milliseconds of each round of the bare server */
async function bareBroadcast(frame: string): Promise<number[]> {
  const server: ChildProcess = fork(fileURLToPath(new URL('./bare-broadcast.ts', import.meta.url)), [], {
    execArgv: ['--import', 'tsx'],
  });
  const [port] = (await once(server, 'message')) as [number];
  const sockets = await openAll(`ws://127.0.0.1:${port}`, (socket) => socket.send('hello'));
  const [caller, ...others] = sockets as [WebSocket, ...WebSocket[]];
  const measured: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const arrived = Promise.all(others.map((socket) => next(socket, 'incomingCall')));
    const startedAt = performance.now();
    caller.send(frame);
    await arrived;
    measured.push(performance.now() - startedAt);
  }
  server.disconnect();
  await once(server, 'exit');
  return measured;
}

async function openAll(
  url: string,
  greet: (socket: WebSocket, member: number) => void,
): Promise<WebSocket[]> {
  const sockets: WebSocket[] = [];
  while (sockets.length < MEMBERS) {
    const opening = Array.from(
      { length: Math.min(OPENING_AT_ONCE, MEMBERS - sockets.length) },
      async (_, i) => {
        const socket = new WebSocket(url);
        await once(socket, 'open');
        const greeted = once(socket, 'message');
        greet(socket, sockets.length + i);
        await greeted;
        return socket;
      },
    );
    sockets.push(...(await Promise.all(opening)));
  }
  return sockets;
}

/** The next frame with this `id`, unparsed: parsing 500 of them here would be measured too. */
function next(socket: WebSocket, id: string): Promise<string> {
  return new Promise((resolve) => {
    const onMessage = (data: WebSocket.RawData) => {
      const text = String(data);
      if (!text.includes(`"id":"${id}"`)) return;
      socket.off('message', onMessage);
      resolve(text);
    };
    socket.on('message', onMessage);
  });
}

function say(socket: WebSocket, message: object): void {
  socket.send(JSON.stringify(message));
}

function print(rung: number[], bare: number[]): void {
  const figures = (values: number[]) =>
    [50, 99].map((percent) => `p${percent} ${percentile(values, percent).toFixed(1)} ms`);
  console.log(
    `\nRinging a group of ${MEMBERS} connected members, click → last member rung, ${ROUNDS} rounds`,
  );
  row('group call', ...figures(rung));
  row('bare ws server, same frame (baseline)', ...figures(bare));
  row('ratio of p50', (percentile(rung, 50) / percentile(bare, 50)).toFixed(2));
  console.log(`  goal: p99 ≤ ${GOAL_MS} ms`);
}
