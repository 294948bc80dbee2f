import { describe, expect, it } from 'vitest';
import {
  PEER,
  OTHER,
  DIAL,
  RING,
  CANDIDATE,
  arrived,
  got,
  lost,
  offer,
  RINGING,
  ACCEPTED,
  START,
  Play,
  play,
  talkingCaller,
} from '../../testing/widget/call-play.ts';
import { IDLE, type CallEvent } from './state.ts';
import { MAX_FAILURES } from '../session/negotiation.ts';

describe('the caller', () => {
  it('opens the window at once and calls as soon as it has an offer', () => {
    const caller = new Play();
    expect(caller.types(DIAL)).toEqual(['open-devices']);
    expect(caller.call).toMatchObject({ phase: 'outgoing', progress: 'connecting' });
    expect(caller.types({ type: 'media-ready' })).toEqual(['make-offer']);
    expect(caller.sent(offer())).toEqual([
      { id: 'call', reqType: 'ptop', to: '8', media: 'video', sdpOffer: 'offer 0' },
    ]);
  });

  it('connects to its endpoint while it rings, and applies the repeated answer once', () => {
    const caller = play(DIAL, { type: 'media-ready' }, offer());
    expect(caller.run(RINGING)).toEqual([
      { type: 'apply-answer', name: '8', generation: 0, sdpAnswer: 'answer' },
    ]);
    expect(caller.call.progress).toBe('ringing');
    expect(caller.types(ACCEPTED)).toEqual(['share-media-state']);
    expect(caller.call).toMatchObject({ phase: 'active', progress: 'accepted' });
  });

  it('keeps its candidates until the call has a name', () => {
    const caller = play(DIAL, { type: 'media-ready' }, offer());
    const candidate: CallEvent = { type: 'candidate', name: '8', generation: 0, candidate: CANDIDATE };
    expect(caller.sent(candidate)).toEqual([]);
    const message = { id: 'onIceCandidate', callId: 'c', candidate: CANDIDATE, generation: 0 };
    expect(caller.sent(RINGING)).toEqual([message]);
    expect(caller.sent(candidate)).toEqual([message]);
  });

  it('counts the time from the first picture after the accept', () => {
    const caller = talkingCaller();
    expect(caller.call.startedAt).toBe(caller.now);
    const effects = caller.run({ type: 'hang-up' });
    expect(effects[0]).toEqual({ type: 'send', message: { id: 'stop', callId: 'c' } });
    expect(caller.state.current).toMatchObject({ phase: 'ended', reason: 'hangup', duration: 1_000 });
  });

  it.each(['declined', 'busy', 'no-answer', 'offline'] as const)('learns that the other is %s', (code) => {
    const caller = play(DIAL, { type: 'media-ready' }, offer(), RINGING);
    const types = caller.types(
      got({ id: 'callResponse', callId: 'c', reqType: 'ptop', response: 'rejected', code, message: '' }),
    );
    expect(types).toEqual(['close-media', 'ended']);
    expect(caller.state.current).toMatchObject({ phase: 'ended', reason: code, duration: 0 });
    expect(caller.types({ type: 'call-again' })).toEqual(['open-devices']);
  });

  it('stops a call that it gave up before it had a name', () => {
    const caller = play(DIAL, { type: 'media-ready' }, offer());
    expect(caller.sent({ type: 'hang-up' })).toEqual([{ id: 'stop' }]);
    caller.run(DIAL, { type: 'media-ready' }, offer());
    expect(caller.sent(RINGING)).toEqual([{ id: 'stop', callId: 'c' }]);
    expect(caller.call.callId).toBeUndefined();
    caller.run(got({ id: 'callProgress', callId: 'd', state: 'ringing' }));
    expect(caller.call.callId).toBe('d');
  });

  it('takes the surviving name when both call each other', () => {
    const caller = play(DIAL, { type: 'media-ready' }, offer());
    expect(caller.run(got(RING))).toEqual([]);
    caller.run(got({ id: 'callResponse', callId: 'c', response: 'accepted', sdpAnswer: 'answer' }));
    expect(caller.call).toMatchObject({ phase: 'active', callId: 'c' });
  });

  it('refuses somebody else as busy while it still opens its camera', () => {
    const caller = play(DIAL);
    expect(caller.sent(got({ ...RING, callId: 'x', from: '9', caller: OTHER }))).toEqual([
      { id: 'incomingCallResponse', callId: 'x', callResponse: 'reject', code: 'busy' },
    ]);
    expect(caller.call.peer).toEqual(PEER);
  });

  it('calls nobody while it may not use its devices, until the user has decided what to do', () => {
    const caller = play(DIAL);
    expect(caller.types({ type: 'devices-refused', problem: 'permission-denied' })).toEqual([
      'close-media',
      'failed',
    ]);
    expect(caller.state.current).toMatchObject({ phase: 'problem', problem: 'permission-denied' });
    expect(caller.run({ type: 'continue-without-devices' })).toEqual([
      { type: 'open-devices', media: 'audio', anyway: true },
    ]);
    expect(caller.sent({ type: 'media-ready' }, offer())).toMatchObject([{ id: 'call', media: 'video' }]);
  });

  it('can be called, and calls somebody else, while it is told of its devices', () => {
    const refused: CallEvent = { type: 'devices-refused', problem: 'permission-denied' };
    expect(play(DIAL, refused).types(got({ ...RING, from: '9', caller: OTHER }))).toEqual([
      'rang',
      'prepare-offer',
    ]);
    const caller = play(DIAL, refused, { ...DIAL, peer: OTHER });
    expect(caller.call).toMatchObject({ phase: 'outgoing', peer: OTHER });
  });

  it('answers who calls while it opens its devices to call that one', () => {
    const caller = play(DIAL);
    expect(caller.sent(got(RING))).toEqual([{ id: 'answering', callId: 'c' }]);
    expect(caller.sent({ type: 'media-ready' }, offer())).toEqual([
      { id: 'incomingCallResponse', callId: 'c', callResponse: 'accept', sdpOffer: 'offer 0' },
    ]);
    const refused = play(DIAL, got(RING));
    expect(refused.sent({ type: 'devices-refused', problem: 'permission-denied' })).toMatchObject([
      { id: 'incomingCallResponse', callId: 'c', callResponse: 'reject', code: 'no-device' },
    ]);
  });

  it('says when the server cannot be reached, but not once it rings', () => {
    const unreachable: CallEvent = { type: 'unreachable', problem: 'certificate', detail: 'x' };
    expect(play(DIAL, unreachable).state.current).toMatchObject({ phase: 'problem', problem: 'certificate' });
    expect(play(DIAL, { type: 'media-ready' }, offer(), RINGING, unreachable).call.phase).toBe('outgoing');
  });
});

