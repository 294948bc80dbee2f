import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STOP_REASONS, type ServerMessage } from '../../protocol/index.ts';
import { transition } from './machine.ts';
import { CANDIDATE, seen, SELF } from '../../testing/widget/room-play.ts';
import { IDLE, type RoomEffect, type RoomEvent, type RoomState } from './state.ts';

const GROUPS = ['101', '102'].map((id) => ({ id, name: id, avatar: '' }));
const PEOPLE = ['7', '8', '9', '10'].map((name) => ({ name, displayName: name, avatar: '' }));

const group = fc.constantFrom(...GROUPS);
const room = fc.constantFrom('101', '101', '101', '102');
const person = fc.constantFrom(...PEOPLE);
const name = person.map((each) => each.name);
const media = fc.constantFrom('video' as const, 'audio' as const);
const callId = fc.constantFrom('a', 'b');
const generation = fc.nat({ max: 4 });

const message: fc.Arbitrary<ServerMessage> = fc.oneof(
  fc.tuple(callId, group, person, media).map(([id, { id: groupId }, caller, kind]): ServerMessage => ({
    id: 'incomingCall',
    callId: id,
    reqType: 'group',
    groupId,
    groupName: groupId,
    room: groupId,
    from: caller.name,
    caller,
    members: [],
    memberCount: 4,
    media: kind,
  })),
  fc.tuple(room, callId, fc.boolean(), media).map(([id, call, active, kind]): ServerMessage => ({
    id: 'groupCallState',
    groupId: id,
    groupName: id,
    room: id,
    callId: call,
    active,
    participants: [],
    startedAt: 0,
    media: kind,
  })),
  fc.record({
    id: fc.constant('callProgress' as const),
    callId,
    state: fc.constant('ringing' as const),
    room,
  }),
  {
    weight: 4,
    arbitrary: fc
      .tuple(room, fc.uniqueArray(person, { selector: (each) => each.name }))
      .map(([id, people]): ServerMessage => ({
        id: 'existingParticipants',
        room: id,
        data: people.map((each) => each.name),
        participants: people.map(seen),
      })),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(room, person)
      .map(
        ([id, who]) =>
          ({ id: 'newParticipantArrived', room: id, name: who.name, participant: seen(who) }) as const,
      ),
  },
  fc.record({
    id: fc.constant('participantLeft' as const),
    room,
    name,
    reason: fc.constantFrom(...STOP_REASONS),
  }),
  {
    weight: 3,
    arbitrary: fc.record({
      id: fc.constant('receiveVideoAnswer' as const),
      room,
      name,
      sdpAnswer: fc.constant('answer'),
      generation,
    }),
  },
  fc.record({
    id: fc.constant('iceCandidate' as const),
    room,
    name,
    candidate: fc.constant(CANDIDATE),
    generation,
  }),
  fc.record({ id: fc.constant('restartMedia' as const), room, generation }),
  fc.record({
    id: fc.constant('stopCommunication' as const),
    callId,
    room,
    reason: fc.constantFrom(...STOP_REASONS),
  }),
  fc.record({
    id: fc.constant('error' as const),
    code: fc.constantFrom('unknown-room' as const, 'not-a-member' as const, 'media-unavailable' as const),
    message: fc.constant(''),
    inReplyTo: fc.constantFrom('call', 'joinRoom', 'receiveVideoFrom', 'moderate'),
  }),
  fc.record({
    id: fc.constant('moderated' as const),
    room,
    action: fc.constant('mute' as const),
    by: name,
  }),
);

const event: fc.Arbitrary<RoomEvent> = fc.oneof(
  { weight: 12, arbitrary: message.map((value): RoomEvent => ({ type: 'message', message: value })) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('dial' as const), group, media }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('join' as const), groupId: room, media }) },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('offer-made' as const),
      name,
      generation,
      sdpOffer: fc.constant('offer'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('candidate' as const),
      name,
      generation,
      candidate: fc.constant(CANDIDATE),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom('connection-lost' as const, 'connected' as const, 'media-arrived' as const),
      name,
      generation,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<RoomEvent>(
      { type: 'reject', code: 'declined' },
      { type: 'leave' },
      { type: 'retry' },
      { type: 'dismiss' },
      { type: 'go-away' },
      { type: 'session-expired' },
      { type: 'media-impossible', problem: 'media-failed' },
      { type: 'unreachable', problem: 'server-unreachable', detail: '' },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<RoomEvent>(
      { type: 'offline' },
      { type: 'registered', user: SELF, groupCalls: [] },
    ),
  },
);

interface Step {
  readonly before: RoomState;
  readonly event: RoomEvent;
  readonly after: RoomState;
  readonly effects: readonly RoomEffect[];
}

const REGISTERED: RoomEvent = { type: 'registered', user: SELF, groupCalls: [] };

const people = PEOPLE.slice(1, 3);
const ENTERED: readonly RoomEvent[] = [
  { type: 'dial', group: { id: '101', name: '101', avatar: '' }, media: 'video' },
  {
    type: 'message',
    message: {
      id: 'existingParticipants',
      room: '101',
      data: people.map((each) => each.name),
      participants: people.map(seen),
    },
  },
];
const story = fc
  .tuple(fc.boolean(), fc.array(event, { maxLength: 60, size: 'max' }))
  .map(([isInRoom, events]) => [REGISTERED, ...(isInRoom ? ENTERED : []), ...events]);

