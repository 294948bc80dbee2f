import { describe, expect, it } from 'vitest';
import type { ServerMessageOf } from '../../protocol/index.ts';
import { MAX_FAILURES } from '../session/negotiation.ts';
import {
  answer,
  arrives,
  BING,
  CANDIDATE,
  DIAL,
  existing,
  got,
  JOIN,
  leaves,
  offer,
  play,
  Play,
  PROGRESS,
  REGISTERED,
  RING,
  SELF,
  stops,
  YI,
} from '../../testing/widget/room-play.ts';

const JOIN_MESSAGE = { id: 'joinRoom', room: '101', media: 'video' };
const LEAVE_MESSAGE = { id: 'leaveRoom', room: '101' };
const makes = (name: string, generation = 0, delayMs = 0) => ({
  type: 'make-offer',
  name,
  generation,
  direction: name === SELF.name ? 'sendonly' : 'recvonly',
  delayMs,
});
const inRoom = () => play(REGISTERED, RING, JOIN, existing(YI));
const connected = () =>
  play(
    REGISTERED,
    RING,
    JOIN,
    existing(YI),
    ...[SELF, YI].flatMap(({ name }) => [
      offer(name),
      answer(name),
      { type: 'connected', name, generation: 0 } as const,
    ]),
  );

describe('going into a room', () => {
  it('calls the group and joins at once, and opens the devices meanwhile', () => {
    const caller = play(REGISTERED);
    expect(caller.run(DIAL)).toEqual([
      { type: 'send', message: { id: 'call', reqType: 'group', groupId: '101', media: 'video' } },
      { type: 'send', message: JOIN_MESSAGE },
      { type: 'open-devices', media: 'video', anyway: true },
    ]);
    caller.run(PROGRESS);
    expect(caller.room).toMatchObject({
      callId: 'c',
      invited: [
        { person: YI, state: 'ringing' },
        { person: BING, state: 'offline' },
      ],
    });
  });

  it('invites many people with several messages', () => {
    const names = Array.from({ length: 120 }, (_, index) => `n${index}`);
    const sent = play(REGISTERED, DIAL, existing()).sent({ type: 'invite', names });
    expect(sent.map((message) => (message as { to: string[] }).to.length)).toEqual([50, 50, 20]);
    expect(sent.flatMap((message) => (message as { to: string[] }).to)).toEqual(names);
  });

  it('waits for the registration', () => {
    const caller = new Play();
    expect(caller.types(DIAL)).toEqual(['open-devices']);
    expect(caller.sent(REGISTERED).map((message) => (message as { id: string }).id)).toEqual([
      'call',
      'joinRoom',
    ]);
  });

  it('publishes and receives everybody in parallel', () => {
    const caller = play(REGISTERED, DIAL);
    const effects = caller.run(existing(YI, BING));
    expect(effects).toEqual(
      expect.arrayContaining([makes('7'), makes('8'), makes('9'), { type: 'share-media-state' }]),
    );
    expect(caller.sent(offer('8'))).toEqual([
      { id: 'receiveVideoFrom', room: '101', sender: '8', sdpOffer: 'offer of 8', generation: 0 },
    ]);
  });

  it('accepts what rings without a word but joining', () => {
    expect(play(REGISTERED, RING).sent(JOIN)).toEqual([JOIN_MESSAGE]);
  });

  it('joins a call that runs', () => {
    const call: ServerMessageOf<'groupCallState'> = {
      id: 'groupCallState',
      groupId: '101',
      groupName: '测试群',
      room: '101',
      callId: 'c',
      active: true,
      participants: [YI],
      startedAt: 5,
      media: 'audio',
    };
    const late = play(REGISTERED, got(call));
    expect(late.sent({ type: 'join', groupId: '101', media: 'audio' })).toEqual([
      { ...JOIN_MESSAGE, media: 'audio' },
    ]);
    late.run({ type: 'leave' }, got({ ...call, active: false, participants: [] }));
    expect(late.sent(JOIN)).toEqual([]);
  });

  it('says why it cannot', () => {
    const caller = play(REGISTERED, DIAL);
    caller.run(got({ id: 'error', code: 'group-of-one', message: 'Alone.', inReplyTo: 'call' }));
    caller.run(got({ id: 'error', code: 'unknown-room', message: 'No room.', inReplyTo: 'joinRoom' }));
    expect(caller.state.current).toMatchObject({ phase: 'problem', problem: 'group-unavailable' });
    expect(caller.sent({ type: 'retry' })).toContainEqual(JOIN_MESSAGE);
  });

  it('leaves a room that the server takes up after the call was given up', () => {
    expect(play(REGISTERED, DIAL, { type: 'leave' }).sent(PROGRESS)).toEqual([LEAVE_MESSAGE]);
  });
});

describe('ringing', () => {
  it('can be refused', () => {
    const member = play(REGISTERED, RING);
    expect(member.sent({ type: 'reject', code: 'declined' })).toEqual([
      { id: 'incomingCallResponse', callId: 'c', callResponse: 'reject', code: 'declined' },
    ]);
    expect(member.state.current.phase).toBe('idle');
  });

  it('stops when it was answered elsewhere', () => {
    expect(play(REGISTERED, RING, stops('answered-elsewhere')).state.current).toMatchObject({
      phase: 'ended',
      reason: 'answered-elsewhere',
      duration: 0,
    });
  });

  it('is not disturbed by another group', () => {
    const member = play(REGISTERED, RING);
    const other = { ...(RING as Extract<typeof RING, { type: 'message' }>).message, callId: 'd' };
    expect(member.sent(got({ ...other, groupId: '102', room: '102' } as never))).toEqual([
      { id: 'incomingCallResponse', callId: 'd', callResponse: 'reject', code: 'busy' },
    ]);
  });
});

