/**
 * The life of a group call and its room as a pure function: `(state, event) → [state, effects]`.
 * No timers, no sockets, no media: the driver does what the effects say and reports what comes of it.
 */
import type { MediaFlags } from '../../protocol/index.ts';
import { end, settle, unseat } from './room-ending.ts';
import {
  decline,
  invite,
  ring,
  ringConnection,
  ringing,
  ringTimeout,
  setInvitations,
  stopIdleRounds,
} from './room-invitations.ts';
import { sendRoom, stop, stopRinging, tellGroup, tellInvitations, toParticipant } from './room-messages.ts';
import { mayModerate, moderate } from './room-moderation.ts';
import {
  cancelReceive,
  candidate,
  mediaBack,
  mediaLost,
  receive,
  refuseStranger,
} from './room-negotiation.ts';
import type {
  Invitee,
  Quality,
  RoomEffect,
  RoomEvent,
  RoomFacts,
  RoomState,
  RoomStep,
  RoomTimer,
  Seat,
} from './room-state.ts';
import { seatOf, seatOfUser } from './room-state.ts';

type EventOf<Type extends RoomEvent['type']> = Extract<RoomEvent, { type: Type }>;

/**
 * A group call that begins to ring. Its room is reserved for the caller, who joins like anyone.
 * @param device the caller's connection
 * @param invitees the other members of the group
 */
export function startRoom(facts: RoomFacts, device: string, invitees: readonly Invitee[]): RoomStep {
  const [state, effects] = ring({ ...emptyRoom(facts), reservedFor: device }, invitees);
  const people = (availability: Invitee['availability']) =>
    invitees.filter((invitee) => invitee.availability === availability).map(({ person }) => person);
  const progress = {
    id: 'callProgress',
    callId: facts.callId,
    state: 'ringing',
    room: facts.room,
    invited: people('free'),
    offline: people('offline'),
  } as const;
  return [
    state,
    [
      { type: 'send', devices: [device], message: progress },
      { type: 'open-media' },
      { type: 'start-timer', timer: { name: 'reserve' } },
      ...effects,
      ...tellGroup(state),
    ],
  ];
}

/** A room that somebody enters without a call, as the tutorials do: nobody is rung. */
export function openRoom(facts: RoomFacts, join: EventOf<'join'>): RoomStep {
  const [state, effects] = advance(emptyRoom(facts), join, facts.createdAt);
  return [state, [{ type: 'open-media' }, ...effects]];
}

/**
 * What becomes of a room when something happens. A room that has ended stays as it is.
 * @param at when it happens, in milliseconds since 1970
 */
export function advance(state: RoomState, event: RoomEvent, at: number): RoomStep {
  if (state.isEnded) return [state, []];
  switch (event.type) {
    case 'join':
      return join(state, event, at);
    case 'leave':
      return leave(state, event, at);
    case 'connected':
      return ringConnection(state, event);
    case 'decline':
      return decline(state, event);
    case 'invite':
      return invite(state, event.device, event.invitees);
    case 'moderate':
      return moderate(state, event, at);
    case 'media-state':
      return setMedia(state, event.device, event.flags);
    case 'receive':
      return receive(state, event);
    case 'cancel-receive':
      return cancelReceive(state, event);
    case 'candidate':
      return candidate(state, event);
    case 'quality':
      return measured(state, event.device, event.quality);
    case 'member-removed':
      return removeMember(state, event.name, at);
    case 'timeout':
      return timeout(state, event.timer, at);
    case 'group-deleted':
      return end(state, 'ended', { at });
    case 'media-lost':
      return mediaLost(state, at);
    case 'media-back':
      return mediaBack(state);
    case 'media-unavailable':
      return end(state, 'media-failed', { at });
    case 'shutdown':
      return end(state, 'shutdown', { at });
    default:
      return event satisfies never;
  }
}

function emptyRoom(facts: RoomFacts): RoomState {
  return {
    facts,
    isEnded: false,
    reservedFor: undefined,
    seats: [],
    invitations: [],
    rounds: 0,
    barred: [],
    stays: [],
    isMediaUp: true,
    generation: 0,
    quality: {},
  };
}

function join(state: RoomState, { person, device, flags }: EventOf<'join'>, at: number): RoomStep {
  if (state.barred.includes(person.name)) {
    const message = 'A moderator has removed you from this call.';
    return [state, [{ type: 'refuse', device, code: 'not-allowed', message, inReplyTo: 'joinRoom' }]];
  }
  if (seatOf(state, device)) return [state, [existingParticipants(state, device)]];
  const [vacated, replacing] = unseat(state, person.name, 'replaced', { at, isTold: true });
  const isCaller = person.name === state.facts.caller.name;
  const reservedFor = isCaller ? undefined : state.reservedFor;
  const isRung = ringing(state).includes(person.name);
  const seat: Seat = { person, device, flags, isMuted: false, receives: [] };
  const seated: RoomState = {
    ...vacated,
    reservedFor,
    seats: [...vacated.seats, seat],
    stays: stayed(vacated, person.name, at),
  };
  const next = setInvitations(seated, (invitation) =>
    invitation.person.name === person.name ? 'joined' : undefined,
  );
  const arrived = {
    id: 'newParticipantArrived',
    room: state.facts.room,
    name: person.name,
    participant: toParticipant(seat),
  } as const;
  return [
    next,
    [
      ...replacing,
      ...(isCaller ? endReservation(state, device) : []),
      ...(isRung ? stopRinging(next, [person.name], 'answered-elsewhere', device) : []),
      ...stopIdleRounds(state, next),
      existingParticipants(next, device),
      ...sendRoom(next, arrived, device),
      ...tellInvitations(next),
      ...tellGroup(next),
    ],
  ];
}

