/** What holds for every call, whatever happens in whatever order. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { advance, startCall } from './call-machine.ts';
import type { CallEffect, CallEvent, CallFacts, CallState, Device, Step } from './call-state.ts';

const RUNS = 500;
const CALLER = 'caller';
const PHONES = ['phone', 'tablet', 'laptop'];

/** An event, but for negotiations: which of those under way, and how they come out. */
type Happening =
  | CallEvent
  | { readonly type: 'outcome'; readonly pick: number; readonly failure?: 'bad-sdp' | 'media-failed' };

const device = fc.constantFrom(CALLER, ...PHONES);
const phone = fc.constantFrom(...PHONES);
const generation = fc.nat(4);
const sdpOffer = fc.constant('offer');
const candidate = fc.constant({ candidate: 'candidate:1' });

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('outcome' as const), pick: fc.nat(5) }) },
  fc.record({
    type: fc.constant('outcome' as const),
    pick: fc.nat(5),
    failure: fc.constantFrom('bad-sdp' as const, 'media-failed' as const),
  }),
  fc.record({ type: fc.constant('connected' as const), device: phone.chain(deviceNamed) }),
  fc.record({ type: fc.constant('answering' as const), device }),
  fc.record({ type: fc.constant('prepare' as const), device, sdpOffer }),
  { weight: 3, arbitrary: fc.record({ type: fc.constant('accept' as const), device, sdpOffer }) },
  fc.record({ type: fc.constant('accept' as const), device }),
  fc.record({
    type: fc.constant('reject' as const),
    device,
    code: fc.constantFrom('declined' as const, 'busy' as const, 'no-device' as const),
  }),
  fc.record({ type: fc.constant('call-back' as const), device: phone.chain(deviceNamed), sdpOffer }),
  fc.record({ type: fc.constant('stop' as const), device }),
  fc.record({ type: fc.constant('left' as const), device, isClean: fc.boolean() }),
  fc.record({ type: fc.constant('candidate' as const), device, generation, candidate }),
  { weight: 2, arbitrary: fc.record({ type: fc.constant('offer' as const), device, generation, sdpOffer }) },
  fc.record({
    type: fc.constant('media-state' as const),
    device,
    flags: fc.record({ audio: fc.boolean(), video: fc.boolean(), screen: fc.boolean() }),
  }),
  fc.record({
    type: fc.constant('timeout' as const),
    timer: fc.constantFrom('ring' as const, 'answer' as const),
  }),
  fc.constant({ type: 'media-unavailable' } as const),
  { weight: 2, arbitrary: fc.constant({ type: 'media-lost' } as const) },
  { weight: 2, arbitrary: fc.constant({ type: 'media-back' } as const) },
);

function deviceNamed(id: string): fc.Arbitrary<Device> {
  return fc.constant({ id, canRestart: id !== 'tablet' });
}

const facts = (canRestart: boolean): CallFacts => ({
  callId: 'call',
  caller: { name: 'alice', displayName: 'Alice', avatar: '' },
  callee: { name: 'bob', displayName: 'Bob', avatar: '' },
  callerDevice: { id: CALLER, canRestart },
  media: 'video',
  createdAt: 0,
});

interface Entry {
  readonly event: CallEvent | { readonly type: 'start' };
  readonly before: CallState | undefined;
  readonly after: CallState;
  readonly effects: readonly CallEffect[];
}

/** Plays a history, and ends it by the server's stop. */
function play(happenings: readonly Happening[], callerCanRestart: boolean): Entry[] {
  const start = startCall(facts(callerCanRestart), [{ id: 'phone', canRestart: true }], 'offer');
  const entries: Entry[] = [];
  const underWay: { device: string; attempt: number }[] = [];
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
  underWay: { device: string; attempt: number }[],
): CallEvent | undefined {
  const [negotiation] = underWay.splice(pick % Math.max(1, underWay.length), 1);
  if (!negotiation) return undefined;
  return failure
    ? { ...negotiation, type: 'not-negotiated', code: failure }
    : { ...negotiation, type: 'negotiated', sdpAnswer: `answer ${negotiation.attempt}` };
}

function holds(check: (entries: readonly Entry[]) => void): void {
  const histories = fc.array(happening, { maxLength: 25 });
  fc.assert(
    fc.property(histories, fc.boolean(), (happenings, canRestart) => check(play(happenings, canRestart))),
    { numRuns: RUNS },
  );
}

const effectsOf = (entries: readonly Entry[]) => entries.flatMap(({ effects }) => effects);
const count = (entries: readonly Entry[], type: CallEffect['type']) =>
  effectsOf(entries).filter((effect) => effect.type === type).length;
const messagesTo = (entry: Entry, to: string) =>
  entry.effects.flatMap((effect) => (effect.type === 'send' && effect.device === to ? [effect.message] : []));
const isBy = ({ event }: Entry, id: string) =>
  'device' in event && (event.device === id || (typeof event.device === 'object' && event.device.id === id));

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
          expect(stops === 0 || (entry.event.type === 'accept' && isBy(entry, id))).toBe(true);
          const isCallBack = entry.event.type === 'call-back' && isBy(entry, id) && entry.effects.length > 0;
          if (!isCallBack) continue;
        }
        isInvolved = true;
        expect(stops).toBeLessThanOrEqual(1);
        const isOver = entry.after.phase.name === 'ended' || (entry.event.type === 'left' && isBy(entry, id));
        const isOwnDoing = isBy(entry, id) && ['reject', 'stop', 'left'].includes(entry.event.type);
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
        if (effect.type !== 'join') continue;
        expect(after.phase.name).toBe('running');
        for (const id of effect.devices) expect(after.legs[id]?.ready).toBeDefined();
      }
    }
  });
});

test('a device is asked for new media with rising generations, and only if its page knows how', () => {
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
    const missed = effectsOf(entries).filter(({ type }) => type === 'send-user').length;
    expect(missed).toBeLessThanOrEqual(1);
    if (entries.some(({ after }) => after.phase.name === 'running')) expect(missed).toBe(0);
  });
});

test('a timer runs exactly while the call waits', () => {
  holds((entries) => {
    let timer: string | undefined;
    for (const { after, effects } of entries) {
      for (const effect of effects) {
        if (effect.type === 'start-timer') timer = effect.timer;
        if (effect.type === 'stop-timer') timer = undefined;
      }
      const expected = {
        ringing: 'ring',
        answering: 'answer',
        accepted: 'answer',
        running: undefined,
        ended: undefined,
      };
      expect(timer).toBe(expected[after.phase.name]);
    }
  });
});
