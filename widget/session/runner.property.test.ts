import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import * as call from '../../testing/widget/call-play.ts';
import * as room from '../../testing/widget/room-play.ts';
import { transition as callTransition } from '../call/machine.ts';
import { IDLE as NO_CALL, type CallEffect, type CallEvent, type CallState } from '../call/state.ts';
import { transition as roomTransition } from '../room/machine.ts';
import { IDLE as NO_ROOM, type RoomEffect, type RoomEvent, type RoomState } from '../room/state.ts';
import { Runner, type RunnerOptions } from './runner.ts';

const reported = vi.fn<(error: unknown) => void>();
beforeEach(() => {
  reported.mockClear();
  vi.stubGlobal('reportError', reported);
});
afterEach(() => vi.unstubAllGlobals());

/** Runs a story in which every effect of one kind fails. */
function run<State, Event, Effect extends { readonly type: string }>(
  machine: Pick<RunnerOptions<State, Event, Effect>, 'initial' | 'transition'>,
  fault: Effect['type'],
  isAsync: boolean,
) {
  const performed: Effect['type'][] = [];
  let faults = 0;
  const runner = new Runner<State, Event, Effect>({
    ...machine,
    perform: ({ type }) => {
      performed.push(type);
      if (type !== fault) return;
      faults += 1;
      if (isAsync) return Promise.reject(new Error(type));
      throw new Error(type);
    },
    changed: () => undefined,
  });
  return { runner, performed, faults: () => faults };
}

const CALL_EVENTS: readonly CallEvent[] = [
  call.DIAL,
  call.got(call.RING),
  { type: 'accept', media: 'video' },
  { type: 'media-ready' },
  { type: 'devices-refused', problem: 'permission-denied' },
  call.offer(),
  call.offer(1),
  { type: 'candidate', name: '8', generation: 0, candidate: call.CANDIDATE },
  call.RINGING,
  call.ACCEPTED,
  call.START,
  call.arrived(),
  { type: 'connected', name: '8', generation: 1 },
  call.lost(),
  call.got({ id: 'iceCandidate', callId: 'c', candidate: call.CANDIDATE, generation: 0 }),
  call.got({ id: 'error', code: 'need-offer', message: '', inReplyTo: 'incomingCallResponse' }),
  call.got({ id: 'missedCall', callId: 'm', from: '9', caller: call.OTHER, media: 'audio', at: 5 }),
  { type: 'offline' },
  { type: 'online' },
  { type: 'hang-up' },
];
/** Comes past every effect of a call. */
const CALL_STORY: readonly CallEvent[] = [
  call.DIAL,
  { type: 'devices-refused', problem: 'permission-denied' },
  call.DIAL,
  { type: 'media-ready' },
  call.offer(),
  call.RINGING,
  call.got({ id: 'iceCandidate', callId: 'c', candidate: call.CANDIDATE, generation: 0 }),
  call.ACCEPTED,
  call.arrived(),
  call.lost(),
  { type: 'connected', name: '8', generation: 1 },
  { type: 'offline' },
  { type: 'hang-up' },
  call.got({ id: 'missedCall', callId: 'm', from: '9', caller: call.OTHER, media: 'audio', at: 5 }),
  call.got(call.RING),
  { type: 'accept', media: 'video' },
  { type: 'media-ready' },
  call.offer(),
  call.got({ id: 'error', code: 'need-offer', message: '', inReplyTo: 'incomingCallResponse' }),
];
const CALL_EFFECTS: readonly CallEffect['type'][] = [
  'send',
  'open-devices',
  'make-offer',
  'drop-connection',
  'apply-answer',
  'add-candidate',
  'pause-tracks',
  'share-media-state',
  'close-media',
  'prepare-offer',
  'expect-media',
  'rang',
  'started',
  'ended',
  'missed',
  'failed',
];

const ROOM_EVENTS: readonly RoomEvent[] = [
  room.REGISTERED,
  room.DIAL,
  room.RING,
  room.JOIN,
  room.PROGRESS,
  room.existing(room.YI),
  room.arrives(room.BING),
  room.leaves(room.YI),
  room.offer('7'),
  room.offer('8'),
  room.answer('8'),
  { type: 'candidate', name: '8', generation: 0, candidate: room.CANDIDATE },
  { type: 'connected', name: '8', generation: 0 },
  { type: 'connection-lost', name: '8', generation: 0 },
  { type: 'devices-refused', problem: 'permission-denied' },
  room.got({ id: 'iceCandidate', room: '101', name: '8', candidate: room.CANDIDATE, generation: 0 }),
  room.got({ id: 'moderated', room: '101', action: 'mute', by: '8' }),
  room.got({
    id: 'missedCall',
    callId: 'm',
    from: '9',
    caller: room.BING,
    media: 'audio',
    at: 5,
    groupId: '101',
  }),
  { type: 'offline' },
  { type: 'reject', code: 'declined' },
  { type: 'leave' },
];
/** Comes past every effect of a room. */
const ROOM_STORY: readonly RoomEvent[] = [
  room.RING,
  room.JOIN,
  room.existing(room.YI),
  room.offer('8'),
  room.answer('8'),
  room.got({ id: 'iceCandidate', room: '101', name: '8', candidate: room.CANDIDATE, generation: 0 }),
  room.got({ id: 'moderated', room: '101', action: 'mute', by: '8' }),
  { type: 'devices-refused', problem: 'permission-denied' },
  room.got({
    id: 'missedCall',
    callId: 'm',
    from: '9',
    caller: room.BING,
    media: 'audio',
    at: 5,
    groupId: '101',
  }),
  room.leaves(room.YI),
  { type: 'offline' },
  { type: 'leave' },
];
const ROOM_EFFECTS: readonly RoomEffect['type'][] = [
  'send',
  'open-devices',
  'make-offer',
  'drop-connection',
  'apply-answer',
  'add-candidate',
  'pause-tracks',
  'share-media-state',
  'close-media',
  'mute-microphone',
  'forget-muter',
  'rang',
  'started',
  'ended',
  'missed',
  'failed',
];

