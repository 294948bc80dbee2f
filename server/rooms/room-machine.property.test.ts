import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Person } from '../../protocol/index.ts';
import { keyOf, RoomWorld } from '../../testing/server/room-world.ts';
import { startRoom } from './room-machine.ts';
import type { Invitee, RoomEvent } from './room-state.ts';

const NAMES = ['ann', 'bob', 'cid', 'dan', 'eve'];
const PHONES = NAMES.map((name) => `${name}/1`);
/** Each user has two connections. */
const DEVICES = [...PHONES, ...NAMES.map((name) => `${name}/2`)];
const userOf = (device: string) => device.split('/')[0] ?? '';
const person = (name: string): Person => ({ name, displayName: name.toUpperCase(), avatar: '' });

const name = fc.constantFrom(...NAMES);
const device = fc.constantFrom(...DEVICES);
const flags = fc.record({ audio: fc.boolean(), video: fc.boolean(), screen: fc.boolean() });
const availability = fc.constantFrom('free', 'busy', 'offline');
const invitees = (names: readonly string[]): fc.Arbitrary<Invitee[]> =>
  fc.tuple(...names.map((each) => fc.record({ person: fc.constant(person(each)), availability })));

/** Anything at any time, most of it from people who have no business doing it. */
const event: fc.Arbitrary<RoomEvent> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({ type: fc.constant('join' as const), device, flags })
      .map((join) => ({ ...join, person: person(userOf(join.device)) })),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('leave' as const),
      device,
      reason: fc.constantFrom('hangup' as const, 'peer-lost' as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('receive' as const),
      device,
      sender: name,
      sdpOffer: fc.constant('v=0'),
      generation: fc.constant(0),
    }),
  },
  fc.record({ type: fc.constant('cancel-receive' as const), device, sender: name }),
  device.map((each) => ({ type: 'connected' as const, name: userOf(each), device: each })),
  fc.record({ type: fc.constant('media-lost' as const) }),
  fc.record({ type: fc.constant('media-back' as const) }),
  fc
    .tuple(device, fc.constantFrom('declined' as const, 'busy' as const, 'no-device' as const))
    .map(([each, code]) => ({ type: 'decline' as const, name: userOf(each), device: each, code })),
  fc.record({
    type: fc.constant('invite' as const),
    device,
    invitees: fc.subarray(NAMES, { minLength: 1 }).chain(invitees),
  }),
  fc.record({
    type: fc.constant('moderate' as const),
    device: fc.constantFrom('ann/1', 'bob/1', 'cid/1'),
    action: fc.constantFrom('mute' as const, 'remove' as const),
    target: name,
  }),
  fc.record({ type: fc.constant('media-state' as const), device, flags }),
  fc.record({ type: fc.constant('member-removed' as const), name }),
  fc.nat(4).map((round) => ({
    type: 'timeout' as const,
    timer: round === 0 ? { name: 'reserve' as const } : { name: 'ring' as const, round },
  })),
);
/** Some come, and each receives some of the others: what follows has something to break. */
const opening: fc.Arbitrary<RoomEvent[]> = fc
  .record({ comers: fc.subarray(PHONES, { minLength: 2 }), senders: fc.subarray(NAMES), flags })
  .map(({ comers, senders, flags }) => [
    ...comers.map((each) => ({ type: 'join' as const, person: person(userOf(each)), device: each, flags })),
    ...comers.flatMap((each) =>
      senders.map((sender) => ({
        type: 'receive' as const,
        device: each,
        sender,
        sdpOffer: 'v=0',
        generation: 0,
      })),
    ),
  ]);
const finalEvent = fc.constantFrom<RoomEvent>({ type: 'shutdown' }, { type: 'group-deleted' });

function start(others: readonly Invitee[]): RoomWorld {
  const facts = {
    callId: 'call',
    room: 'g',
    group: { id: 'g', name: 'Group', owner: 'bob' },
    caller: person('ann'),
    media: 'video',
    createdAt: 1_000,
  } as const;
  return new RoomWorld(startRoom(facts, 'ann/1', others), userOf);
}

