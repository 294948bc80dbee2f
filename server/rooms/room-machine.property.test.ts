import fc from 'fast-check';
import { expect, it } from 'vitest';
import { GROUP_CALL, person, RoomWorld, userOf } from '../../testing/server/room-world.ts';
import { advance, startRoom } from './room-machine.ts';
import { deadlinesOf, type Invitee, type RoomEvent, type RoomState } from './room-state.ts';

const NAMES = ['ann', 'bob', 'cid', 'dan', 'eve'];
const PHONES = NAMES.map((name) => `${name}/1`);
/** Each user has two connections. */
const CONNECTIONS = [...PHONES, ...NAMES.map((name) => `${name}/2`)];

const name = fc.constantFrom(...NAMES);
const connectionId = fc.constantFrom(...CONNECTIONS);
const flags = { audio: fc.boolean(), video: fc.boolean(), screen: fc.boolean() };
const availability = fc.constantFrom('free', 'busy', 'offline');
const invitees = (names: readonly string[]): fc.Arbitrary<Invitee[]> =>
  fc.tuple(...names.map((each) => fc.record({ person: fc.constant(person(each)), availability })));

/** What comes of one of the offers that are being answered. */
interface Outcome {
  readonly type: 'outcome';
  readonly pick: number;
  readonly isAnswered: boolean;
}

/** Anything at any time, most of it from people who have no business doing it. */
const event: fc.Arbitrary<RoomEvent | Outcome> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({
        type: fc.constant('join' as const),
        connectionId,
        protocol: fc.constantFrom(1, 2),
        media: fc.constantFrom('audio' as const, 'video' as const),
      })
      .map((join) => ({ ...join, person: person(userOf(join.connectionId)) })),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('left' as const),
      connectionId,
      isClean: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('receiveVideoFrom' as const),
      connectionId,
      sender: name,
      sdpOffer: fc.constant('v=0'),
      generation: fc.nat(2),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('outcome' as const),
      pick: fc.nat(9),
      isAnswered: fc.nat(5).map((chance) => chance > 0),
    }),
  },
  fc.record({
    type: fc.constant('cancelVideoFrom' as const),
    connectionId,
    sender: name,
  }),
  connectionId.map((each) => ({ type: 'connected' as const, name: userOf(each), connectionId: each })),
  fc.record({ type: fc.constant('media-lost' as const) }),
  fc.record({ type: fc.constant('media-recovered' as const) }),
  fc
    .tuple(connectionId, fc.constantFrom('declined' as const, 'busy' as const, 'no-device' as const))
    .map(([each, code]) => ({ type: 'decline' as const, name: userOf(each), connectionId: each, code })),
  fc.record({
    type: fc.constant('invite' as const),
    connectionId,
    invitees: fc.subarray(NAMES, { minLength: 1 }).chain(invitees),
  }),
  fc.record({
    type: fc.constant('moderate' as const),
    connectionId: fc.constantFrom('ann/1', 'bob/1', 'cid/1'),
    action: fc.constantFrom('mute' as const, 'remove' as const),
    target: name,
  }),
  fc.record({ type: fc.constant('mediaState' as const), connectionId, ...flags }),
  fc.record({ type: fc.constant('leaveRoom' as const), connectionId }),
  fc.record({ type: fc.constant('quality' as const), connectionId, roundTripMs: fc.nat(9) }),
  name.map((each) => ({ type: 'member-added' as const, person: person(each) })),
  fc.record({ type: fc.constant('members-removed' as const), names: fc.subarray(NAMES, { minLength: 1 }) }),
  fc.constantFrom('reserve' as const, 'ring' as const).map((timer) => ({ type: 'timeout' as const, timer })),
);
/** Some come, and each receives some of the others: what follows has something to break. */
const opening: fc.Arbitrary<(RoomEvent | Outcome)[]> = fc
  .record({ comers: fc.subarray(PHONES, { minLength: 2 }), senders: fc.subarray(NAMES) })
  .map(({ comers, senders }) => [
    ...comers.map((each) => ({
      type: 'join' as const,
      person: person(userOf(each)),
      connectionId: each,
      protocol: 2,
      media: 'video' as const,
    })),
    ...comers.flatMap((each) =>
      [userOf(each), ...senders].flatMap((sender) => [
        {
          type: 'receiveVideoFrom' as const,
          connectionId: each,
          sender,
          sdpOffer: 'v=0',
          generation: 0,
        },
        { type: 'outcome' as const, pick: 0, isAnswered: true },
      ]),
    ),
  ]);
const finalEvent = fc.constantFrom<RoomEvent>({ type: 'shutdown' }, { type: 'group-deleted' });

function start(others: readonly Invitee[]): RoomWorld {
  const facts = { ...GROUP_CALL, timeouts: { ring: 10_000, reserve: 5_000 } };
  return new RoomWorld(startRoom(facts, 'ann/1', others), userOf);
}

