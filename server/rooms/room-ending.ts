import type { StopReason } from '../../protocol/index.ts';
import type { CallParticipant, CallRecord } from '../groups/index.ts';
import { recordOf } from '../sessions/record.ts';
import { ringing, settleInvitations } from './room-invitations.ts';
import { tellMissed, sendRoom, stop, stopRinging } from './room-messages.ts';
import { participantNamed, type RoomEffect, type RoomState, type RoomStep } from './room-state.ts';

/**
 * Takes somebody out of the room; the others are told.
 * @param isTold whether its connection must be told too: it does not leave by itself
 */
export function takeOut(
  state: RoomState,
  name: string,
  reason: StopReason,
  { at, isTold }: { readonly at: number; readonly isTold: boolean },
): RoomStep {
  const gone = participantNamed(state, name);
  if (!gone) return [state, []];
  const next: RoomState = {
    ...state,
    participants: state.participants
      .filter((other) => other !== gone)
      .map((other) => ({ ...other, endpoints: other.endpoints.filter(({ sender }) => sender !== name) })),
    attendances: state.attendances.map((each) => (each.name === name ? { ...each, leftAt: at } : each)),
  };
  const { room } = state.facts;
  return [
    next,
    [
      ...(isTold ? [stop(state, gone.connectionId, reason)] : []),
      { type: 'release-endpoints', of: { connectionId: gone.connectionId } },
      { type: 'release-endpoints', of: { sender: name } },
      // Who comes back by another connection is still busy here.
      ...(reason === 'replaced' ? [] : [{ type: 'free', names: [name] } as const]),
      ...sendRoom(next, { id: 'participantLeft', room, name, reason }),
    ],
  ];
}

/** After somebody has gone: ends the call when nobody is in it or awaited any more. */
export function settle([state, effects]: RoomStep, at: number): RoomStep {
  if (state.participants.length > 0 || state.reservation) return [state, effects];
  const [ended, more] = end(state, 'cancelled', { at });
  return [ended, [...effects, ...more]];
}

/**
 * The caller is awaited no more; the room goes on if anybody else is in it.
 * @param reason what its connection is told, unless it knows
 */
export function endReservation(state: RoomState, reason?: StopReason): RoomStep {
  const { reservation, facts } = state;
  if (!reservation) return [state, []];
  const telling = reason ? [stop(state, reservation.connectionId, reason)] : [];
  return [{ ...state, reservation: undefined }, [...telling, { type: 'free', names: [facts.caller.name] }]];
}

/**
 * Ends the call, once.
 * @param reason what those in the room, awaited or being rung are told
 * @param how.endedBy whose doing it was
 */
export function end(
  state: RoomState,
  reason: EndReason,
  how: { readonly at: number; readonly endedBy?: string | undefined },
): RoomStep {
  const rung = ringing(state);
  const silenced = settleInvitations(state, 'no-answer', (name) => rung.includes(name));
  const [unreserved, telling] = endReservation(silenced, reason);
  const ended: RoomState = {
    ...unreserved,
    isEnded: true,
    invitedTold: undefined,
    participants: [],
    attendances: state.attendances.map((attendance) => ({ leftAt: how.at, ...attendance })),
  };
  const effects: RoomEffect[] = [
    ...state.participants.map(({ connectionId }) => stop(state, connectionId, reason)),
    { type: 'free', names: state.participants.map(({ person }) => person.name) },
    ...telling,
    ...stopRinging(state, rung, reason),
    ...tellMissed(state, rung),
    { type: 'release-media' },
    ...(state.facts.group ? [{ type: 'record', record: roomRecord(state, reason, how) } as const] : []),
  ];
  return [ended, effects];
}

/** Why a call is over for everybody. */
type EndReason = Extract<StopReason, 'cancelled' | 'ended' | 'media-failed' | 'shutdown'>;

function roomRecord(
  { facts, invitations, attendances }: RoomState,
  reason: EndReason,
  { at, endedBy }: { readonly at: number; readonly endedBy?: string | undefined },
): CallRecord {
  const { caller } = facts;
  const answeredAt = attendances.find(({ name }) => name !== caller.name)?.joinedAt;
  const present = new Set(attendances.map(({ name }) => name));
  // A caller whose reservation lapsed may have been invited by those who came.
  const asked = new Set([...present, ...invitations.map(({ person }) => person.name)]);
  const unanswered = reason === 'shutdown' || reason === 'media-failed' ? reason : 'cancelled';
  const participants: CallParticipant[] = [
    ...attendances.map((attendance) => ({ outcome: 'joined' as const, leftAt: at, ...attendance })),
    ...(asked.has(caller.name) ? [] : [{ name: caller.name, outcome: 'cancelled' as const }]),
    ...invitations
      .filter(({ person }) => !present.has(person.name))
      .map(({ person: { name }, state }) => ({
        name,
        outcome: state === 'ringing' ? ('cancelled' as const) : state,
      })),
  ];
  return recordOf(facts, {
    reqType: 'group',
    groupId: facts.group?.id,
    answeredAt,
    endedAt: at,
    outcome: answeredAt === undefined ? unanswered : 'answered',
    reason: reason === 'cancelled' ? 'hangup' : reason,
    endedBy,
    participants,
  });
}
