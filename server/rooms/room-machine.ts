/**
 * The life of a group call and its room as a pure function: `(state, event) → [state, effects]`.
 * No timers, no sockets, no media: `SessionRunner` does what the effects say and reports what comes of it.
 */
import { INVITED_MAX } from '../../protocol/index.ts';
import { errorMessage } from '../sessions/errors.ts';
import { flagsOf, qualityOf, send } from '../sessions/session-state.ts';
import { announce, announceDue, announceStart, groupCallState, invitedCounts } from './room-announcements.ts';
import { end, endReservation, settle, takeOut } from './room-ending.ts';
import {
  decline,
  invite,
  ring,
  ringConnection,
  ringing,
  ringTimeout,
  settleInvitations,
} from './room-invitations.ts';
import { sendRoom, shown, stop, stopRinging } from './room-messages.ts';
import { mayModerate, moderate } from './room-moderation.ts';
import {
  cancelReceive,
  candidate,
  mediaLost,
  mediaRecovered,
  negotiated,
  notNegotiated,
  receive,
  refuseStranger,
  switchAudio,
} from './room-negotiation.ts';
import {
  type EventOf,
  type Invitee,
  keeps,
  type Participant,
  participantNamed,
  participantOf,
  type RoomEffect,
  type RoomEvent,
  type RoomFacts,
  type RoomState,
  type RoomStep,
  type RoomTimer,
  withParticipant,
} from './room-state.ts';

/**
 * A group call that begins to ring. Its room is reserved for the caller, who joins like anyone.
 * @param connectionId the caller's
 * @param invitees the other members of the group
 */
export function startRoom(facts: RoomFacts, connectionId: string, invitees: readonly Invitee[]): RoomStep {
  const { callId, room, caller, createdAt, timeouts } = facts;
  const reserved: RoomState = {
    ...emptyRoom(facts),
    members: [caller, ...invitees.map(({ person }) => person)],
    reservation: { connectionId, until: createdAt + timeouts.reserve },
  };
  const [rung, effects] = ring(reserved, invitees, createdAt);
  const [state, announcements] = announceStart(rung, createdAt);
  const people = (availability: Invitee['availability']) =>
    invitees
      .filter((invitee) => invitee.availability === availability)
      .slice(0, INVITED_MAX)
      .map(({ person }) => person);
  const progress = {
    id: 'callProgress',
    callId,
    state: 'ringing',
    room,
    invited: people('free'),
    offline: people('offline'),
    counts: invitedCounts(state),
  } as const;
  return [state, [send(connectionId, progress), { type: 'open-media' }, ...effects, ...announcements]];
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
  return state.isEnded ? [state, []] : announce(state, react(state, event, at), at);
}

function react(state: RoomState, event: RoomEvent, at: number): RoomStep {
  switch (event.type) {
    case 'join':
      return join(state, event, at);
    case 'leaveRoom':
      return leave(state, event.connectionId, 'hangup', at);
    case 'left':
      return leave(state, event.connectionId, event.isClean ? 'hangup' : 'peer-lost', at);
    case 'connected':
      return ringConnection(state, event, at);
    case 'decline':
      return decline(state, event);
    case 'invite':
      return invite(state, event, at);
    case 'moderate':
      return moderate(state, event, at);
    case 'mediaState':
      return setMedia(state, event);
    case 'receiveVideoFrom':
      return receive(state, event);
    case 'cancelVideoFrom':
      return cancelReceive(state, event);
    case 'onIceCandidate':
      return candidate(state, event);
    case 'quality':
      return measured(state, event);
    case 'negotiated':
      return negotiated(state, event);
    case 'not-negotiated':
      return notNegotiated(state, event);
    case 'member-added':
      return addMember(state, event);
    case 'members-removed':
      return removeMembers(state, event.names, at);
    case 'timeout':
      return timeout(state, event.timer, at);
    case 'group-deleted':
      return end(state, 'ended', { at });
    case 'media-lost':
      return mediaLost(state, at);
    case 'media-recovered':
      return mediaRecovered(state);
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
    members: [],
    participants: [],
    invitations: [],
    barred: [],
    attendances: [],
    isMediaUp: true,
    attempts: 0,
    generation: 0,
  };
}

function join(state: RoomState, event: EventOf<'join'>, at: number): RoomStep {
  const { person, connectionId, protocol, media } = event;
  const { name } = person;
  if (state.barred.includes(name)) {
    const message = 'A moderator has removed you from this call.';
    return [state, [send(connectionId, errorMessage('not-allowed', message, 'joinRoom'))]];
  }
  if (participantOf(state, connectionId)) return [state, [existingParticipants(state, connectionId)]];
  const [vacated, replacing] = takeOut(state, name, 'replaced', { at, isTold: true });
  const isCaller = name === state.facts.caller.name;
  const isRung = ringing(state).includes(name);
  const flags = { audio: true, video: media === 'video', screen: false };
  const base = { person, connectionId, protocol };
  const participant: Participant = { ...base, flags, isMuted: false, endpoints: [] };
  const joined: RoomState = {
    ...vacated,
    reservation: isCaller ? undefined : state.reservation,
    participants: [...vacated.participants, participant],
    attendances: attended(vacated, name, at),
  };
  const next = settleInvitations(joined, 'joined', (each) => each === name);
  const { room } = state.facts;
  const arrived = { id: 'newParticipantArrived', room, name, participant: shown(participant) } as const;
  // A caller who comes by another connection than it called from: that one waits for nothing.
  const awaited =
    isCaller && state.reservation?.connectionId !== connectionId ? state.reservation : undefined;
  return [
    next,
    [
      ...replacing,
      ...(awaited ? [stop(state, awaited.connectionId, 'replaced')] : []),
      ...(isRung ? stopRinging(next, [name], 'answered-elsewhere', connectionId) : []),
      existingParticipants(next, connectionId),
      ...sendRoom(next, arrived, connectionId),
    ],
  ];
}

