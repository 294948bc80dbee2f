import type {
  Participant as ShownParticipant,
  ServerMessageInput,
  StopReason,
} from '../../protocol/index.ts';
import { missedCall } from '../sessions/errors.ts';
import { send } from '../sessions/session-state.ts';
import type { Participant, RoomEffect, RoomState } from './room-state.ts';

/** Members named in `incomingCall`; `memberCount` tells of the others. */
const MEMBERS_SHOWN = 50;

/** A participant as the others see it. */
export function shown({ person, flags }: Participant): ShownParticipant {
  return { ...person, ...flags };
}

/** Sends to everybody in the room, but for one connection. */
export function sendRoom(
  { participants }: RoomState,
  message: ServerMessageInput,
  except?: string,
): RoomEffect[] {
  const to = participants.map(({ connectionId }) => connectionId).filter((id) => id !== except);
  return to.length > 0 ? [{ type: 'send', to, message }] : [];
}

/** Tells one connection that its part in the call is over. */
export function stop(state: RoomState, connectionId: string, reason: StopReason): RoomEffect {
  return send(connectionId, stopMessage(state, reason));
}

/** Ends the ringing of these users, on every connection but one. */
export function stopRinging(
  state: RoomState,
  names: readonly string[],
  reason: StopReason,
  except?: string,
): RoomEffect[] {
  if (names.length === 0) return [];
  const message = stopMessage(state, reason);
  return [{ type: 'send-users', names, message, ...(except !== undefined && { except }) }];
}

function stopMessage({ facts }: RoomState, reason: StopReason): ServerMessageInput {
  return { id: 'stopCommunication', callId: facts.callId, room: facts.room, reason };
}

/** Tells users that they were called in vain. */
export function tellMissed({ facts }: RoomState, names: readonly string[]): RoomEffect[] {
  return names.length > 0 ? [{ type: 'send-users', names, message: missedCall(facts) }] : [];
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
