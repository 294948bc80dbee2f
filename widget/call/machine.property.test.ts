import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REFUSAL_CODES, STOP_REASONS, type ServerMessage } from '../../protocol/index.ts';
import { transition } from './machine.ts';
import { IDLE, isOngoing, type CallEffect, type CallEvent, type CallState } from './state.ts';

const PEOPLE = ['8', '9'].map((name) => ({ name, displayName: name, avatar: '' }));
const CANDIDATE = { candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0 };

const person = fc.constantFrom(...PEOPLE);
const media = fc.constantFrom('video' as const, 'audio' as const);
const callId = fc.constantFrom('a', 'b', 'c');
const generation = fc.nat({ max: 3 });
const sdpAnswer = fc.constant('answer');

const message: fc.Arbitrary<ServerMessage> = fc.oneof(
  fc.tuple(callId, person, media).map(
    ([id, caller, kind]) =>
      ({
        id: 'incomingCall',
        callId: id,
        reqType: 'ptop',
        from: caller.name,
        caller,
        media: kind,
      }) as const,
  ),
  fc
    .tuple(callId, fc.constantFrom('ringing' as const, 'accepted' as const))
    .map(([id, state]) => ({ id: 'callProgress', callId: id, state, sdpAnswer: 'answer' }) as const),
  fc.record({
    id: fc.constant('callResponse' as const),
    callId,
    response: fc.constant('accepted' as const),
    sdpAnswer,
  }),
  fc.record({
    id: fc.constant('callResponse' as const),
    callId,
    reqType: fc.constant('ptop' as const),
    response: fc.constant('rejected' as const),
    code: fc.constantFrom(...REFUSAL_CODES),
    message: fc.constant(''),
  }),
  fc.record({ id: fc.constant('startCommunication' as const), callId, sdpAnswer }),
  fc.record({ id: fc.constant('prepared' as const), callId, sdpAnswer }),
  fc.record({ id: fc.constant('answer' as const), callId, sdpAnswer, generation }),
  fc.record({ id: fc.constant('restartMedia' as const), callId, generation }),
  fc.record({
    id: fc.constant('stopCommunication' as const),
    callId,
    reason: fc.constantFrom(...STOP_REASONS),
  }),
  fc.record({
    id: fc.constant('iceCandidate' as const),
    callId,
    candidate: fc.constant(CANDIDATE),
    generation,
  }),
  fc.record({
    id: fc.constant('error' as const),
    code: fc.constantFrom('need-offer' as const, 'unknown-call' as const, 'media-unavailable' as const),
    message: fc.constant(''),
    inReplyTo: fc.constantFrom('call', 'prepare', 'incomingCallResponse', 'offer', 'stop'),
  }),
);

const event: fc.Arbitrary<CallEvent> = fc.oneof(
  { weight: 4, arbitrary: message.map((value): CallEvent => ({ type: 'message', message: value })) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('dial' as const), peer: person, media }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('accept' as const), media }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('offer-made' as const),
      name: fc.constant('8'),
      generation,
      sdpOffer: fc.constant('offer'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('candidate' as const),
      name: fc.constant('8'),
      generation,
      candidate: fc.constant(CANDIDATE),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constantFrom('connected' as const, 'media-arrived' as const, 'connection-lost' as const),
      name: fc.constant('8'),
      generation,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constantFrom('devices-refused' as const, 'media-impossible' as const),
      problem: fc.constant('permission-denied' as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom(
        'media-ready' as const,
        'reject' as const,
        'hang-up' as const,
        'call-again' as const,
        'retry' as const,
        'continue-without-devices' as const,
        'dismiss' as const,
        'offline' as const,
        'online' as const,
        'session-expired' as const,
      )
      .map((type): CallEvent => ({ type })),
  },
);

interface Step {
  readonly before: CallState;
  readonly event: CallEvent;
  readonly after: CallState;
  readonly effects: readonly CallEffect[];
}

/** Plays any story and checks each step of it. */
function always(check: (step: Step) => void): void {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
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

const has = (effects: readonly CallEffect[], type: CallEffect['type']): boolean =>
  effects.some((effect) => effect.type === type);

const sent = (effects: readonly CallEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'send' ? [effect.message] : []));

describe('whatever happens', () => {
  it('camera and microphone are let go of when no call is left, and only then', () => {
    always(({ before, after, effects }) => {
      const over = isOngoing(before.current) && !isOngoing(after.current);
      expect(has(effects, 'close-media')).toBe(over);
    });
  });

  it('an active call is never left without telling the server, unless the server said so', () => {
    always(({ before, event: { type }, after, effects }) => {
      const { current } = before;
      if (!isOngoing(current) || !current.callSent || isOngoing(after.current)) return;
      if (type === 'message' || type === 'session-expired') return;
      expect(sent(effects).map(({ id }) => id)).toContain('stop');
    });
  });

  it('a ringing call that is given up is refused', () => {
    always(({ before, event: { type }, after, effects }) => {
      const { current } = before;
      if (!isOngoing(current) || current.phase !== 'incoming' || isOngoing(after.current)) return;
      if (type === 'message' || type === 'session-expired') return;
      expect(sent(effects)).toContainEqual(
        expect.objectContaining({ callResponse: 'reject', callId: current.callId }),
      );
    });
  });

  it('nobody waits for somebody whose devices are refused', () => {
    always(({ before, event: { type }, after, effects }) => {
      const { current } = before;
      const waits = isOngoing(current) && current.phase !== 'incoming' && !current.ready;
      if (type !== 'devices-refused' || !waits) return;
      expect(after.current).toMatchObject({ phase: 'problem' });
      if (current.direction === 'out') return expect(sent(effects)).toEqual([]);
      expect(sent(effects)).toContainEqual(
        expect.objectContaining({ id: 'incomingCallResponse', callResponse: 'reject', code: 'no-device' }),
      );
    });
  });

  it('each call starts once and ends once, with the time between', () => {
    always(({ before, after, effects }) => {
      if (has(effects, 'started')) {
        expect(isOngoing(before.current) && before.current.startedAt).toBe(undefined);
      }
      if (has(effects, 'ended')) expect(isOngoing(before.current)).toBe(true);
      if (after.current.phase === 'ended') expect(after.current.duration).toBeGreaterThanOrEqual(0);
    });
  });

  it('every message about a named call carries its name', () => {
    always(({ before, effects }) => {
      const { current } = before;
      for (const each of sent(effects)) {
        if (each.id === 'stop' && isOngoing(current)) expect(each.callId).toBe(current.callId ?? each.callId);
        if (each.id === 'onIceCandidate' || each.id === 'offer') expect(each.callId).toBeTypeOf('string');
      }
    });
  });

  it('no answer is applied twice, nor to another connection than its own', () => {
    always(({ before, after, effects }) => {
      for (const effect of effects) {
        if (effect.type !== 'apply-answer') continue;
        const { current } = before;
        expect(isOngoing(current) && current.negotiation.offer).toBe('sent');
        expect(isOngoing(current) && current.negotiation.generation).toBe(effect.generation);
        expect(isOngoing(after.current) && after.current.negotiation.offer).toBe('answered');
      }
    });
  });

  it('generations only grow within a call', () => {
    always(({ before, after }) => {
      if (!isOngoing(before.current) || !isOngoing(after.current)) return;
      const { generation: now } = after.current.negotiation;
      expect(now).toBeGreaterThanOrEqual(before.current.negotiation.generation);
    });
  });
});