/** What everybody around the room believes. */
function believed(world: RoomWorld) {
  return {
    views: Object.fromEntries([...world.views].map(([id, names]) => [id, [...names].sort()])),
    endpoints: [...world.endpoints].sort(),
    pictures: [...world.pictures].sort(),
    sounds: [...world.sounds].sort(),
    ringing: [...world.ringing].sort(),
    invited: Object.fromEntries(
      world.state.participants.map(({ connectionId }) => [
        connectionId,
        Object.fromEntries(world.invitedAsSeenBy(connectionId)),
      ]),
    ),
    busy: [...world.busy].sort(),
    banners: Object.fromEntries(
      [...world.banners].map(([name, { active, participants }]) => [
        name,
        active ? participants.map((participant) => participant.name) : 'none',
      ]),
    ),
    pipelines: world.pipelines,
    records: world.records.length,
  };
}

/** What is so: nobody is a ghost, and everybody knows exactly everybody else. */
function real({ state, banners }: RoomWorld): ReturnType<typeof believed> {
  const { participants } = state;
  const present = participants.map(({ person }) => person.name);
  const ringing = state.invitations.filter(({ state }) => state === 'ringing');
  const busy = new Set(present);
  if (state.reservation) busy.add('ann');
  const others = (name: string) => present.filter((each) => each !== name).sort();
  const has = (name: string, sender: string) =>
    participants.some(
      ({ person, endpoints }) =>
        person.name === name && endpoints.some((each) => each.sender === sender && each.ready),
    );
  const links = participants.flatMap(({ person, connectionId }) =>
    others(person.name)
      .filter((sender) => has(sender, sender) && has(person.name, sender))
      .map((sender) => ({ sender, key: `${connectionId}<${sender}` })),
  );
  const muted = participants.filter(({ isMuted }) => isMuted).map(({ person }) => person.name);
  return {
    views: Object.fromEntries(
      participants.map(({ person, connectionId }) => [connectionId, others(person.name)]),
    ),
    endpoints: participants
      .flatMap(({ connectionId, endpoints }) => endpoints.map(({ sender }) => `${connectionId}<${sender}`))
      .sort(),
    pictures: links.map(({ key }) => key).sort(),
    sounds: links
      .filter(({ sender }) => !muted.includes(sender))
      .map(({ key }) => key)
      .sort(),
    ringing: ringing.map(({ person }) => person.name).sort(),
    invited: Object.fromEntries(
      participants.map(({ connectionId }) => [
        connectionId,
        Object.fromEntries(state.invitations.map(({ person, state }) => [person.name, state])),
      ]),
    ),
    busy: [...busy].sort(),
    banners: Object.fromEntries(
      [...banners.keys()].map((name) => {
        const isMember = state.members.some((member) => member.name === name);
        return [name, isMember && !state.isEnded ? present : 'none'];
      }),
    ),
    pipelines: state.isEnded ? 0 : 1,
    records: state.isEnded ? 1 : 0,
  };
}

function expectSound(world: RoomWorld): void {
  expect(believed(world)).toEqual(real(world));
  const { participants, members, reservation, isEnded } = world.state;
  for (const { name } of members) if (!world.banners.has(name)) throw new Error(`${name} was told nothing`);
  const names = participants.map(({ person }) => person.name);
  if (new Set(names).size !== names.length) throw new Error('somebody is in the room twice');
  for (const { person, endpoints } of participants) {
    const senders = endpoints.map(({ sender }) => sender);
    if (new Set(senders).size !== senders.length || senders.some((sender) => !names.includes(sender))) {
      throw new Error(`${person.name} receives somebody twice, or who is not there`);
    }
  }
  if (!isEnded && participants.length === 0 && !reservation) throw new Error('an empty room goes on');
  expectTimers(world);
}

/** Timers run exactly while something is waited for, and go off in time for whoever waits longest. */
function expectTimers({ state, ringing }: RoomWorld): void {
  const { reserve, ring } = deadlinesOf(state);
  expect([reserve !== undefined, ring !== undefined]).toEqual([
    state.reservation !== undefined,
    ringing.size > 0,
  ]);
  for (const invitation of state.invitations) {
    if (invitation.state === 'ringing') expect(invitation.until).toBeGreaterThanOrEqual(ring ?? Infinity);
  }
}

/** Lets something happen, as far as it can, and looks at what came of it. */
function happen(world: RoomWorld, happening: RoomEvent | Outcome): void {
  const event =
    happening.type === 'outcome' ? world.settleOffer(happening.pick, happening.isAnswered) : happening;
  if (!event) return;
  // A timer that does not run cannot go off.
  if (event.type === 'timeout' && deadlinesOf(world.state)[event.timer] === undefined) return;
  const before = world.state;
  const at = world.timeOf(event);
  const rung = [...world.ringing];
  const missedBefore = world.missed.length;
  const effects = world.happen(event);
  if (before.isEnded) expect(effects).toEqual([]);
  expectSound(world);
  const inVain = rung.filter((name) => !world.ringing.has(name) && !isAbout(event, name));
  expect(world.missed.slice(missedBefore).sort()).toEqual(inVain.sort());
  // Another process that was given the state would have done the same.
  const loaded = JSON.parse(JSON.stringify(before)) as RoomState;
  expect(advance(loaded, event, at)).toEqual([world.state, effects]);
  expect(deadlinesOf(loaded)).toEqual(deadlinesOf(before));
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
      return event.name === name;
    case 'members-removed':
      return event.names.includes(name);
    case 'moderate':
      return event.target === name;
    case 'join':
      return event.person.name === name;
    default:
      return false;
  }
}
