import type { Participant, ServerMessageInput, StopReason } from '../../protocol/index.ts';
import type { RoomEffect, RoomState, Seat } from './room-state.ts';
import { devicesIn } from './room-state.ts';

/** Members named in `incomingCall`; `memberCount` tells of the others. */
const MEMBERS_SHOWN = 50;

/** A participant as the others see it. */
export function toParticipant({ person, flags }: Seat): Participant {
  return { ...person, ...flags };
}

/** Sends to everybody in the room, but for one connection. */
export function sendRoom(state: RoomState, message: ServerMessageInput, except?: string): RoomEffect[] {
  const devices = devicesIn(state, except);
  return devices.length > 0 ? [{ type: 'send', devices, message }] : [];
}

/** Tells one connection that its part in the call is over. */
export function stop({ facts }: RoomState, device: string, reason: StopReason): RoomEffect {
  const message = { id: 'stopCommunication', callId: facts.callId, room: facts.room, reason } as const;
  return { type: 'send', devices: [device], message };
}

/** Ends the ringing of these users, on every connection but one. */
export function stopRinging(
  { facts }: RoomState,
  names: readonly string[],
  reason: StopReason,
  except?: string,
): RoomEffect[] {
  if (names.length === 0) return [];
  const message = { id: 'stopCommunication', callId: facts.callId, room: facts.room, reason } as const;
  return [{ type: 'send-users', names, message, ...(except !== undefined && { except }) }];
}

/** Tells users that they were called in vain. */
export function missedCall({ facts }: RoomState, names: readonly string[]): RoomEffect[] {
  if (names.length === 0) return [];
  const { callId, caller, media, createdAt, group } = facts;
  const message = {
    id: 'missedCall',
    callId,
    from: caller.name,
    caller,
    media,
    at: createdAt,
    ...(group && { groupId: group.id, groupName: group.name }),
  } as const;
  return [{ type: 'send-users', names, message }];
}

/** Tells everybody in the room how it stands with the invited. */
export function tellInvitations(state: RoomState): RoomEffect[] {
  if (state.invitations.length === 0) return [];
  const data = state.invitations.map(({ person, state }) => ({ ...person, state }));
  return sendRoom(state, { id: 'invitedState', room: state.facts.room, data });
}

/** The state of the group's call, for those who are not in it; nothing for a room without a group. */
export function groupCallState({ facts, seats, isEnded }: RoomState) {
  if (!facts.group) return undefined;
  return {
    id: 'groupCallState',
    groupId: facts.group.id,
    groupName: facts.group.name,
    room: facts.room,
    callId: facts.callId,
    active: !isEnded,
    participants: seats.map(({ person }) => person),
    startedAt: facts.createdAt,
    media: facts.media,
  } as const;
}

/** Tells the group's members that its call has started, changed or ended. */
export function tellGroup(state: RoomState): RoomEffect[] {
  const message = groupCallState(state);
  return message ? [{ type: 'send-group', message }] : [];
}

/** What rings the invited. */
export function incomingCall({ facts, invitations }: RoomState): ServerMessageInput {
  const { callId, room, group, caller, media } = facts;
  const members = [caller, ...invitations.map(({ person }) => person)];
  return {
    id: 'incomingCall',
    callId,
    reqType: 'group',
    groupId: group?.id ?? room,
    groupName: group?.name ?? room,
    room,
    from: caller.name,
    caller,
    members: members.slice(0, MEMBERS_SHOWN),
    memberCount: members.length,
    media,
  };
}