describe('the callee', () => {
  const prepared = () => play(got(RING), offer(), got({ id: 'prepared', callId: 'c', sdpAnswer: 'answer' }));

  it('says at once that it answers, before its camera is open', () => {
    const callee = play(got(RING));
    expect(callee.run({ type: 'accept', media: 'audio' })).toEqual([
      { type: 'send', message: { id: 'answering', callId: 'c' } },
      { type: 'open-devices', media: 'audio', anyway: false },
    ]);
  });

  it('brings its offer when nothing was prepared', () => {
    const callee = play(got(RING), { type: 'accept', media: 'video' });
    expect(callee.types({ type: 'media-ready' })).toEqual(['make-offer']);
    expect(callee.sent(offer())).toEqual([
      { id: 'incomingCallResponse', callId: 'c', callResponse: 'accept', sdpOffer: 'offer 0' },
    ]);
    expect(callee.types(START)).toEqual(['apply-answer', 'share-media-state']);
  });

  it('prepares while it rings and then accepts without an offer', () => {
    const callee = new Play();
    expect(callee.types(got(RING))).toEqual(['rang', 'prepare-offer']);
    expect(callee.sent(offer())).toEqual([{ id: 'prepare', callId: 'c', sdpOffer: 'offer 0' }]);
    expect(callee.types(got({ id: 'prepared', callId: 'c', sdpAnswer: 'answer' }))).toEqual(['apply-answer']);
    expect(callee.sent({ type: 'accept', media: 'video' }, { type: 'media-ready' })).toEqual([
      { id: 'answering', callId: 'c' },
      { id: 'incomingCallResponse', callId: 'c', callResponse: 'accept' },
    ]);
    expect(callee.types(START)).toEqual(['share-media-state']);
  });

  it('offers anew when what was prepared is lost', () => {
    const callee = prepared();
    callee.run({ type: 'accept', media: 'video' }, { type: 'media-ready' });
    const error: CallEvent = got({
      id: 'error',
      code: 'need-offer',
      message: '',
      inReplyTo: 'incomingCallResponse',
    });
    expect(callee.types(error)).toEqual(['drop-connection', 'make-offer']);
    expect(callee.sent(offer())).toMatchObject([{ id: 'incomingCallResponse', sdpOffer: 'offer 0' }]);
  });

  it('refuses', () => {
    const callee = prepared();
    expect(callee.sent({ type: 'reject' })).toEqual([
      { id: 'incomingCallResponse', callId: 'c', callResponse: 'reject', code: 'declined' },
    ]);
    expect(callee.state).toEqual(IDLE);
  });

  it('refuses at once when it may not use its devices, and calls back when it may', () => {
    const callee = prepared();
    callee.run({ type: 'accept', media: 'video' });
    expect(callee.run({ type: 'devices-refused', problem: 'permission-denied' })).toMatchObject([
      {
        type: 'send',
        message: { id: 'incomingCallResponse', callId: 'c', callResponse: 'reject', code: 'no-device' },
      },
      { type: 'close-media' },
      { type: 'ended', call: { callId: 'c', direction: 'in', reason: 'no-device', duration: 0 } },
      { type: 'failed', problem: 'permission-denied' },
    ]);
    expect(callee.state.current).toMatchObject({ phase: 'problem', problem: 'permission-denied' });
    callee.run({ type: 'retry' });
    expect(callee.call).toMatchObject({ phase: 'outgoing', direction: 'out', peer: PEER, media: 'video' });
    expect(callee.sent({ type: 'media-ready' }, offer())).toMatchObject([{ id: 'call', to: '8' }]);
  });

  it('closes the word about its devices without another one to the server', () => {
    const callee = play(got(RING), { type: 'accept', media: 'video' });
    callee.run({ type: 'devices-refused', problem: 'insecure-page' });
    expect(callee.run({ type: 'dismiss' })).toEqual([]);
    expect(callee.state).toEqual(IDLE);
  });

  it.each(['answered-elsewhere', 'declined-elsewhere', 'cancelled', 'no-answer'] as const)(
    'stops ringing: %s',
    (reason) => {
      const callee = prepared();
      expect(callee.types(got({ id: 'stopCommunication', callId: 'c', reason }))).toEqual([
        'close-media',
        'ended',
      ]);
      expect(callee.state.current).toMatchObject({ phase: 'ended', reason });
    },
  );

  it('accepts by calling back who rings', () => {
    expect(play(got(RING)).sent(DIAL)).toEqual([{ id: 'answering', callId: 'c' }]);
  });

  it('is rung again by the server when its session was lost', () => {
    const callee = prepared();
    expect(callee.types({ type: 'session-expired' })).toEqual(['close-media']);
    expect(callee.types(got(RING))).toEqual(['rang', 'prepare-offer']);
  });
});

