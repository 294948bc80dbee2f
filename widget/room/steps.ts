import type { EndReason, ProblemCode } from '../session/terms.ts';
import { each, openConnection, type ConnectionStep } from './connections.ts';
import type { Ended, InRoom, Ringing, RoomEffect, RoomInfo, RoomState, Transition } from './state.ts';

/** The state with `room` as the current one. */
export function withRoom(state: RoomState, room: InRoom): RoomState {
  return { ...state, current: room };
}

/** The state after something happened to the room's connections. */
export function afterStep(state: RoomState, [room, effects]: ConnectionStep): Transition {
  return [withRoom(state, room), effects];
}

/** Goes towards a room; the window is open from now on. */
export function enter(
  state: RoomState,
  info: RoomInfo & { readonly room: string },
  before: readonly RoomEffect[] = [],
): Transition {
  const entering: InRoom = {
    ...info,
    phase: 'room',
    stage: 'entering',
    asked: false,
    others: [],
    connections: new Map(),
    generation: 0,
    invited: [],
    left: [],
    canModerate: info.direction === 'out',
    met: false,
  };
  const [next, asking] = ask(state, entering);
  return [next, [...before, ...asking, { type: 'open-devices', media: info.media, anyway: true }]];
}

/**
 * Asks to be let in, once the server can be asked. The call and the joining go out together: the server takes a
 * connection's messages one after the other.
 */
export function ask(state: RoomState, room: InRoom): Transition {
  if (!state.online || room.asked) return [withRoom(state, room), []];
  const { media, direction, startedAt } = room;
  const effects: RoomEffect[] = [{ type: 'send', message: { id: 'joinRoom', room: room.room, media } }];
  if (direction === 'out' && startedAt === undefined) {
    const message = { id: 'call', reqType: 'group', groupId: room.group.id, media } as const;
    effects.unshift({ type: 'send', message });
  }
  return [withRoom(state, { ...room, asked: true }), effects];
}

/** Begins the media: one's own to the room, and everybody else's, all at once. */
export function openConnections(state: RoomState, room: InRoom): ConnectionStep {
  const people = [...(state.self ? [state.self] : []), ...room.others];
  const names = people.map(({ name }) => name);
  return each(room, names, (before, name) => openConnection(state, before, name));
}

/** One's part in the call is over. */
export function end(
  state: RoomState,
  call: InRoom | Ringing,
  reason: EndReason,
  now: number,
  before: readonly RoomEffect[] = [],
): Transition {
  const { group, media, direction, callId } = call;
  const inRoom = call.phase === 'room' ? call : undefined;
  const ended: Ended = {
    phase: 'ended',
    group,
    media,
    direction,
    ...(callId !== undefined && { callId }),
    reason,
    duration: inRoom?.startedAt === undefined ? 0 : Math.max(0, now - inRoom.startedAt),
    met: inRoom?.met ?? false,
    answered: !inRoom?.invited.some((each) => each.state === 'ringing'),
  };
  const removedFrom =
    reason === 'removed' && callId !== undefined ? [...state.removedFrom, callId] : state.removedFrom;
  return [
    { ...state, removedFrom, current: ended },
    [...before, ...(inRoom ? [{ type: 'close-media' } as const] : []), { type: 'ended', call: ended }],
  ];
}

/** Shows a problem instead of the room. */
export function fail(
  state: RoomState,
  { group, media, direction }: InRoom,
  problem: ProblemCode,
  detail: string,
  before: readonly RoomEffect[] = [],
): Transition {
  return [
    { ...state, current: { phase: 'problem', problem, detail, info: { group, media, direction } } },
    [...before, { type: 'close-media' }, { type: 'failed', problem, detail }],
  ];
}

/** Tells the server that one leaves, if it knows that one came. */
export function leaving({ room, asked }: InRoom): readonly RoomEffect[] {
  return asked ? [leaveMessage(room)] : [];
}

/** Tells the server that one leaves. */
export function leaveMessage(room: string): RoomEffect {
  return { type: 'send', message: { id: 'leaveRoom', room } };
}

/** Tells the server that one does not come. */
export function refusal({ callId }: { readonly callId: string }, code: 'declined' | 'busy'): RoomEffect {
  const message = { id: 'incomingCallResponse', callId, callResponse: 'reject', code } as const;
  return { type: 'send', message };
}
