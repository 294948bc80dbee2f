/** What holds for every call, whatever happens in whatever order. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { advance, deadlinesOf, startCall } from './call-machine.ts';
import type { SessionEffect } from '../sessions/session-state.ts';
import type { CallConnection, CallEvent, CallFacts, CallState, Step } from './call-state.ts';

const RUNS = 500;
const TIMEOUTS = { ring: 30_000, answer: 60_000 };
const CALLER = 'caller';
const PHONES = ['phone', 'tablet', 'laptop'];

/** An event, but for negotiations: which of those under way, and how they come out. */
type Happening =
  | CallEvent
  | { readonly type: 'outcome'; readonly pick: number; readonly failure?: 'bad-sdp' | 'media-failed' };

const connectionId = fc.constantFrom(CALLER, ...PHONES);
const phone = fc.constantFrom(...PHONES);
const generation = fc.nat(4);
const sdpOffer = fc.constant('offer');
const candidate = fc.constant({ candidate: 'candidate:1' });

const response = { type: fc.constant('incomingCallResponse' as const), connectionId };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('outcome' as const), pick: fc.nat(5) }) },
  fc.record({
    type: fc.constant('outcome' as const),
    pick: fc.nat(5),
    failure: fc.constantFrom('bad-sdp' as const, 'media-failed' as const),
  }),
  fc.record({ type: fc.constant('connected' as const), connection: phone.chain(connectionNamed) }),
  fc.record({ type: fc.constant('answering' as const), connectionId }),
  fc.record({ type: fc.constant('prepare' as const), connectionId, sdpOffer }),
  {
    weight: 3,
    arbitrary: fc.record({ ...response, callResponse: fc.constant('accept' as const), sdpOffer }),
  },
  fc.record({ ...response, callResponse: fc.constant('accept' as const) }),
  fc.record({
    ...response,
    callResponse: fc.constant('reject' as const),
    code: fc.constantFrom('declined' as const, 'busy' as const, 'no-device' as const),
  }),
  fc.record({ type: fc.constant('call-back' as const), connection: phone.chain(connectionNamed), sdpOffer }),
  fc.record({ type: fc.constant('stop' as const), connectionId }),
  fc.record({ type: fc.constant('left' as const), connectionId, isClean: fc.boolean() }),
  fc.record({ type: fc.constant('onIceCandidate' as const), connectionId, generation, candidate }),
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('offer' as const), connectionId, generation, sdpOffer }),
  },
  fc.record({
    type: fc.constant('mediaState' as const),
    connectionId,
    audio: fc.boolean(),
    video: fc.boolean(),
    screen: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('timeout' as const),
    timer: fc.constantFrom('ring' as const, 'answer' as const),
  }),
  fc.constant({ type: 'media-unavailable' } as const),
  { weight: 2, arbitrary: fc.constant({ type: 'media-lost' } as const) },
  { weight: 2, arbitrary: fc.constant({ type: 'media-recovered' } as const) },
);

function connectionNamed(id: string): fc.Arbitrary<CallConnection> {
  return fc.constant({ id, canRestart: id !== 'tablet' });
}

const facts = (canRestart: boolean): CallFacts => ({
  callId: 'call',
  caller: { name: 'alice', displayName: 'Alice', avatar: '' },
  callee: { name: 'bob', displayName: 'Bob', avatar: '' },
  callerConnection: { id: CALLER, canRestart },
  media: 'video',
  createdAt: 0,
  timeouts: TIMEOUTS,
});

type Negotiation = Extract<SessionEffect, { type: 'negotiate' }>;

interface Entry {
  readonly event: CallEvent | { readonly type: 'start' };
  readonly before: CallState | undefined;
  readonly after: CallState;
  readonly effects: readonly SessionEffect[];
}

/** Plays a history, and ends it by the server's stop. */
function play(happenings: readonly Happening[], callerCanRestart: boolean): Entry[] {
  const start = startCall(facts(callerCanRestart), [{ id: 'phone', canRestart: true }], 'offer');
  const entries: Entry[] = [];
  const underWay: Negotiation[] = [];
  const note = (event: Entry['event'], before: CallState | undefined, [after, effects]: Step) => {
    entries.push({ event, before, after, effects });
    for (const effect of effects) if (effect.type === 'negotiate') underWay.push(effect);
    return after;
  };
  let state = note({ type: 'start' }, undefined, start);
  for (const happened of [...happenings, { type: 'shutdown' } as const]) {
    const event = happened.type === 'outcome' ? outcomeOf(happened, underWay) : happened;
    if (event) state = note(event, state, advance(state, event, entries.length));
  }
  return entries;
}

function outcomeOf(
  { pick, failure }: Extract<Happening, { type: 'outcome' }>,
  underWay: Negotiation[],
): CallEvent | undefined {
  const [negotiation] = underWay.splice(pick % Math.max(1, underWay.length), 1);
  if (!negotiation) return undefined;
  const { endpoint, attempt } = negotiation;
  return failure
    ? { type: 'not-negotiated', endpoint, attempt, code: failure }
    : { type: 'negotiated', endpoint, attempt, sdpAnswer: `answer ${attempt}` };
}

function holds(check: (entries: readonly Entry[]) => void): void {
  const histories = fc.array(happening, { maxLength: 25 });
  fc.assert(
    fc.property(histories, fc.boolean(), (happenings, canRestart) => check(play(happenings, canRestart))),
    { numRuns: RUNS },
  );
}

const effectsOf = (entries: readonly Entry[]) => entries.flatMap(({ effects }) => effects);
const count = (entries: readonly Entry[], type: SessionEffect['type']) =>
  effectsOf(entries).filter((effect) => effect.type === type).length;