/** The caller is here. If it came by another connection than it called from, that one waits for nothing. */
function endReservation(state: RoomState, device: string): RoomEffect[] {
  const { reservedFor } = state;
  if (reservedFor === undefined) return [];
  return [
    { type: 'stop-timer', timer: { name: 'reserve' } },
    ...(reservedFor === device ? [] : [stop(state, reservedFor, 'replaced')]),
  ];
}

/** Who comes back goes on with its stay. */
function stayed({ stays }: RoomState, name: string, at: number): RoomState['stays'] {
  const before = stays.find((stay) => stay.name === name);
  const stay = { name, joinedAt: before?.joinedAt ?? at };
  return before ? stays.map((other) => (other === before ? stay : other)) : [...stays, stay];
}

function existingParticipants(state: RoomState, device: string): RoomEffect {
  const others = state.seats.filter((seat) => seat.device !== device);
  const message = {
    id: 'existingParticipants',
    room: state.facts.room,
    data: others.map(({ person }) => person.name),
    participants: others.map(toParticipant),
    ...(state.facts.group && { canModerate: mayModerate(state, seatOf(state, device)?.person.name) }),
  } as const;
  return { type: 'send', devices: [device], message };
}

function leave(state: RoomState, { device, reason }: EventOf<'leave'>, at: number): RoomStep {
  const seat = seatOf(state, device);
  if (seat) return settle(unseat(state, seat.person.name, reason, { at, isTold: false }), at);
  if (state.reservedFor !== device) return [state, []];
  const unreserved = { ...state, reservedFor: undefined };
  const effects: RoomEffect[] = [
    { type: 'stop-timer', timer: { name: 'reserve' } },
    { type: 'free', name: state.facts.caller.name },
  ];
  return settle([unreserved, effects], at);
}

/** Who is no member of the group any more takes no part in its call. */
function removeMember(state: RoomState, name: string, at: number): RoomStep {
  const isRung = ringing(state).includes(name);
  const uninvited: RoomState = {
    ...state,
    invitations: state.invitations.filter(({ person }) => person.name !== name),
  };
  const silencing = isRung ? stopRinging(state, [name], 'removed') : [];
  const idle = stopIdleRounds(state, uninvited);
  const awaited = name === state.facts.caller.name ? state.reservedFor : undefined;
  const [next, effects] = seatOfUser(state, name)
    ? settle(unseat(uninvited, name, 'removed', { at, isTold: true }), at)
    : awaited === undefined
      ? ([uninvited, []] as const)
      : leave(uninvited, { type: 'leave', device: awaited, reason: 'hangup' }, at);
  const telling = awaited === undefined ? [] : [stop(state, awaited, 'removed')];
  const invitedChanged = uninvited.invitations.length !== state.invitations.length && !next.isEnded;
  return [
    next,
    [...silencing, ...idle, ...telling, ...effects, ...(invitedChanged ? tellInvitations(next) : [])],
  ];
}

function timeout(state: RoomState, timer: RoomTimer, at: number): RoomStep {
  if (timer.name === 'ring') return ringTimeout(state, timer.round);
  if (state.reservedFor === undefined) return [state, []];
  const device = state.reservedFor;
  const unreserved = { ...state, reservedFor: undefined };
  const effects: RoomEffect[] = [
    stop(state, device, 'cancelled'),
    { type: 'free', name: state.facts.caller.name },
  ];
  return settle([unreserved, effects], at);
}

/** Who says that its audio is on is muted no more. */
function setMedia(state: RoomState, device: string, flags: MediaFlags): RoomStep {
  const seat = seatOf(state, device);
  if (!seat) return refuseStranger(state, device, 'mediaState');
  const isMuted = seat.isMuted && !flags.audio;
  const next: RoomState = {
    ...state,
    seats: state.seats.map((other) => (other === seat ? { ...seat, flags, isMuted } : other)),
  };
  const { room } = state.facts;
  const { name } = seat.person;
  return [
    next,
    [
      ...(seat.isMuted && !isMuted ? [{ type: 'unmute', sender: name } as const] : []),
      ...sendRoom(next, { id: 'mediaState', room, name, ...flags }, device),
    ],
  ];
}

function measured(state: RoomState, device: string, quality: Quality): RoomStep {
  const name = seatOf(state, device)?.person.name;
  if (name === undefined) return [state, []];
  return [{ ...state, quality: { ...state.quality, [name]: quality } }, []];
}
