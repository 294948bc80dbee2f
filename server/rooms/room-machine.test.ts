import { beforeEach, expect, it } from 'vitest';
import {
  annCallsGroup,
  GROUP_CALL as facts,
  person,
  RoomWorld,
  userOf,
} from '../../testing/server/room-world.ts';
import { openRoom, startRoom } from './room-machine.ts';
import { deadlinesOf, type RoomEvent } from './room-state.ts';

const flags = { audio: true, video: true, screen: false };

let world: RoomWorld;

beforeEach(() => (world = annCallsGroup()));

function join(...connectionIds: string[]): void {
  for (const connectionId of connectionIds) {
    const base = { person: person(userOf(connectionId)), connectionId, protocol: 2 };
    world.happen({ type: 'join', ...base, media: 'video' });
  }
}

function happen(event: RoomEvent): void {
  world.happen(event);
}

/** Somebody sends its media to Ann and Bob, one of whom was quicker than it. */
function publishToAll(name: string): void {
  world.receive('ann/1', name);
  world.receive(`${name}/1`, name);
  world.receive('bob/1', name);
}

function lastStates(connectionId: string): Record<string, string> {
  return Object.fromEntries(world.invitedAsSeenBy(connectionId));
}

it('rings who is free, and tells the caller about the others', () => {
  expect([...world.ringing].sort()).toEqual(['bob', 'cid']);
  expect(world.received('ann/1', 'callProgress')).toMatchObject([
    { state: 'ringing', room: 'g', invited: [{ name: 'bob' }, { name: 'cid' }], offline: [{ name: 'eve' }] },
  ]);
  expect(world.received('bob', 'incomingCall')).toMatchObject([
    { reqType: 'group', groupId: 'g', groupName: 'Group', from: 'ann', memberCount: 5 },
  ]);
  expect(world.received('dan', 'incomingCall')).toEqual([]);
  expect(world.banners.get('bob')).toMatchObject({ active: true, participants: [], callId: 'call' });
});

it('names at most 50 of many members', () => {
  const invitees = Array.from({ length: 2_000 }, (_, index) => ({
    person: person(`u${index}`),
    availability: 'free' as const,
  }));
  const large = new RoomWorld(startRoom(facts, 'ann/1', invitees), userOf);
  const [call] = large.received('u1999', 'incomingCall');
  expect(call).toMatchObject({ memberCount: 2_001 });
  expect(call && 'members' in call && call.members).toHaveLength(50);
});

it('introduces everybody to everybody', () => {
  join('ann/1', 'bob/1');
  expect(world.received('ann/1', 'existingParticipants')).toMatchObject([{ data: [], canModerate: true }]);
  expect(world.received('bob/1', 'existingParticipants')).toMatchObject([
    { data: ['ann'], room: 'g', canModerate: true },
  ]);
  expect(world.received('ann/1', 'newParticipantArrived')).toMatchObject([
    { name: 'bob', participant: { displayName: 'BOB', audio: true, video: true, screen: false } },
  ]);
  expect(lastStates('ann/1')).toEqual({ bob: 'joined', cid: 'ringing', dan: 'busy', eve: 'offline' });
});

it("stops the ringing on one's other connections only", () => {
  join('bob/1');
  expect(world.received('bob', 'stopCommunication')).toMatchObject([{ reason: 'answered-elsewhere' }]);
  expect([...world.ringing]).toEqual(['cid']);
});

it('tells the caller and the room of a refusal, after which joining is still allowed', () => {
  join('ann/1');
  happen({ type: 'decline', name: 'bob', connectionId: 'bob/1', code: 'declined' });
  expect(world.received('ann/1', 'callResponse')).toMatchObject([
    { reqType: 'group', response: 'rejected', from: 'bob', code: 'declined' },
  ]);
  expect(world.received('bob', 'stopCommunication')).toMatchObject([{ reason: 'declined-elsewhere' }]);
  expect(lastStates('ann/1')).toMatchObject({ bob: 'declined' });
  join('bob/1');
  expect(lastStates('ann/1')).toMatchObject({ bob: 'joined' });
});

