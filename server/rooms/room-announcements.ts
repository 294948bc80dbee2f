/**
 * What a room tells of itself after every change: how it stands with the invited, to who is in it, and that its call
 * goes on, to the group. What one receiver is told of one change does not grow with the group. Pure.
 */
import {
  GROUP_CALL_PARTICIPANTS_MAX,
  INVITED_MAX,
  type InvitedCounts,
  type ServerMessageInput,
} from '../../protocol/index.ts';
import {
  ANNOUNCEMENT_INTERVAL_MS,
  type Announcement,
  type Invitation,
  type Participant,
  participantOf,
  type RoomEffect,
  type RoomState,
  type RoomStep,
} from './room-state.ts';

/** The first version of the protocol that has `invitedChanged`. */
const INVITED_CHANGED_SINCE = 2;

/** Whom a list with room for a few names first. */
const URGENCY: readonly Invitation['state'][] = [
  'ringing',
  'declined',
  'busy',
  'no-answer',
  'offline',
  'joined',
];

/**
 * Adds to a step what is to be told of it.
 * @param before the state before the step
 * @param at milliseconds since 1970
 */
export function announce(before: RoomState, [after, effects]: RoomStep, at: number): RoomStep {
  if (after === before) return [after, effects];
  const [informed, toRoom] = announceInvitations(before, after, at);
  const [announced, toGroup] = announceGroupCall(before, informed, at);
  return [announced, [...effects, ...toRoom, ...toGroup]];
}

/** Tells the group's members that its call has started. */
export function announceStart(state: RoomState, at: number): RoomStep {
  return [{ ...state, groupCallTold: { at, isDue: false } }, tellGroup(state)];
}

/** Tells what had to wait. */
export function announceDue(state: RoomState, timer: 'invited' | 'group-call', at: number): RoomStep {
  const told: Announcement = { at, isDue: false };
  if (timer === 'group-call') return [{ ...state, groupCallTold: told }, tellGroup(state)];
  const isForAll = state.invitedTold?.isForAll;
  const waiting = state.participants.filter((participant) => isForAll || !knowsChanges(participant));
  return [{ ...state, invitedTold: { ...told, isForAll: false } }, tellInvited(state, waiting)];
}

/** The state of the group's call, for those who are not in it; nothing for a room without a group. */
export function groupCallState({ facts, participants, isEnded }: RoomState) {
  if (!facts.group) return undefined;
  return {
    id: 'groupCallState',
    groupId: facts.group.id,
    groupName: facts.group.name,
    room: facts.room,
    callId: facts.callId,
    active: !isEnded,
    participants: participants.slice(0, GROUP_CALL_PARTICIPANTS_MAX).map(({ person }) => person),
    participantCount: participants.length,
    startedAt: facts.createdAt,
    media: facts.media,
  } as const;
}

/** How many of the invited are in each state. */
export function invitedCounts({ invitations }: RoomState): InvitedCounts {
  const counts = { ringing: 0, declined: 0, busy: 0, 'no-answer': 0, offline: 0, joined: 0 };
  for (const { state } of invitations) counts[state] += 1;
  return counts;
}

/**
 * Who arrives gets the whole, the others what has changed. Older pages, and everybody where a change cannot be told
 * by itself, get the whole from time to time: a group may lose thousands of members at once.
 */
function announceInvitations(before: RoomState, after: RoomState, at: number): RoomStep {
  if (after.invitations.length === 0 && before.invitations.length === 0) return [after, []];
  const isNew = ({ connectionId }: Participant) => participantOf(before, connectionId) === undefined;
  const effects = tellInvited(after, after.participants.filter(isNew));
  const change = changeOf(before, after);
  if (!change) return [after, effects];
  const others = after.participants.filter((participant) => !isNew(participant));
  if (change !== 'whole') effects.push(...tell(others.filter(knowsChanges), change));
  const isForAll = change === 'whole' || after.invitedTold?.isForAll === true;
  const waiting = others.filter((participant) => isForAll || !knowsChanges(participant));
  if (waiting.length === 0) return [after, effects];
  const told = announcement(after.invitedTold, at);
  if (!told.isDue) effects.push(...tellInvited(after, waiting));
  return [{ ...after, invitedTold: { ...told, isForAll: told.isDue && isForAll } }, effects];
}

function announceGroupCall(before: RoomState, after: RoomState, at: number): RoomStep {
  const isOver = after.isEnded && !before.isEnded;
  if (!after.facts.group || (!isOver && haveSamePeople(before, after))) return [after, []];
  const groupCallTold = isOver ? { at, isDue: false } : announcement(after.groupCallTold, at);
  return [{ ...after, groupCallTold }, groupCallTold.isDue ? [] : tellGroup(after)];
}

function haveSamePeople({ participants }: RoomState, after: RoomState): boolean {
  const isSame = ({ person }: Participant, index: number) =>
    person.name === after.participants[index]?.person.name;
  return participants.length === after.participants.length && participants.every(isSame);
}

/** Whether something is told now, or is due later. */
function announcement(last: Announcement | undefined, at: number): Announcement {
  const mustWait = last !== undefined && at < last.at + ANNOUNCEMENT_INTERVAL_MS;
  return mustWait ? { at: last.at, isDue: true } : { at, isDue: false };
}

/** What tells of the invited who stand otherwise now; only the whole does, if some have gone or there are too many. */
function changeOf(before: RoomState, after: RoomState): ServerMessageInput | 'whole' | undefined {
  if (before.invitations === after.invitations) return undefined;
  const former = new Map(before.invitations.map(({ person, state }) => [person.name, state]));
  const changed = after.invitations.filter(({ person, state }) => former.get(person.name) !== state);
  for (const { person } of after.invitations) former.delete(person.name);
  if (former.size > 0 || changed.length > INVITED_MAX) return 'whole';
  if (changed.length === 0) return undefined;
  const { room } = after.facts;
  return { id: 'invitedChanged', room, data: changed.map(invitedPerson), counts: invitedCounts(after) };
}

function invitedState(state: RoomState): ServerMessageInput {
  const byUrgency = state.invitations.toSorted((a, b) => URGENCY.indexOf(a.state) - URGENCY.indexOf(b.state));
  const data = byUrgency.slice(0, INVITED_MAX).map(invitedPerson);
  return { id: 'invitedState', room: state.facts.room, data, counts: invitedCounts(state) };
}

/** The whole is put together only where somebody gets it: that takes long in a large group. */
function tellInvited(state: RoomState, participants: readonly Participant[]): RoomEffect[] {
  return participants.length > 0 ? tell(participants, invitedState(state)) : [];
}

function invitedPerson({ person, state }: Invitation) {
  return { ...person, state };
}

function tellGroup(state: RoomState): RoomEffect[] {
  const message = groupCallState(state);
  const names = state.members.map(({ name }) => name);
  return message ? [{ type: 'send-users', names, message }] : [];
}

function tell(participants: readonly Participant[], message: ServerMessageInput): RoomEffect[] {
  const to = participants.map(({ connectionId }) => connectionId);
  return to.length > 0 ? [{ type: 'send', to, message }] : [];
}

function knowsChanges({ protocol }: Participant): boolean {
  return protocol >= INVITED_CHANGED_SINCE;
}
