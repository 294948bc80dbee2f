import type { Participant, Person, ServerMessage, ServerMessageOf } from '../../protocol/index.ts';
import { problemOf } from '../session/codes.ts';
import {
  dropConnection,
  each,
  find,
  openConnection,
  repairConnection,
  restartConnection,
  takeAnswer,
} from './connections.ts';
import type { InRoom, Ringing, RoomState, Transition } from './state.ts';
import { afterStep, end, fail, leaveMessage, leaving, openConnections, refusal, withRoom } from './steps.ts';
import type { InvitedView } from './view.ts';

/** What a message from the server does. Messages about one-to-one calls and about other rooms change nothing. */
export function onMessage(state: RoomState, message: ServerMessage, now: number): Transition {
  switch (message.id) {
    case 'incomingCall':
      return message.reqType === 'group' ? onIncomingCall(state, message) : [state, []];
    case 'missedCall':
      return [state, message.groupId === undefined ? [] : [{ type: 'missed', call: message }]];
    case 'groupCallState':
      return onGroupCall(state, message);
    case 'callProgress':
      return onProgress(state, message);
    case 'existingParticipants':
      return onExisting(state, message, now);
    case 'stopCommunication':
      return onStop(state, message, now);
    default:
      return state.current.phase === 'room' ? onRoomMessage(state, state.current, message, now) : [state, []];
  }
}

function onIncomingCall(
  state: RoomState,
  message: Extract<ServerMessageOf<'incomingCall'>, { reqType: 'group' }>,
): Transition {
  const { callId, groupId, groupName, caller, media, memberCount } = message;
  const { current } = state;
  const isHere = (current.phase === 'incoming' || current.phase === 'room') && current.callId === callId;
  if (isHere) return [state, []];
  if (current.phase === 'incoming') return [state, [refusal({ callId }, 'busy')]];
  if (current.phase === 'room') {
    // We call the group ourselves, or enter its room: the server counts that, whoever was first.
    return [state, current.group.id === groupId ? [] : [refusal({ callId }, 'busy')]];
  }
  const group = { id: groupId, name: groupName, avatar: '' };
  const call: Ringing = { phase: 'incoming', direction: 'in', group, media, callId, caller, memberCount };
  const removedFrom = state.removedFrom.filter((removed) => removed !== callId);
  return [{ ...state, removedFrom, current: call }, [{ type: 'rang', call }]];
}

function onGroupCall(state: RoomState, call: ServerMessageOf<'groupCallState'>): Transition {
  const others = state.running.filter(({ groupId }) => groupId !== call.groupId);
  return [{ ...state, running: call.active ? [...others, call] : others }, []];
}

/** The server has taken the call; if it was given up meanwhile, the room it reserved is left. */
function onProgress(
  state: RoomState,
  { callId, room, invited = [], offline = [] }: ServerMessageOf<'callProgress'>,
): Transition {
  if (room === undefined) return [state, []];
  const { current } = state;
  if (current.phase !== 'room' || current.room !== room) return [state, [leaveMessage(room)]];
  const asked: InvitedView[] = [
    ...invited.map((person): InvitedView => ({ person, state: 'ringing' })),
    ...offline.map((person): InvitedView => ({ person, state: 'offline' })),
  ];
  const known = current.invited.length > 0 ? current.invited : asked;
  return [withRoom(state, { ...current, callId, invited: known }), []];
}