it('tells who did not answer in time that a call was missed', () => {
  join('ann/1', 'bob/1');
  happen({ type: 'timeout', timer: 'ring' });
  expect(world.missed).toEqual(['cid']);
  expect(lastStates('bob/1')).toMatchObject({ cid: 'no-answer' });
  expect(world.state.isEnded).toBe(false);
});

it('rings again who did not answer, with a time of its own', () => {
  join('ann/1');
  happen({ type: 'timeout', timer: 'ring' });
  happen({
    type: 'invite',
    connectionId: 'ann/1',
    invitees: [{ person: person('cid'), availability: 'free' }],
  });
  expect([...world.ringing]).toEqual(['cid']);
  expect(deadlinesOf(world.state)).toEqual({ ring: 32_000 + 30_000 });
  happen({
    type: 'invite',
    connectionId: 'bob/1',
    invitees: [{ person: person('bob'), availability: 'free' }],
  });
  expect(world.refusals).toEqual(['bob/1: unknown-room']);
});

it('rings everybody as long as anybody else, whenever they were invited', () => {
  join('ann/1');
  happen({
    type: 'invite',
    connectionId: 'ann/1',
    invitees: [{ person: person('dan'), availability: 'free' }],
  });
  expect(deadlinesOf(world.state)).toEqual({ ring: 31_000 });
  happen({ type: 'timeout', timer: 'ring' });
  expect([...world.ringing]).toEqual(['dan']);
  expect(deadlinesOf(world.state)).toEqual({ ring: 33_000 });
  happen({ type: 'timeout', timer: 'ring' });
  expect(world.missed).toEqual(['bob', 'cid', 'dan']);
  expect(deadlinesOf(world.state)).toEqual({});
});

it('answers an offer once, and only the newest', () => {
  join('ann/1');
  const endpoint = { connectionId: 'ann/1', sender: 'ann' };
  const offer = (generation: number) =>
    happen({ type: 'receiveVideoFrom', ...endpoint, sdpOffer: 'v=0', generation });
  const answer = (attempt: number) =>
    happen({ type: 'negotiated', endpoint, attempt, sdpAnswer: `answer ${attempt}` });
  offer(1);
  offer(0);
  offer(2);
  expect(world.offers.map(({ attempt, generation }) => [attempt, generation])).toEqual([
    [1, 1],
    [2, 2],
  ]);
  for (const attempt of [1, 2, 2]) answer(attempt);
  expect(world.received('ann/1', 'receiveVideoAnswer')).toMatchObject([
    { name: 'ann', sdpAnswer: 'answer 2', generation: 2 },
  ]);
  offer(3);
  happen({ type: 'not-negotiated', endpoint, attempt: 3, code: 'bad-sdp' });
  expect(world.refusals).toEqual(['ann/1: bad-sdp']);
  expect(world.state.participants[0]?.endpoints).toEqual([{ sender: 'ann', ready: { generation: 2 } }]);
});

it('rings a page that comes up meanwhile', () => {
  happen({ type: 'connected', name: 'bob', connectionId: 'bob/2' });
  happen({ type: 'connected', name: 'dan', connectionId: 'dan/2' });
  expect(world.received('bob/2', 'incomingCall')).toHaveLength(1);
  expect(world.received('dan/2', 'incomingCall')).toHaveLength(0);
});

it('is cancelled when the caller goes before anybody came', () => {
  happen({ type: 'leaveRoom', connectionId: 'ann/1' });
  expect(world.received('bob', 'stopCommunication')).toMatchObject([{ reason: 'cancelled' }]);
  expect(world.missed.sort()).toEqual(['bob', 'cid']);
  expect(world.records).toMatchObject([{ outcome: 'cancelled', durationMs: 0, caller: 'ann', groupId: 'g' }]);
  expect(world.banners.get('bob')).toMatchObject({ active: false });
});