describe('a call under way', () => {
  it('makes a new media connection when the old one fails, and starts no second time', () => {
    const call = talkingCaller();
    const { startedAt } = call.call;
    expect(call.run(lost())).toEqual([
      { type: 'make-offer', name: '8', generation: 1, direction: 'sendrecv', delayMs: 0 },
    ]);
    expect(call.call.restarting).toBe(true);
    expect(call.sent(offer(1))).toEqual([{ id: 'offer', callId: 'c', sdpOffer: 'offer 1', generation: 1 }]);
    const answer = got({ id: 'answer', callId: 'c', sdpAnswer: 'new', generation: 1 });
    expect(call.run(answer)).toEqual([{ type: 'apply-answer', name: '8', generation: 1, sdpAnswer: 'new' }]);
    expect(call.types(arrived(1))).toEqual([]);
    expect(call.call).toMatchObject({ restarting: false, startedAt });
  });

  it('does so when the server asks, once per generation', () => {
    const call = talkingCaller();
    const restart = got({ id: 'restartMedia', callId: 'c', generation: 3 });
    expect(call.types(restart, restart)).toEqual(['make-offer']);
    expect(call.call.negotiation.generation).toBe(3);
  });

  it('drops what belongs to an older connection', () => {
    const call = talkingCaller();
    call.run(lost(), offer(1));
    expect(
      call.run(
        got({ id: 'iceCandidate', callId: 'c', candidate: CANDIDATE, generation: 0 }),
        got({ id: 'answer', callId: 'c', sdpAnswer: 'old', generation: 0 }),
        { type: 'candidate', name: '8', generation: 0, candidate: CANDIDATE },
        lost(),
        offer(0),
      ),
    ).toEqual([]);
  });

  it('gives up after too many failures in a row', () => {
    const call = talkingCaller();
    for (let generation = 0; generation < MAX_FAILURES; generation++) {
      expect(call.types(lost(generation))).toEqual(['make-offer']);
    }
    expect(call.sent(lost(MAX_FAILURES))).toEqual([{ id: 'stop', callId: 'c' }]);
    expect(call.state.current).toMatchObject({ phase: 'ended', reason: 'media-failed' });
  });

  it('sends nothing of its devices while the socket is lost', () => {
    const call = talkingCaller();
    expect(call.run({ type: 'offline' }, { type: 'offline' }, { type: 'online' })).toEqual([
      { type: 'pause-tracks', paused: true },
      { type: 'pause-tracks', paused: false },
    ]);
  });

  it('ends when the session cannot be resumed', () => {
    const call = talkingCaller();
    call.run({ type: 'offline' }, { type: 'session-expired' });
    expect(call.state.current).toMatchObject({ phase: 'ended', reason: 'peer-lost' });
  });

  it('shows what the other side sends', () => {
    const call = talkingCaller();
    call.run(got({ id: 'mediaState', callId: 'c', name: '8', audio: false, video: true, screen: true }));
    expect(call.call.remote).toEqual({ audio: false, video: true, screen: true });
  });

  it('starts at once with somebody who can send nothing', () => {
    const call = play(DIAL, { type: 'media-ready' }, offer(), RINGING, ACCEPTED);
    const state = {
      id: 'mediaState',
      callId: 'c',
      name: '8',
      audio: false,
      video: false,
      screen: false,
    } as const;
    expect(call.types(got(state))).toEqual(['started']);
  });

  it('takes no orders about another call', () => {
    const call = talkingCaller();
    const before = call.state;
    call.run(
      got({ id: 'stopCommunication', callId: 'x', reason: 'hangup' }),
      got({ id: 'stopCommunication', room: 'r', reason: 'ended' }),
      got({ id: 'startCommunication', callId: 'x', sdpAnswer: 'x' }),
      got({ id: 'mediaState', callId: 'x', name: '8', audio: false, video: false, screen: false }),
    );
    expect(call.state).toEqual(before);
  });

  it('tells of a call that was missed meanwhile', () => {
    const missed = {
      id: 'missedCall',
      callId: 'x',
      from: '9',
      caller: OTHER,
      media: 'audio',
      at: 5,
    } as const;
    expect(talkingCaller().run(got(missed))).toEqual([{ type: 'missed', call: missed }]);
  });
});
