import { beforeEach, expect, it } from 'vitest';
import { annCallsGroup, GROUP_CALL, person, RoomWorld, userOf } from '../../testing/server/room-world.ts';
import { startRoom } from './room-machine.ts';
import { deadlinesOf, type RoomEvent } from './room-state.ts';

let world: RoomWorld;
beforeEach(() => (world = annCallsGroup()));

function happen(event: RoomEvent): void {
  world.happen(event);
}

function join(...connectionIds: string[]): void {
  for (const connectionId of connectionIds) happen(joined(connectionId, 2));
}

function lastStates(connectionId: string): Record<string, string> {
  return Object.fromEntries(world.invitedAsSeenBy(connectionId));
}

const joined = (connectionId: string, protocol: number) =>
  ({ type: 'join', person: person(userOf(connectionId)), connectionId, protocol, media: 'video' }) as const;
const decline = (name: string) =>
  ({ type: 'decline', name, connectionId: `${name}/1`, code: 'declined' }) as const;

it('tells who is in it what has changed of the invited, and who arrives the whole', () => {
  join('ann/1');
  happen(decline('bob'));
  expect(world.received('ann/1', 'invitedState')).toHaveLength(1);
  const counts = { ringing: 1, declined: 1, busy: 1, 'no-answer': 0, offline: 1, joined: 0 };
  const bob = { ...person('bob'), state: 'declined' };
  expect(world.received('ann/1', 'invitedChanged')).toEqual([
    { id: 'invitedChanged', room: 'g', data: [bob], counts },
  ]);
  join('cid/1');
  expect(world.received('cid/1', 'invitedChanged')).toEqual([]);
  expect(world.received('cid/1', 'invitedState')).toMatchObject([{ counts: { ringing: 0, joined: 1 } }]);
});

it('tells a page of protocol 1 of the invited at most once a second, and the last state always', () => {
  happen(joined('ann/1', 1));
  happen(decline('bob'));
  expect(lastStates('ann/1')).toMatchObject({ bob: 'declined', cid: 'ringing' });
  world.happen(decline('cid'), 300);
  expect(world.received('ann/1', 'invitedState')).toHaveLength(2);
  expect(deadlinesOf(world.state).invited).toBe(world.timeOf({ type: 'quality' } as never, 700));
  happen({ type: 'timeout', timer: 'invited' });
  expect(lastStates('ann/1')).toMatchObject({ bob: 'declined', cid: 'declined' });
  expect(world.received('ann/1', 'invitedState')).toHaveLength(3);
  expect(world.received('ann/1', 'invitedChanged')).toEqual([]);
  expect(deadlinesOf(world.state).invited).toBeUndefined();
});

it('tells the whole of the invited, when some have gone, at most once a second, the last state always', () => {
  happen(joined('ann/1', 2));
  const wholes = () => world.received('ann/1', 'invitedState');
  happen({ type: 'members-removed', names: ['dan'] });
  expect(wholes()).toHaveLength(2);
  world.happen({ type: 'members-removed', names: ['eve'] }, 300);
  world.happen(decline('bob'), 100);
  expect(wholes()).toHaveLength(2);
  expect(world.received('ann/1', 'invitedChanged')).toHaveLength(1);
  happen({ type: 'timeout', timer: 'invited' });
  expect(wholes()).toHaveLength(3);
  expect(lastStates('ann/1')).toEqual({ bob: 'declined', cid: 'ringing' });
  world.happen(decline('cid'), 100);
  expect(wholes()).toHaveLength(3);
  expect(deadlinesOf(world.state).invited).toBeUndefined();
});

it('tells the group of its call at most once a second, the last state always, and its end at once', () => {
  const told = () => world.received('eve', 'groupCallState').map(({ participantCount }) => participantCount);
  happen(joined('ann/1', 2));
  world.happen(joined('bob/1', 2), 100);
  world.happen(joined('cid/1', 2), 100);
  expect(told()).toEqual([0, 1]);
  happen({ type: 'timeout', timer: 'group-call' });
  expect(told()).toEqual([0, 1, 3]);
  world.happen({ type: 'leaveRoom', connectionId: 'cid/1' }, 100);
  expect(told()).toEqual([0, 1, 3]);
  world.happen({ type: 'group-deleted' }, 100);
  expect(world.received('eve', 'groupCallState').at(-1)).toMatchObject({ active: false });
  expect(deadlinesOf(world.state)).toEqual({});
});

it('names a few of many, and counts the others', () => {
  const crowd = Array.from({ length: 1_000 }, (_, each) => person(`crowd-${each}`));
  const invitees = crowd.map((each, index) => ({
    person: each,
    availability: index < 700 ? ('offline' as const) : ('free' as const),
  }));
  world = new RoomWorld(startRoom(GROUP_CALL, 'ann/1', invitees), userOf);
  const [progress] = world.received('ann/1', 'callProgress');
  expect(progress).toMatchObject({ counts: { ringing: 300, offline: 700 } });
  expect([progress?.invited?.length, progress?.offline?.length]).toEqual([200, 200]);
  happen(joined('ann/1', 2));
  const [whole] = world.received('ann/1', 'invitedState');
  expect(whole?.data).toHaveLength(200);
  expect(whole?.data.every(({ state }) => state === 'ringing')).toBe(true);
  for (let each = 700; each < 720; each++) happen(joined(`crowd-${each}/1`, 2));
  expect(world.received('eve', 'groupCallState')).toEqual([]);
  const state = world.received('crowd-0', 'groupCallState').at(-1);
  expect(state?.participants).toHaveLength(9);
  expect(state?.participantCount).toBe(21);
});

it('tells the caller of a whole crowd that does not answer in a few messages', () => {
  const invitees = Array.from({ length: 1_000 }, (_, each) => ({
    person: person(`crowd-${each}`),
    availability: 'free' as const,
  }));
  world = new RoomWorld(startRoom(GROUP_CALL, 'ann/1', invitees), userOf);
  happen(joined('ann/1', 2));
  const before = world.sent.length;
  world.happen({ type: 'timeout', timer: 'ring' }, GROUP_CALL.timeouts.ring);
  expect(world.received('crowd-999', 'missedCall')).toHaveLength(1);
  expect(world.received('ann/1', 'callResponse')).toHaveLength(50);
  expect(world.received('ann/1', 'invitedState').at(-1)).toMatchObject({ counts: { 'no-answer': 1_000 } });
  expect(world.sent.slice(before).filter(({ to }) => to === 'ann/1')).toHaveLength(51);
});

it('tells each of a join the same amount, however large the group is', () => {
  const toldAnn = (size: number): number => {
    const invitees = Array.from({ length: size }, (_, each) => ({
      person: person(`m${1_000 + each}`),
      availability: 'free' as const,
    }));
    world = new RoomWorld(startRoom(GROUP_CALL, 'ann/1', invitees), userOf);
    happen(joined('ann/1', 2));
    const before = world.sent.length;
    happen(joined('m1000/1', 2));
    const toAnn = world.sent.slice(before).filter(({ to }) => to === 'ann' || to === 'ann/1');
    return JSON.stringify(toAnn).length;
  };
  expect(toldAnn(3_000) - toldAnn(10)).toBeLessThan(10);
});
