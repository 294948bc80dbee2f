/** Whatever throws, and whenever: it is logged, what comes next is done, and the next call rings. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ClientMessage } from '../../protocol/index.ts';
import { FAULT_POINTS, type FaultPoint, FaultyWorld } from '../../testing/server/faulty-world.ts';
import { Calls } from '../calls/calls.ts';
import type { CallMessage } from '../calls/call-state.ts';
import type { ConnectionRef } from '../cluster/presence.ts';
import type { GroupDirectory } from '../rooms/group-directory.ts';
import type { RoomMessage } from '../rooms/rooms.ts';
import { Rooms } from '../rooms/rooms.ts';

const RUNS = 150;
const MEMBERS = ['ann', 'bob', 'cid'];
/** Somebody else, who must be able to call whatever happened to the others. */
const OTHERS = ['dan', 'eve'];
const SDP = 'v=0';

/** Every group has these members. */
function groupOf(members: readonly string[]): GroupDirectory {
  const users = members.map((id) => ({ id, name: id, avatar: '' }));
  return {
    find: async (id: string) => ({
      group: { id, name: id, avatar: '', owner: null, membersAt: null, memberCount: users.length },
      members: users,
    }),
    isMember: async () => true,
    user: async (id: string) => users.find((user) => user.id === id),
  } as unknown as GroupDirectory;
}

/** What somebody does, and what throws meanwhile. */
interface Act<Message> {
  readonly by: number;
  readonly message: Message | 'media-lost' | 'left';
  readonly failing: readonly FaultPoint[];
}

function actsOf<Message>(messages: readonly Message[], people: number): fc.Arbitrary<Act<Message>[]> {
  const act = fc.record({
    by: fc.nat(people - 1),
    message: fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(...messages) },
      fc.constantFrom('media-lost' as const, 'left' as const),
    ),
    failing: fc.oneof(fc.constant([]), fc.subarray([...FAULT_POINTS], { maxLength: 3 })),
  });
  return fc.array(act, { maxLength: 20 });
}

/** Plays a history. Requests may be refused, and signaling logs whatever else a request ends with. */
async function play<Message>(
  world: FaultyWorld,
  acts: readonly Act<Message>[],
  handle: (by: number, message: Message | 'left') => Promise<void>,
): Promise<void> {
  for (const { by, message, failing } of acts) {
    world.failing = new Set(failing);
    if (message === 'media-lost') world.loseMedia();
    else await handle(by, message).catch((error: unknown) => void world.logged.push(error));
    await world.settled();
  }
  world.failing = new Set();
}

/** Every fault was logged, once. */
function expectLogged(world: FaultyWorld): void {
  for (const fault of world.thrown) expect(world.logged.filter((err) => err === fault)).toHaveLength(1);
}

function startCalls(world: FaultyWorld): Calls {
  return new Calls({ ...worldOf(world), ringTimeoutMs: 60_000 });
}

function startRooms(world: FaultyWorld): Rooms {
  return new Rooms({ ...worldOf(world), ringTimeoutMs: 60_000, groups: groupOf([...MEMBERS, ...OTHERS]) });
}

function worldOf({ presence, occupancy, pool, records, logger }: FaultyWorld) {
  return { presence, occupancy, pool, records, logger };
}

const CALL = { id: 'call', reqType: 'ptop', media: 'video', sdpOffer: SDP, from: undefined } as const;

async function callRings(world: FaultyWorld, calls: Calls): Promise<void> {
  const [dan, eve] = await Promise.all(OTHERS.map((name) => world.connect(name)));
  if (!dan || !eve) throw new Error('nobody is there');
  await calls.start(dan, { ...CALL, to: 'eve' });
  expect(world.has(eve, 'incomingCall')).toBe(true);
  await calls.handle(eve, {
    id: 'incomingCallResponse',
    callId: undefined,
    from: undefined,
    callResponse: 'accept',
    code: undefined,
    sdpOffer: SDP,
  });
  await world.settled();
  expect(world.has(eve, 'startCommunication')).toBe(true);
  expect(world.has(dan, 'callResponse')).toBe(true);
}

const CALL_MESSAGES = [
  { id: 'answering' },
  { id: 'prepare', sdpOffer: SDP },
  { id: 'incomingCallResponse', callResponse: 'accept', sdpOffer: SDP },
  { id: 'incomingCallResponse', callResponse: 'accept' },
  { id: 'onIceCandidate', candidate: { candidate: 'candidate:1' }, generation: 0 },
  { id: 'offer', sdpOffer: SDP, generation: 1 },
  { id: 'offer', sdpOffer: SDP, generation: 2 },
  { id: 'mediaState', audio: true, video: false, screen: false },
  { id: 'quality', roundTripMs: 1 },
] as unknown as CallMessage[];

test('a call goes on whatever throws, and so does calling', async () => {
  await fc.assert(
    fc.asyncProperty(actsOf(CALL_MESSAGES, 3), fc.subarray([...FAULT_POINTS]), async (acts, failing) => {
      const world = new FaultyWorld();
      const calls = startCalls(world);
      const pages = await Promise.all(['ann/1', 'bob/1', 'bob/2'].map((id) => world.connect(nameIn(id), id)));
      const [ann] = pages as [ConnectionRef];
      world.failing = new Set(failing);
      await calls.start(ann, { ...CALL, to: 'bob' });
      await play(world, acts, (by, message) => {
        const page = pages[by] as ConnectionRef;
        return message === 'left' ? calls.left(page, false) : calls.handle(page, message);
      });
      // The call, if it is still one, can be ended.
      await calls.handle(ann, { id: 'stop', callId: undefined }).catch(() => undefined);
      calls.shutDown();
      await world.settled();
      expect(calls.size).toBe(0);
      expectLogged(world);
      await callRings(world, calls);
    }),
    { numRuns: RUNS },
  );
});