/** One is in the room: these are there already. */
function onExisting(
  state: RoomState,
  message: ServerMessageOf<'existingParticipants'>,
  now: number,
): Transition {
  const { current } = state;
  if (current.phase !== 'room' || (message.room ?? current.room) !== current.room) {
    return [state, message.room === undefined ? [] : [leaveMessage(message.room)]];
  }
  const others = message.participants.filter(({ name }) => name !== state.self?.name);
  const present = new Set(others.map(({ name }) => name));
  const gone = current.others.filter(({ name }) => !present.has(name)).map(({ name }) => name);
  const entered: InRoom = {
    ...current,
    stage: 'in',
    asked: true,
    startedAt: current.startedAt ?? now,
    others,
    canModerate: message.canModerate ?? current.canModerate,
    met: current.met || others.length > 0,
  };
  const [rest, dropping] = each(entered, gone, dropConnection);
  const [room, opening] = openConnections(state, rest);
  const first = current.startedAt === undefined;
  return [
    withRoom(state, room),
    [
      ...dropping,
      ...opening,
      { type: 'share-media-state' },
      ...(first ? [{ type: 'started', call: room } as const] : []),
    ],
  ];
}

function onStop(
  state: RoomState,
  { room, callId, reason }: ServerMessageOf<'stopCommunication'>,
  now: number,
): Transition {
  const { current } = state;
  if (current.phase === 'incoming') {
    return callId === current.callId ? end(state, current, reason, now) : [state, []];
  }
  const isAboutUs =
    current.phase === 'room' &&
    room === current.room &&
    (callId === undefined || current.callId === undefined || callId === current.callId);
  return isAboutUs ? end(state, current, reason, now) : [state, []];
}

function onRoomMessage(state: RoomState, room: InRoom, message: ServerMessage, now: number): Transition {
  switch (message.id) {
    case 'newParticipantArrived':
      return isAbout(room, message) ? onArrival(state, room, message.participant) : [state, []];
    case 'participantLeft':
      return isAbout(room, message) ? onDeparture(state, room, message) : [state, []];
    case 'receiveVideoAnswer':
      return isAbout(room, message) ? afterStep(state, takeAnswer(room, message)) : [state, []];
    case 'iceCandidate': {
      const { name, generation, candidate } = message;
      if (!isAbout(room, message) || name === undefined || message.callId !== undefined) return [state, []];
      if (!find(room, { name, generation })) return [state, []];
      return [state, [{ type: 'add-candidate', name, generation, candidate }]];
    }
    case 'restartMedia': {
      if (message.room !== room.room) return [state, []];
      const { generation } = message;
      const raised = { ...room, generation: Math.max(room.generation, generation) };
      return afterStep(
        state,
        each(raised, [...room.connections.keys()], (before, name) =>
          restartConnection(state, before, name, generation),
        ),
      );
    }
    case 'mediaState':
      return message.room === room.room ? onMediaState(state, room, message) : [state, []];
    case 'invitedState':
      if (message.room !== room.room) return [state, []];
      return [withRoom(state, { ...room, invited: message.data.map(toInvited), counts: message.counts }), []];
    case 'invitedChanged':
      if (message.room !== room.room) return [state, []];
      return [withRoom(state, withChanges(room, message)), []];
    case 'callResponse':
      return onRefusal(state, room, message);
    case 'moderated':
      return message.room === room.room ? onMuted(state, room, message.by) : [state, []];
    case 'error':
      return onError(state, room, message, now);
    default:
      return [state, []];
  }
}

/** The tutorials' messages name no room. */
function isAbout({ room }: InRoom, message: { readonly room?: string | undefined }): boolean {
  return message.room === undefined || message.room === room;
}

/** Who is there already and arrives again has come back by another connection. */
function onArrival(state: RoomState, before: InRoom, participant: Participant): Transition {
  const { name } = participant;
  if (before.stage !== 'in' || name === state.self?.name) return [state, []];
  const [rest, dropping] = dropConnection(before, name);
  const others = [...rest.others.filter((other) => other.name !== name), participant];
  const [room, opening] = openConnection(state, { ...rest, others, met: true }, name);
  return [withRoom(state, room), [...dropping, ...opening]];
}