/** Who comes back goes on with its attendance. */
function attended({ attendances }: RoomState, name: string, at: number): RoomState['attendances'] {
  const before = attendances.find((attendance) => attendance.name === name);
  if (!before) return [...attendances, { name, joinedAt: at }];
  const { joinedAt, quality } = before;
  const resumed = { name, joinedAt, ...(quality && { quality }) };
  return attendances.map((attendance) => (attendance === before ? resumed : attendance));
}

function existingParticipants(state: RoomState, connectionId: string): RoomEffect {
  const others = state.participants.filter((participant) => participant.connectionId !== connectionId);
  const self = participantOf(state, connectionId)?.person.name;
  return send(connectionId, {
    id: 'existingParticipants',
    room: state.facts.room,
    data: others.map(({ person }) => person.name),
    participants: others.map(shown),
    ...(state.facts.group && { canModerate: mayModerate(state, self) }),
  });
}

function leave(state: RoomState, connectionId: string, reason: 'hangup' | 'peer-lost', at: number): RoomStep {
  const participant = participantOf(state, connectionId);
  if (participant) return settle(takeOut(state, participant.person.name, reason, { at, isTold: false }), at);
  if (state.reservation?.connectionId !== connectionId) return [state, []];
  return settle(endReservation(state), at);
}

/** A new member of the group hears of its call. */
function addMember(state: RoomState, { person }: EventOf<'member-added'>): RoomStep {
  const { name } = person;
  const message = groupCallState(state);
  const members = [...state.members.filter((member) => member.name !== name), person];
  return [{ ...state, members }, message ? [{ type: 'send-users', names: [name], message }] : []];
}

/** Who is no member of the group any more takes no part in its call: for its pages there is none. */
function removeMembers(state: RoomState, names: readonly string[], at: number): RoomStep {
  const removed = new Set(names);
  const members = state.members.filter(({ name }) => removed.has(name)).map(({ name }) => name);
  const kept = names.filter((name) => keeps(state, name));
  const isInvited = state.invitations.some(({ person }) => removed.has(person.name));
  if (members.length === 0 && kept.length === 0 && !isInvited) return [state, []];
  const rung = ringing(state).filter((name) => removed.has(name));
  let next: RoomState = {
    ...state,
    members: state.members.filter(({ name }) => !removed.has(name)),
    invitations: state.invitations.filter(({ person }) => !removed.has(person.name)),
  };
  const effects = stopRinging(state, rung, 'removed');
  for (const name of kept) {
    const [without, more] = participantNamed(next, name)
      ? takeOut(next, name, 'removed', { at, isTold: true })
      : endReservation(next, 'removed');
    next = without;
    effects.push(...more);
  }
  const [settled, settling] = kept.length > 0 ? settle([next, effects], at) : [next, effects];
  const message = groupCallState({ ...state, isEnded: true, participants: [] });
  const isTold = members.length > 0 && message !== undefined;
  return [settled, isTold ? [...settling, { type: 'send-users', names: members, message }] : settling];
}

function timeout(state: RoomState, timer: RoomTimer, at: number): RoomStep {
  if (timer === 'ring') return ringTimeout(state, at);
  if (timer !== 'reserve') return announceDue(state, timer, at);
  return state.reservation ? settle(endReservation(state, 'cancelled'), at) : [state, []];
}

/** A participant that reports audio on is unmuted. */
function setMedia(state: RoomState, { connectionId, ...event }: EventOf<'mediaState'>): RoomStep {
  const flags = flagsOf(event);
  const participant = participantOf(state, connectionId);
  if (!participant) return refuseStranger(state, connectionId, 'mediaState');
  const isMuted = participant.isMuted && !flags.audio;
  const next = withParticipant(state, { ...participant, flags, isMuted });
  const { room } = state.facts;
  const { name } = participant.person;
  return [
    next,
    [
      ...(participant.isMuted && !isMuted ? switchAudio(next, name, 'connect') : []),
      ...sendRoom(next, { id: 'mediaState', room, name, ...flags }, connectionId),
    ],
  ];
}

function measured(state: RoomState, { connectionId, ...event }: EventOf<'quality'>): RoomStep {
  const quality = qualityOf(event);
  const name = participantOf(state, connectionId)?.person.name;
  const attendances = state.attendances.map((attendance) =>
    attendance.name === name ? { ...attendance, quality } : attendance,
  );
  return [{ ...state, attendances }, []];
}