const ROOM_MESSAGES = [
  { id: 'joinRoom', room: 'g', media: 'video' },
  ...MEMBERS.flatMap((sender) => [
    { id: 'receiveVideoFrom', room: 'g', sender, sdpOffer: SDP, generation: 0 },
    { id: 'receiveVideoFrom', room: 'g', sender, sdpOffer: SDP, generation: 1 },
    { id: 'onIceCandidate', room: 'g', name: sender, candidate: { candidate: 'candidate:1' }, generation: 0 },
    { id: 'moderate', room: 'g', action: 'mute', target: sender },
  ]),
  { id: 'cancelVideoFrom', room: 'g', sender: 'ann' },
  { id: 'mediaState', room: 'g', audio: true, video: true, screen: false },
  { id: 'leaveRoom', room: 'g' },
  { id: 'invite', room: 'g', to: ['cid'] },
] as unknown as RoomMessage[];

/** A history of a room that touches everything there is in the world. */
function eventfulHistory(failing: readonly FaultPoint[]): Act<RoomMessage>[] {
  const offer = { id: 'receiveVideoFrom', room: 'g', sender: 'ann', sdpOffer: SDP };
  const messages = [
    [1, { id: 'joinRoom', room: 'g', media: 'video' }],
    [0, { ...offer, generation: 0 }],
    [1, { ...offer, generation: 0 }],
    [1, { id: 'onIceCandidate', name: 'ann', candidate: { candidate: 'candidate:1' }, generation: 0 }],
    [0, { id: 'moderate', room: 'g', action: 'mute', target: 'ann' }],
    [0, { ...offer, generation: 1 }],
    [1, { id: 'leaveRoom', room: 'g' }],
    [0, 'media-lost'],
  ] as unknown as [number, RoomMessage | 'media-lost'][];
  return messages.map(([by, message]) => ({ by, message, failing }));
}

test.each(FAULT_POINTS)('%s may throw all the time: it is logged, and calling goes on', async (point) => {
  const world = new FaultyWorld();
  const rooms = startRooms(world);
  await playRoom(world, rooms, eventfulHistory([point]), [point]);
  expect(world.thrown.length).toBeGreaterThan(0);
  expectLogged(world);
  await roomRings(world, rooms);
});

test('a room goes on whatever throws, and so does calling groups', async () => {
  await fc.assert(
    fc.asyncProperty(actsOf(ROOM_MESSAGES, 3), async (acts) => {
      const world = new FaultyWorld();
      const rooms = startRooms(world);
      await playRoom(world, rooms, acts);
      expect(rooms.size).toBe(0);
      expectLogged(world);
      await roomRings(world, rooms);
    }),
    { numRuns: RUNS },
  );
});

/** Ann calls her group and joins, what happens happens, and then the server stops, in which things fail too. */
async function playRoom(
  world: FaultyWorld,
  rooms: Rooms,
  acts: readonly Act<RoomMessage>[],
  failingAtEnd: readonly FaultPoint[] = [],
): Promise<void> {
  const pages = await Promise.all(MEMBERS.map((name) => world.connect(name)));
  const messages = [{ id: 'call', reqType: 'group', groupId: 'g', media: 'video' }, ROOM_MESSAGES[0]];
  const opening = (messages as RoomMessage[]).map((message) => ({ by: 0, message, failing: failingAtEnd }));
  await play(world, [...opening, ...acts], (by, message) => {
    const page = pages[by] as ConnectionRef;
    return message === 'left' ? rooms.left(page, false) : rooms.handle(page, message);
  });
  world.failing = new Set(failingAtEnd);
  rooms.shutDown();
  await world.settled();
  world.failing = new Set();
}

async function roomRings(world: FaultyWorld, rooms: Rooms): Promise<void> {
  const [dan, eve] = await Promise.all(OTHERS.map((name) => world.connect(name)));
  if (!dan || !eve) throw new Error('nobody is there');
  await rooms.handle(dan, { id: 'call', reqType: 'group', groupId: 'h', media: 'video' } as RoomMessage);
  expect(world.has(eve, 'incomingCall')).toBe(true);
  for (const page of [dan, eve]) {
    await rooms.handle(page, { id: 'joinRoom', room: 'h', media: 'video' } as RoomMessage);
  }
  expect(world.has(dan, 'newParticipantArrived')).toBe(true);
  const message = { id: 'receiveVideoFrom', room: 'h', sender: 'eve', sdpOffer: SDP, generation: 0 };
  await rooms.handle(eve, message as unknown as ClientMessage & RoomMessage);
  await world.settled();
  expect(world.has(eve, 'receiveVideoAnswer')).toBe(true);
  rooms.shutDown();
}

function nameIn(connectionId: string): string {
  return connectionId.split('/')[0] ?? '';
}