it('waits for the caller as long as the room is reserved, and not for ever', () => {
  join('bob/1');
  happen({ type: 'leaveRoom', connectionId: 'bob/1' });
  expect(world.state.isEnded).toBe(false);
  happen({ type: 'timeout', timer: 'reserve' });
  expect(world.state.isEnded).toBe(true);
  expect(world.received('ann/1', 'stopCommunication')).toMatchObject([{ reason: 'cancelled' }]);
});

it('goes on without the caller, and ends with the last one', () => {
  join('ann/1', 'bob/1');
  happen({ type: 'leaveRoom', connectionId: 'ann/1' });
  expect(world.received('bob/1', 'participantLeft')).toMatchObject([{ name: 'ann', reason: 'hangup' }]);
  expect(world.state.isEnded).toBe(false);
  happen({ type: 'left', connectionId: 'bob/1', isClean: false });
  expect(world.records).toMatchObject([
    {
      outcome: 'answered',
      reason: 'hangup',
      startedAt: 1_000,
      answeredAt: 3_000,
      endedAt: 5_000,
      durationMs: 2_000,
      participants: [
        { name: 'ann', outcome: 'joined', joinedAt: 2_000, leftAt: 4_000 },
        { name: 'bob', outcome: 'joined', joinedAt: 3_000, leftAt: 5_000 },
        { name: 'cid', outcome: 'cancelled' },
        { name: 'dan', outcome: 'busy' },
        { name: 'eve', outcome: 'offline' },
      ],
    },
  ]);
});

it('replaces the first tab by the second', () => {
  join('ann/1', 'bob/1');
  world.receive('ann/1', 'bob');
  join('bob/2');
  expect(world.received('bob/1', 'stopCommunication')).toMatchObject([{ reason: 'replaced', room: 'g' }]);
  expect(world.received('ann/1', 'participantLeft')).toMatchObject([{ name: 'bob', reason: 'replaced' }]);
  expect(world.received('ann/1', 'newParticipantArrived')).toHaveLength(2);
  expect([...world.subscriptions]).toEqual([]);
  expect(world.busy).toContain('bob');
});

it('lets receive only who is there', () => {
  join('ann/1', 'bob/1');
  world.receive('ann/1', 'cid');
  world.receive('eve/1', 'ann');
  expect(world.refusals).toEqual(['ann/1: no-such-participant', 'eve/1: unknown-room']);
  world.receive('ann/1', 'bob');
  expect([...world.subscriptions]).toEqual(['ann/1<bob']);
  happen({ type: 'cancelVideoFrom', connectionId: 'ann/1', sender: 'bob' });
  expect([...world.subscriptions]).toEqual([]);
});

it('is moderated by the caller and the owner alone', () => {
  join('ann/1', 'bob/1', 'cid/1');
  const moderators = ['ann/1', 'bob/1', 'cid/1'].map((connectionId) =>
    world.received(connectionId, 'existingParticipants').at(-1),
  );
  publishToAll('cid');
  expect(moderators).toMatchObject([{ canModerate: true }, { canModerate: true }, { canModerate: false }]);
  happen({ type: 'moderate', connectionId: 'cid/1', action: 'end' });
  expect(world.refusals).toEqual(['cid/1: not-allowed']);
  happen({ type: 'moderate', connectionId: 'bob/1', action: 'mute', target: 'cid' });
  expect(world.received('cid/1', 'moderated')).toMatchObject([{ action: 'mute', by: 'bob' }]);
  expect(world.received('ann/1', 'mediaState')).toMatchObject([{ name: 'cid', audio: false, video: true }]);
  join('dan/1');
  expect(world.received('dan/1', 'existingParticipants').at(-1)?.participants).toContainEqual(
    expect.objectContaining({ name: 'cid', audio: false }),
  );
  expect([...world.sounds]).toEqual([]);
  expect([...world.pictures].sort()).toEqual(['ann/1<cid', 'bob/1<cid']);
  happen({ type: 'mediaState', connectionId: 'cid/1', ...flags });
  expect(world.received('ann/1', 'mediaState').at(-1)).toMatchObject({ name: 'cid', audio: true });
  expect([...world.sounds].sort()).toEqual(['ann/1<cid', 'bob/1<cid']);
});