/** What everybody around the room believes. */
function believed(world: RoomWorld) {
  return {
    views: Object.fromEntries([...world.views].map(([device, names]) => [device, [...names].sort()])),
    subscriptions: [...world.subscriptions].sort(),
    muted: [...world.muted].sort(),
    ringing: [...world.ringing].sort(),
    timers: [...world.timers].sort(),
    busy: [...world.busy].sort(),
    banner: world.lastGroupCallState?.participants.map(({ name }) => name),
    isActive: world.lastGroupCallState?.active,
    pipelines: world.pipelines,
    records: world.records.length,
  };
}

/** What is so: nobody is a ghost, and everybody knows exactly everybody else. */
function real({ state }: RoomWorld): ReturnType<typeof believed> {
  const present = state.seats.map(({ person }) => person.name);
  const ringing = state.invitations.filter(({ state }) => state === 'ringing');
  const timers = new Set(ringing.map(({ round }) => keyOf({ name: 'ring', round })));
  const busy = new Set(present);
  if (state.reservedFor !== undefined) {
    timers.add('reserve');
    busy.add('ann');
  }
  const others = (name: string) => present.filter((each) => each !== name).sort();
  return {
    views: Object.fromEntries(state.seats.map(({ person, device }) => [device, others(person.name)])),
    subscriptions: state.seats
      .flatMap(({ device, receives }) => receives.map((each) => `${device}<${each}`))
      .sort(),
    muted: state.seats
      .filter(({ isMuted }) => isMuted)
      .map(({ person }) => person.name)
      .sort(),
    ringing: ringing.map(({ person }) => person.name).sort(),
    timers: [...timers].sort(),
    busy: [...busy].sort(),
    banner: present,
    isActive: !state.isEnded,
    pipelines: state.isEnded ? 0 : 1,
    records: state.isEnded ? 1 : 0,
  };
}

function expectSound(world: RoomWorld): void {
  expect(believed(world)).toEqual(real(world));
  const { seats, reservedFor, isEnded } = world.state;
  const names = seats.map(({ person }) => person.name);
  if (new Set(names).size !== names.length) throw new Error('somebody is in the room twice');
  for (const { person, receives } of seats) {
    if (receives.some((sender) => sender === person.name || !names.includes(sender))) {
      throw new Error(`${person.name} receives from who is not there`);
    }
  }
  if (!isEnded && seats.length === 0 && reservedFor === undefined) throw new Error('an empty room goes on');
}

/** Lets something happen, as far as it can, and looks at what came of it. */
function happen(world: RoomWorld, event: RoomEvent): void {
  // A timer that does not run cannot go off.
  if (event.type === 'timeout' && !world.timers.has(keyOf(event.timer))) return;
  const wasEnded = world.state.isEnded;
  const rung = [...world.ringing];
  const missedBefore = world.missed.length;
  const effects = world.happen(event);
  if (wasEnded) expect(effects).toEqual([]);
  expectSound(world);
  const inVain = rung.filter((name) => !world.ringing.has(name) && !isAbout(event, name));
  expect(world.missed.slice(missedBefore).sort()).toEqual(inVain.sort());
}

it('keeps its promises whatever happens', () => {
  const others = invitees(NAMES.slice(1));
  const events = fc.array(event, { maxLength: 40 });
  fc.assert(
    fc.property(others, opening, events, finalEvent, (others, opening, events, final) => {
      const world = start(others);
      expectSound(world);
      for (const each of [...opening, ...events, final]) happen(world, each);
      expect(world.state.isEnded).toBe(true);
      const names = world.records[0]?.participants.map(({ name }) => name) ?? [];
      expect(new Set(names).size).toBe(names.length);
    }),
    { numRuns: 300 },
  );
});

/** Whether an event itself ends somebody's ringing, otherwise than in vain. */
function isAbout(event: RoomEvent, name: string): boolean {
  switch (event.type) {
    case 'decline':
    case 'member-removed':
      return event.name === name;
    case 'moderate':
      return event.target === name;
    case 'join':
      return event.person.name === name;
    default:
      return false;
  }
}