const messagesTo = (entry: Entry, to: string) =>
  entry.effects.flatMap((effect) =>
    effect.type === 'send' && effect.to.includes(to) ? [effect.message] : [],
  );
const isResponse = ({ event }: Entry, response: 'accept' | 'reject') =>
  event.type === 'incomingCallResponse' && event.callResponse === response;
const isBy = ({ event }: Entry, id: string) =>
  ('connectionId' in event && event.connectionId === id) ||
  ('connection' in event && event.connection.id === id);

test('a call ends exactly once, is recorded once, gives its media back once, and then nothing follows', () => {
  holds((entries) => {
    expect(entries.at(-1)?.after.phase.name).toBe('ended');
    expect(count(entries, 'record')).toBe(1);
    expect(count(entries, 'release-media')).toBe(1);
    expect(count(entries, 'open-media')).toBe(1);
    for (const { before, after, effects } of entries) {
      if (before?.phase.name === 'ended') expect(effects).toEqual([]);
      const isEnd = effects.some(({ type }) => type === 'record');
      expect(isEnd).toBe(before?.phase.name !== 'ended' && after.phase.name === 'ended');
    }
  });
});

test('everybody who was rung learns once that it is over, but for who ended it or had gone', () => {
  holds((entries) => {
    for (const id of PHONES) {
      let isInvolved = false;
      for (const entry of entries) {
        const messages = messagesTo(entry, id);
        const stops = messages.filter((message) => message.id === 'stopCommunication').length;
        if (!isInvolved && !messages.some((message) => message.id === 'incomingCall')) {
          // A late accept is told that it is too late, as often as it comes.
          expect(stops === 0 || (isResponse(entry, 'accept') && isBy(entry, id))).toBe(true);
          const isCallBack = entry.event.type === 'call-back' && isBy(entry, id) && entry.effects.length > 0;
          if (!isCallBack) continue;
        }
        isInvolved = true;
        expect(stops).toBeLessThanOrEqual(1);
        const isOver = entry.after.phase.name === 'ended' || (entry.event.type === 'left' && isBy(entry, id));
        const isOwnDoing =
          isBy(entry, id) && (isResponse(entry, 'reject') || ['stop', 'left'].includes(entry.event.type));
        if (isOver && !isOwnDoing) expect(stops).toBe(1);
        if (stops > 0 || isOver) isInvolved = false;
      }
      expect(isInvolved).toBe(false);
    }
  });
});

test('the caller gets one answer at most, and learns once that it is over unless that was its doing', () => {
  holds((entries) => {
    const messages = entries.flatMap((entry) => messagesTo(entry, CALLER));
    const answers = messages.filter((message) => message.id === 'callResponse');
    expect(answers.length).toBeLessThanOrEqual(1);
    const isRefused = answers.some((message) => 'response' in message && message.response === 'rejected');
    const stops = messages.filter((message) => message.id === 'stopCommunication').length;
    const end = entries.find(({ effects }) => effects.some(({ type }) => type === 'record'));
    const isOwnDoing = end !== undefined && isBy(end, CALLER) && ['stop', 'left'].includes(end.event.type);
    expect(stops + (isRefused ? 1 : 0)).toBe(isOwnDoing ? 0 : 1);
  });
});

test('no media flows before the callee has accepted, and both have their answers by then', () => {
  holds((entries) => {
    for (const { after, effects } of entries) {
      for (const effect of effects) {
        if (effect.type !== 'connect') continue;
        expect(after.phase.name).toBe('running');
        for (const { connectionId } of [effect.from, effect.to]) {
          expect(after.endpoints[connectionId]?.ready).toBeDefined();
        }
      }
    }
  });
});

test('a connection is asked for new media with rising generations, and only if its page knows how', () => {
  holds((entries) => {
    for (const id of [CALLER, ...PHONES]) {
      const asked = entries
        .flatMap((entry) => messagesTo(entry, id))
        .filter(({ id: name }) => name === 'restartMedia');
      const generations = asked.map((message) => ('generation' in message ? (message.generation ?? 0) : 0));
      expect([...new Set(generations)].sort((a, b) => a - b)).toEqual(generations);
      if (id === 'tablet') expect(asked).toEqual([]);
    }
  });
});

test('the callee misses a call at most once, and never one that it answered', () => {
  holds((entries) => {
    const missed = effectsOf(entries).filter(({ type }) => type === 'send-users').length;
    expect(missed).toBeLessThanOrEqual(1);
    if (entries.some(({ after }) => after.phase.name === 'running')) expect(missed).toBe(0);
  });
});

test('a timer runs exactly while the call waits, and as long as it may', () => {
  holds((entries) => {
    let until = 0;
    let waitsFor: string | undefined;
    for (const [at, { before, after }] of entries.entries()) {
      const expected = { ringing: 'ring', answering: 'answer', accepted: 'answer' } as const;
      const timer =
        after.phase.name in expected ? expected[after.phase.name as keyof typeof expected] : undefined;
      // Waiting for an offer again, after what was prepared has failed, starts anew.
      const isAnew = before?.phase.name === 'accepted' && after.phase.name === 'answering';
      if (timer && (timer !== waitsFor || isAnew)) until = at + TIMEOUTS[timer];
      waitsFor = timer;
      expect(deadlinesOf(after)).toEqual(timer ? { [timer]: until } : {});
    }
  });
});

test('a call goes on from its state as JSON exactly as without', () => {
  holds((entries) => {
    for (const [at, { event, before, after, effects }] of entries.entries()) {
      if (!before || event.type === 'start') continue;
      const loaded = JSON.parse(JSON.stringify(before)) as CallState;
      expect(advance(loaded, event, at)).toEqual([after, effects]);
      expect(deadlinesOf(loaded)).toEqual(deadlinesOf(before));
    }
  });
});