it('keeps muted who was muted, until it says that its audio is on', () => {
  join('ann/1', 'bob/1', 'cid/1');
  happen({ type: 'moderate', connectionId: 'ann/1', action: 'mute', target: 'cid' });
  happen({ type: 'mediaState', connectionId: 'cid/1', ...flags, audio: false, video: false });
  happen({ type: 'media-lost' });
  happen({ type: 'media-recovered' });
  publishToAll('cid');
  expect([...world.sounds]).toEqual([]);
  expect([...world.pictures].sort()).toEqual(['ann/1<cid', 'bob/1<cid']);
  happen({ type: 'mediaState', connectionId: 'cid/1', ...flags, video: false });
  expect([...world.sounds].sort()).toEqual(['ann/1<cid', 'bob/1<cid']);
});

it('keeps out who was removed, until invited again', () => {
  join('ann/1', 'bob/1', 'cid/1');
  happen({ type: 'moderate', connectionId: 'ann/1', action: 'remove', target: 'cid' });
  expect(world.received('cid/1', 'stopCommunication')).toMatchObject([{ reason: 'removed' }]);
  // It did come: nobody may read that it did not answer.
  expect(lastStates('ann/1')).toMatchObject({ cid: 'joined' });
  join('cid/2');
  expect(world.refusals).toEqual(['cid/2: not-allowed']);
  happen({
    type: 'invite',
    connectionId: 'bob/1',
    invitees: [{ person: person('cid'), availability: 'free' }],
  });
  join('cid/2');
  expect(world.views.get('cid/2')).toEqual(new Set(['ann', 'bob']));
});

it('is ended for all, also for those who are being rung', () => {
  join('ann/1', 'bob/1');
  happen({ type: 'moderate', connectionId: 'ann/1', action: 'end' });
  for (const to of ['ann/1', 'bob/1', 'cid']) {
    expect(world.received(to, 'stopCommunication')).toMatchObject([{ reason: 'ended' }]);
  }
  expect(world.records).toMatchObject([{ outcome: 'answered', reason: 'ended', endedBy: 'ann' }]);
});

it('drops who is no member of the group any more', () => {
  join('ann/1', 'bob/1');
  happen({ type: 'members-removed', names: ['bob', 'cid'] });
  expect(world.received('bob/1', 'stopCommunication')).toMatchObject([{ reason: 'removed' }]);
  expect(world.received('cid', 'stopCommunication')).toMatchObject([{ reason: 'removed' }]);
  expect(world.received('ann/1', 'participantLeft')).toMatchObject([{ name: 'bob', reason: 'removed' }]);
  expect(lastStates('ann/1')).toEqual({ dan: 'busy', eve: 'offline' });
});

it('can be a room without a group or a call', () => {
  const { callId, room, caller, media, createdAt, timeouts } = facts;
  const tutorial = { callId, room, caller, media, createdAt, timeouts };
  const event = {
    type: 'join',
    person: person('ann'),
    connectionId: 'ann/1',
    protocol: 2,
    media: 'video',
  } as const;
  world = new RoomWorld(openRoom(tutorial, event), userOf);
  join('bob/1');
  expect(world.received('bob/1', 'existingParticipants')).toMatchObject([{ data: ['ann'] }]);
  expect(world.banners.get('bob')).toBeUndefined();
  happen({ type: 'leaveRoom', connectionId: 'ann/1' });
  happen({ type: 'leaveRoom', connectionId: 'bob/1' });
  expect(world.state.isEnded).toBe(true);
  expect(world.pipelines).toBe(0);
});