describe('in a room', () => {
  it('receives who arrives and lets go of who leaves', () => {
    const member = inRoom();
    expect(member.run(arrives(BING))).toEqual([makes('9')]);
    expect(member.run(leaves(YI))).toEqual([{ type: 'drop-connection', name: '8' }]);
    expect([...member.room.connections.keys()]).toEqual(['7', '9']);
  });

  it('takes somebody who comes back for somebody new, whom no stale answer reaches', () => {
    const member = inRoom();
    member.run(offer('8'), leaves(YI));
    expect(member.run(arrives(YI))).toEqual([makes('8', 1)]);
    member.run(offer('8', 1));
    expect(member.run(answer('8', 0))).toEqual([]);
    expect(member.types(answer('8', 1))).toEqual(['apply-answer']);
  });

  it('receives who comes back by another connection anew, be it that nobody saw that one go', () => {
    expect(inRoom().run(arrives(YI))).toEqual([{ type: 'drop-connection', name: '8' }, makes('8', 1)]);
  });

  it('keeps candidates until their offer is sent', () => {
    const member = inRoom();
    const candidate = { type: 'candidate', name: '8', generation: 0, candidate: CANDIDATE } as const;
    expect(member.run(candidate)).toEqual([]);
    expect(member.sent(offer('8')).map((message) => (message as { id: string }).id)).toEqual([
      'receiveVideoFrom',
      'onIceCandidate',
    ]);
  });

  it('makes every connection anew when the media server was lost', () => {
    const member = connected();
    expect(member.run(got({ id: 'restartMedia', room: '101', generation: 3 }))).toEqual([
      makes('7', 3),
      makes('8', 3),
    ]);
    expect(member.run(arrives(BING))).toEqual([makes('9', 3)]);
  });

  it('repairs a failed connection, at first at once, then with pauses', () => {
    const member = connected();
    expect(member.run({ type: 'connection-lost', name: '8', generation: 0 })).toEqual([makes('8', 1)]);
    expect(member.run({ type: 'connection-lost', name: '8', generation: 0 })).toEqual([]);
    expect(member.run({ type: 'connection-lost', name: '8', generation: 1 })).toEqual([makes('8', 2, 1_000)]);
    expect(member.run({ type: 'connection-lost', name: '8', generation: 2 })).toEqual([makes('8', 3, 2_000)]);
  });

  it('gives up when its own media cannot be sent again and again', () => {
    const member = connected();
    for (let generation = 0; generation <= MAX_FAILURES; generation += 1) {
      member.run({ type: 'connection-lost', name: '7', generation });
    }
    expect(member.state.current).toMatchObject({ phase: 'ended', reason: 'media-failed' });
  });

  it('is muted by a moderator, and says by whom for a moment', () => {
    const member = inRoom();
    expect(member.types(got({ id: 'moderated', room: '101', action: 'mute', by: '8' }))).toEqual([
      'mute-microphone',
      'forget-muter',
    ]);
    expect(member.room.mutedBy).toEqual(YI);
    member.run({ type: 'muter-forgotten' });
    expect(member.room.mutedBy).toBe(undefined);
  });

  it('is not offered the call again from which it was removed', () => {
    const member = play(REGISTERED, RING, JOIN, existing(YI), stops('removed'));
    expect(member.state.removedFrom).toEqual(['c']);
    expect(member.run(RING)).toMatchObject([{ type: 'rang' }]);
    expect(member.state.removedFrom).toEqual([]);
  });

  it('ends by leaving, once, with the time in the room', () => {
    const member = inRoom();
    expect(member.types({ type: 'leave' }, { type: 'leave' })).toEqual(['send', 'close-media', 'ended']);
    expect(member.state.current).toMatchObject({ reason: 'hangup', duration: 1_000, met: true });
  });
});

describe('a lost socket', () => {
  it('is waited for; what was not answered is said anew', () => {
    const member = connected();
    member.run(arrives(BING), offer('9'));
    expect(member.types({ type: 'offline' })).toEqual(['pause-tracks']);
    expect(member.run({ type: 'connection-lost', name: '8', generation: 0 })).toEqual([]);
    expect(member.run(REGISTERED)).toEqual([
      { type: 'pause-tracks', paused: false },
      makes('8', 1),
      makes('9', 1),
    ]);
  });

  it('is followed by a new entry when the session is gone too', () => {
    const member = connected();
    expect(member.types({ type: 'offline' }, { type: 'session-expired' })).toEqual([
      'pause-tracks',
      'drop-connection',
      'drop-connection',
    ]);
    expect(member.sent(REGISTERED)).toEqual([JOIN_MESSAGE]);
    expect(member.run(existing(YI)).filter(({ type }) => type === 'make-offer')).toEqual([
      makes('7', 1),
      makes('8', 1),
    ]);
    expect(member.room.startedAt).toBe(4_000);
  });

  it('ends the call if that has ended meanwhile', () => {
    const member = connected();
    member.run({ type: 'offline' }, { type: 'session-expired' }, REGISTERED);
    member.run(got({ id: 'error', code: 'unknown-room', message: 'No.', inReplyTo: 'joinRoom' }));
    expect(member.state.current).toMatchObject({ phase: 'ended', reason: 'peer-lost' });
  });
});
