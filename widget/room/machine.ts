import { INVITE_MAX_NAMES } from '../../protocol/limits.ts';
import { MAX_FAILURES } from '../session/negotiation.ts';
import type { MediaEvent } from '../session/state.ts';
import {
  connected,
  dropAllConnections,
  find,
  repairConnection,
  resumeConnections,
  takeCandidate,
  takeOffer,
} from './connections.ts';
import { onMessage } from './messages.ts';
import type { InRoom, RoomEffect, RoomEvent, RoomInfo, RoomState, Transition } from './state.ts';
import { afterStep, ask, end, enter, fail, leaving, refusal, withRoom } from './steps.ts';

type RoomEventOf<Type extends RoomEvent['type']> = Extract<RoomEvent, { type: Type }>;

/**
 * The life of group calls on one page as a pure function: no clock, socket, device or DOM.
 * An event that makes no sense in a state changes nothing.
 *
 * @param now milliseconds since 1970
 * @returns the next state and what must be done, in order
 */
export function transition(state: RoomState, event: RoomEvent, now: number): Transition {
  const { current } = state;
  switch (event.type) {
    case 'registered':
      return registered(state, event);
    case 'offline':
      return offline(state);
    case 'session-expired':
      return sessionExpired(state);
    case 'unreachable':
      return unreachable(state, event);
    case 'message':
      return onMessage(state, event.message, now);
    case 'dial':
      return dial(state, { group: event.group, media: event.media, direction: 'out' });
    case 'join':
      return join(state, event);
    case 'reject':
      return reject(state, event.code, now);
    case 'go-away':
      return current.phase === 'incoming' ? [idle(state), []] : [state, []];
    case 'retry':
      if (current.phase !== 'problem') return [state, []];
      return enter(state, { ...current.info, room: current.info.group.id });
    case 'dismiss':
      return current.phase === 'ended' || current.phase === 'problem' ? [idle(state), []] : [state, []];
    default:
      return current.phase === 'room' ? inRoom(state, current, event, now) : [state, []];
  }
}

function idle(state: RoomState): RoomState {
  return { ...state, current: { phase: 'idle' } };
}

/** A group's room has the group's id. */
function dial(state: RoomState, info: RoomInfo): Transition {
  const { current } = state;
  const { group, media } = info;
  if (current.phase === 'room') return [state, []];
  if (current.phase !== 'incoming') return enter(state, { ...info, room: group.id });
  if (current.group.id === group.id) return join(state, { groupId: group.id, media });
  return enter(state, { ...info, room: group.id }, [refusal(current, 'busy')]);
}

function join(
  state: RoomState,
  { groupId, media }: Pick<RoomEventOf<'join'>, 'groupId' | 'media'>,
): Transition {
  const { current, running } = state;
  if (current.phase === 'room') return [state, []];
  const direction = 'in';
  if (current.phase === 'incoming' && current.group.id === groupId) {
    return enter(state, { group: current.group, media, direction, room: groupId, callId: current.callId });
  }
  const call = running.find((each) => each.groupId === groupId);
  if (!call) return [state, []];
  const group = { id: groupId, name: call.groupName, avatar: '' };
  const before = current.phase === 'incoming' ? [refusal(current, 'busy')] : [];
  return enter(state, { group, media, direction, room: call.room, callId: call.callId }, before);
}

function reject(state: RoomState, code: 'declined' | 'busy', now: number): Transition {
  const { current } = state;
  if (current.phase !== 'incoming') return [state, []];
  const [over, effects] = end(state, current, code, now, [refusal(current, code)]);
  return [idle(over), effects];
}

/** The server takes a limited number of names at once. */
function invitations({ room }: InRoom, names: readonly string[]): RoomEffect[] {
  const effects: RoomEffect[] = [];
  for (let from = 0; from < names.length; from += INVITE_MAX_NAMES) {
    const to = names.slice(from, from + INVITE_MAX_NAMES);
    effects.push({ type: 'send', message: { id: 'invite', room, to } });
  }
  return effects;
}

function request({ room }: InRoom, { action, target }: RoomEventOf<'moderate'>): RoomEffect {
  return { type: 'send', message: { id: 'moderate', room, action, ...(target !== undefined && { target }) } };
}

function registered(state: RoomState, { user, groupCalls }: RoomEventOf<'registered'>): Transition {
  const next: RoomState = {
    ...state,
    online: true,
    self: user,
    running: groupCalls.filter(({ active }) => active),
  };
  const room = next.current;
  if (room.phase !== 'room') return [next, []];
  const [after, effects] =
    room.stage === 'in' ? afterStep(next, resumeConnections(next, room)) : ask(next, room);
  return [after, [{ type: 'pause-tracks', paused: false }, ...effects]];
}

/** Nothing is sent while nobody can say whether the call still exists. */
function offline(state: RoomState): Transition {
  if (!state.online) return [state, []];
  const isIn = state.current.phase === 'room';
  return [{ ...state, online: false }, isIn ? [{ type: 'pause-tracks', paused: true }] : []];
}

/** The server has forgotten this page: it enters the room again as soon as it is registered anew. */
function sessionExpired(state: RoomState): Transition {
  const { current } = state;
  // A newly registered connection is rung again.
  if (current.phase === 'incoming') return [idle(state), []];
  if (current.phase !== 'room') return [state, []];
  const [room, effects] = dropAllConnections(current);
  return [withRoom(state, { ...room, stage: 'entering', asked: false }), effects];
}

function unreachable(state: RoomState, { problem, detail }: RoomEventOf<'unreachable'>): Transition {
  const room = state.current;
  if (room.phase !== 'room' || room.stage !== 'entering' || room.startedAt !== undefined) return [state, []];
  return fail(state, room, problem, detail, leaving(room));
}

function inRoom(
  state: RoomState,
  room: InRoom,
  event: MediaEvent | RoomEventOf<'leave' | 'invite' | 'moderate' | 'muter-forgotten'>,
  now: number,
): Transition {
  switch (event.type) {
    case 'leave':
      return end(state, room, 'hangup', now, leaving(room));
    case 'invite':
      return [state, room.stage === 'in' ? invitations(room, event.names) : []];
    case 'moderate':
      return [state, room.stage === 'in' ? [request(room, event)] : []];
    case 'offer-made':
      return afterStep(state, takeOffer(state, room, event));
    case 'candidate':
      return afterStep(state, takeCandidate(room, event));
    case 'connected':
      return [withRoom(state, connected(room, event)), []];
    case 'connection-lost':
      return find(room, event) ? repair(state, room, event.name, now) : [state, []];
    case 'devices-refused':
      // One listens without them.
      return [
        state,
        [{ type: 'failed', problem: event.problem, detail: 'Camera and microphone cannot be used.' }],
      ];
    case 'media-impossible':
      return fail(state, room, event.problem, 'No media connection can be made.', leaving(room));
    case 'muter-forgotten':
      return [withRoom(state, { ...room, mutedBy: undefined }), []];
    case 'media-ready':
    case 'media-arrived':
      return [state, []];
    default:
      return event satisfies never;
  }
}

/** Whoever can send nothing to the room, again and again, is not in it. */
function repair(state: RoomState, room: InRoom, name: string, now: number): Transition {
  const isOwn = name === state.self?.name;
  if (isOwn && (room.connections.get(name)?.failures ?? 0) >= MAX_FAILURES) {
    return end(state, room, 'media-failed', now, leaving(room));
  }
  return afterStep(state, repairConnection(state, room, name));
}