function onDeparture(
  state: RoomState,
  before: InRoom,
  { name, reason }: ServerMessageOf<'participantLeft'>,
): Transition {
  if (name === state.self?.name) return [state, []];
  const [room, effects] = dropConnection(before, name);
  const others = room.others.filter((other) => other.name !== name);
  // Of those who were invited the server tells by itself, also when they are members no more.
  const isTold = reason === 'removed' || room.invited.some(({ person }) => person.name === name);
  const gone = isTold ? undefined : room.others.find((other) => other.name === name);
  const left = room.left.filter((person) => person.name !== name);
  return [withRoom(state, { ...room, others, left: gone ? [...left, toPerson(gone)] : left }), effects];
}

function toPerson({ name, displayName, avatar }: Person): Person {
  return { name, displayName, avatar };
}

function onMediaState(
  state: RoomState,
  room: InRoom,
  { name, audio, video, screen }: ServerMessageOf<'mediaState'>,
): Transition {
  const others = room.others.map((other) =>
    other.name === name ? { ...other, audio, video, screen } : other,
  );
  return [withRoom(state, { ...room, others }), []];
}

function toInvited({ state, ...person }: ServerMessageOf<'invitedState'>['data'][number]): InvitedView {
  return { person, state: state === 'joined' ? 'left' : state };
}

/** Those whose state is another one stay where they are; who is new comes last. */
function withChanges(room: InRoom, { data, counts }: ServerMessageOf<'invitedChanged'>): InRoom {
  const invited = [...room.invited, ...data.map(toInvited)];
  const byName = new Map(invited.map((each) => [each.person.name, each]));
  return { ...room, invited: [...byName.values()], counts };
}

/** Told to the caller only, before it is in the room; there `invitedState` says more. */
function onRefusal(state: RoomState, room: InRoom, message: ServerMessageOf<'callResponse'>): Transition {
  if (message.response !== 'rejected' || message.reqType !== 'group' || message.callId !== room.callId) {
    return [state, []];
  }
  const { code, from } = message;
  const refused = code === 'busy' || code === 'no-answer' || code === 'offline' ? code : 'declined';
  const invited = room.invited.map((each): InvitedView =>
    each.person.name === from ? { ...each, state: refused } : each,
  );
  return [withRoom(state, { ...room, invited }), []];
}

function onMuted(state: RoomState, room: InRoom, by: string): Transition {
  const mutedBy = [...room.others, ...(state.self ? [state.self] : [])].find(({ name }) => name === by);
  if (!mutedBy) return [state, [{ type: 'mute-microphone' }]];
  return [
    withRoom(state, { ...room, mutedBy: toPerson(mutedBy) }),
    [{ type: 'mute-microphone' }, { type: 'forget-muter' }],
  ];
}

function onError(
  state: RoomState,
  room: InRoom,
  { code, message, inReplyTo }: ServerMessageOf<'error'>,
  now: number,
): Transition {
  switch (inReplyTo) {
    case 'call':
    case 'joinRoom':
      if (room.stage === 'in' || !room.asked) return [state, []];
      if (inReplyTo === 'call' && room.direction === 'in') return [state, []];
      // It is over meanwhile. After a `call` that was refused the reason is known already.
      if (inReplyTo === 'joinRoom' && code === 'unknown-room') {
        return end(state, room, room.startedAt === undefined ? 'cancelled' : 'peer-lost', now);
      }
      return fail(
        state,
        room,
        code === 'not-allowed' ? 'group-unavailable' : problemOf(code),
        message,
        leaving(room),
      );
    case 'receiveVideoFrom': {
      // Whose offer it was is not said. Who has left is told by `participantLeft`.
      if (code === 'no-such-participant') return [state, []];
      const unanswered = [...room.connections]
        .filter(([, { offer }]) => offer === 'sent')
        .map(([name]) => name);
      return afterStep(
        state,
        each(room, unanswered, (before, name) => repairConnection(state, before, name)),
      );
    }
    case 'moderate':
    case 'invite':
      return [state, [{ type: 'failed', problem: 'failed', detail: message }]];
    default:
      return [state, []];
  }
}