/** Plays any story of a registered page, many of which begin in a room, and checks each step of it. */
function always(makeCheck: () => (step: Step) => void): void {
  fc.assert(
    fc.property(story, (events) => {
      const check = makeCheck();
      let before = IDLE;
      events.forEach((each, index) => {
        const [after, effects] = transition(before, each, index * 1_000);
        check({ before, event: each, after, effects });
        before = after;
      });
    }),
    { numRuns: 400 },
  );
}

const sent = (effects: readonly RoomEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'send' ? [effect.message] : []));

describe('whatever happens', () => {
  it('there is nobody twice, oneself is not among the others, and who left is no ghost', () => {
    always(() => ({ event: { ...happened }, after: { current } }) => {
      if (current.phase !== 'room') return;
      const names = current.others.map((other) => other.name);
      expect(new Set(names).size).toBe(names.length);
      expect(names).not.toContain(SELF.name);
      if (happened.type !== 'message' || happened.message.id !== 'participantLeft') return;
      if (happened.message.room === current.room) expect(names).not.toContain(happened.message.name);
    });
  });

  it('in a room there is one connection for oneself and one for each other, and none elsewhere', () => {
    always(() => ({ after: { current } }) => {
      if (current.phase !== 'room') return;
      const expected =
        current.stage === 'in' ? [SELF.name, ...current.others.map((other) => other.name)] : [];
      expect([...current.connections.keys()].sort()).toEqual(expected.sort());
    });
  });

  it('the driver has exactly the connections the room has, and everything is closed once at the end', () => {
    always(() => {
      const open = new Set<string>();
      const generations = new Map<string, number>();
      let isMediaOpen = false;
      return ({ after: { current }, effects }) => {
        for (const effect of effects) {
          if (effect.type === 'open-devices') {
            expect(isMediaOpen).toBe(false);
            isMediaOpen = true;
          } else if (effect.type === 'make-offer') {
            expect(isMediaOpen).toBe(true);
            expect(effect.direction).toBe(effect.name === SELF.name ? 'sendonly' : 'recvonly');
            expect(effect.generation).toBeGreaterThan(generations.get(effect.name) ?? -1);
            generations.set(effect.name, effect.generation);
            open.add(effect.name);
          } else if (effect.type === 'drop-connection') {
            open.delete(effect.name);
          } else if (effect.type === 'close-media') {
            expect(isMediaOpen).toBe(true);
            isMediaOpen = false;
            open.clear();
            generations.clear();
          }
        }
        expect(isMediaOpen).toBe(current.phase === 'room');
        const connections = current.phase === 'room' ? current.connections : new Map<string, never>();
        for (const each of open) expect(connections.has(each)).toBe(true);
      };
    });
  });

  it('each offer is sent once, and its answer applied once', () => {
    always(() => {
      const offers = new Set<string>();
      const answers = new Set<string>();
      return ({ effects }) => {
        for (const effect of effects) {
          if (effect.type === 'close-media') {
            offers.clear();
            answers.clear();
          } else if (effect.type === 'apply-answer') {
            const key = `${effect.name} ${effect.generation}`;
            expect(offers).toContain(key);
            expect(answers).not.toContain(key);
            answers.add(key);
          }
        }
        for (const each of sent(effects)) {
          if (each.id !== 'receiveVideoFrom') continue;
          const key = `${each.sender} ${each.generation}`;
          expect(offers).not.toContain(key);
          offers.add(key);
        }
      };
    });
  });

  it('nobody stays in a room on the server without being in it here', () => {
    always(() => {
      const asked = new Set<string>();
      return ({ event: happened, after: { current }, effects }) => {
        if (happened.type === 'session-expired') asked.clear();
        if (happened.type === 'message') {
          const told = happened.message;
          if (told.id === 'stopCommunication' && told.room !== undefined) asked.delete(told.room);
          // The server has refused.
          if (told.id === 'error' && told.inReplyTo === 'joinRoom') asked.clear();
        }
        for (const each of sent(effects)) {
          if (each.id === 'joinRoom') asked.add(String(each.room));
          if (each.id === 'leaveRoom') asked.delete(String(each.room));
        }
        for (const each of asked) expect(current).toMatchObject({ phase: 'room', room: each });
      };
    });
  });

  it('nothing but what can wait is sent while the socket is lost', () => {
    always(() => ({ after, effects }) => {
      if (after.online) return;
      const ids = sent(effects).map(({ id }) => id);
      expect(ids.filter((id) => ['call', 'joinRoom', 'receiveVideoFrom'].includes(id))).toEqual([]);
    });
  });

  it('each room starts once and ends once, with the time between', () => {
    always(() => {
      let started = false;
      return ({ after: { current }, effects }) => {
        for (const { type } of effects) {
          if (type === 'started') {
            expect(started).toBe(false);
            started = true;
          }
          if (type === 'close-media') started = false;
        }
        if (current.phase === 'ended') expect(current.duration).toBeGreaterThanOrEqual(0);
      };
    });
  });
});
