import type { ErrorCode } from '../../protocol/index.ts';
import { errorMessage } from '../sessions/errors.ts';
import { send } from '../sessions/session-state.ts';
import { end, settle, takeOut } from './room-ending.ts';
import { ringing, settleInvitations } from './room-invitations.ts';
import { sendRoom, stopRinging } from './room-messages.ts';
import { switchAudio } from './room-negotiation.ts';
import {
  type EventOf,
  type Participant,
  participantNamed,
  participantOf,
  type RoomState,
  type RoomStep,
  withParticipant,
} from './room-state.ts';

/** Whether this is the caller, or the group's owner. */
export function mayModerate({ facts }: RoomState, name: string | undefined): boolean {
  return name !== undefined && (name === facts.caller.name || name === facts.group?.owner);
}

/** The caller and the group's owner moderate, while they are in the room. */
export function moderate(
  state: RoomState,
  { connectionId, action, target }: EventOf<'moderate'>,
  at: number,
): RoomStep {
  const refuse = (code: ErrorCode, message: string): RoomStep => [
    state,
    [send(connectionId, errorMessage(code, message, 'moderate'))],
  ];
  const by = participantOf(state, connectionId)?.person.name;
  if (by === undefined || !mayModerate(state, by)) {
    return refuse(
      'not-allowed',
      'Only the caller and the owner of the group moderate, from within the room.',
    );
  }
  if (action === 'end') return end(state, 'ended', { at, endedBy: by });
  const participant = target === undefined ? undefined : participantNamed(state, target);
  if (action === 'mute' && participant) return mute(state, participant, by);
  const isThere = participant !== undefined || (target !== undefined && ringing(state).includes(target));
  if (action === 'remove' && target !== undefined && isThere) return remove(state, target, at);
  return refuse('no-such-participant', `"${target ?? ''}" is not in the room.`);
}

/** Takes somebody's audio off, whatever its page does, until its next `mediaState` puts it back. */
function mute(state: RoomState, participant: Participant, by: string): RoomStep {
  const { person, connectionId } = participant;
  const flags = { ...participant.flags, audio: false };
  const next = withParticipant(state, { ...participant, flags, isMuted: true });
  const { room } = state.facts;
  return [
    next,
    [
      ...switchAudio(next, person.name, 'disconnect'),
      send(connectionId, { id: 'moderated', room, action: 'mute', by }),
      ...sendRoom(next, { id: 'mediaState', room, name: person.name, ...flags }, connectionId),
    ],
  ];
}

/** Takes somebody out of the call, who may not come back until invited again. */
function remove(state: RoomState, target: string, at: number): RoomStep {
  const isRung = ringing(state).includes(target);
  const barred: RoomState = { ...state, barred: [...state.barred.filter((name) => name !== target), target] };
  const [left, effects] = takeOut(barred, target, 'removed', { at, isTold: true });
  const silenced = isRung ? settleInvitations(left, 'no-answer', (name) => name === target) : left;
  const [next, settling] = settle([silenced, effects], at);
  return [next, [...(isRung ? stopRinging(state, [target], 'removed') : []), ...settling]];
}