interface Story<State, Event, Effect> extends Pick<
  RunnerOptions<State, Event, Effect>,
  'initial' | 'transition'
> {
  /** What may happen, in any order. */
  readonly events: readonly Event[];
  /** Comes past every effect. */
  readonly whole: readonly Event[];
  readonly start: readonly Event[];
  /** Ends what goes on, and rings again. */
  readonly end: readonly Event[];
  /** What the last ring causes. */
  readonly ringing: readonly string[];
}

/** Whatever happens, all effects but those of the fault's kind are carried out, and the next call rings. */
async function expectToSurvive<
  State extends { readonly current: { readonly phase: string } },
  Event,
  Effect extends { readonly type: string },
>(fault: Effect['type'], told: Story<State, Event, Effect>): Promise<void> {
  let total = 0;
  const stories = fc.array(fc.constantFrom(...told.events), { minLength: 10, maxLength: 60, size: 'max' });
  fc.assert(
    fc.property(stories, fc.boolean(), (events, isAsync) => {
      const { runner, performed, faults } = run<State, Event, Effect>(told, fault, isAsync);
      let expected = told.initial;
      const effects: string[] = [];
      for (const event of [...told.start, ...events, ...told.end]) {
        runner.dispatch(event);
        const [state, caused] = told.transition(expected, event, 0);
        expected = state;
        effects.push(...caused.map(({ type }) => type));
      }
      expect(performed).toEqual(effects);
      expect(runner.state.current.phase).toBe('incoming');
      expect(performed.slice(-told.ringing.length)).toEqual(told.ringing);
      total += faults();
    }),
    { numRuns: 60, examples: [[[...told.whole], false]] },
  );
  await Promise.resolve();
  expect(total).toBeGreaterThan(0);
  expect(reported).toHaveBeenCalledTimes(total);
}

it.each(CALL_EFFECTS)('a call whose "%s" fails ends nothing, and the fault is reported', (fault) =>
  expectToSurvive<CallState, CallEvent, CallEffect>(fault, {
    initial: NO_CALL,
    transition: callTransition,
    events: CALL_EVENTS,
    whole: CALL_STORY,
    start: [],
    end: [{ type: 'hang-up' }, { type: 'dismiss' }, call.got(call.RING)],
    ringing: ['rang', 'prepare-offer'],
  }),
);

it.each(ROOM_EFFECTS)('a room whose "%s" fails ends nothing, and the fault is reported', (fault) =>
  expectToSurvive<RoomState, RoomEvent, RoomEffect>(fault, {
    initial: NO_ROOM,
    transition: roomTransition,
    events: ROOM_EVENTS,
    whole: ROOM_STORY,
    start: [room.REGISTERED],
    end: [{ type: 'leave' }, { type: 'reject', code: 'declined' }, { type: 'dismiss' }, room.RING],
    ringing: ['rang'],
  }),
);

it('reports what is thrown and what is rejected, and goes on when the machine itself throws', async () => {
  const machineFault = new Error('machine');
  const thrown = new Error('thrown');
  const rejected = new Error('rejected');
  const done: number[] = [];
  const runner = new Runner<number, number, number>({
    initial: 0,
    transition: (state, event) => {
      if (event === 1) throw machineFault;
      return [state + event, [event, event * 10]];
    },
    perform: (effect) => {
      done.push(effect);
      if (effect === 2) throw thrown;
      if (effect === 3) return Promise.reject(rejected);
      if (effect === 20) runner.dispatch(4);
    },
    changed: () => undefined,
  });
  for (const event of [1, 2, 3]) runner.dispatch(event);
  await Promise.resolve();
  expect(done).toEqual([2, 20, 4, 40, 3, 30]);
  expect(runner.state).toBe(9);
  expect(reported.mock.calls.map(([error]) => error)).toEqual([machineFault, thrown, rejected]);
});
