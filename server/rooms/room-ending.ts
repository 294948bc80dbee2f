import type { CallOutcome, CallParticipant, CallRecord } from '../groups/index.ts';
import type { StopReason } from '../../protocol/index.ts';
import { ringing, setInvitations, stopIdleRounds } from './room-invitations.ts';
import { missedCall, sendRoom, stop, stopRinging, tellGroup } from './room-messages.ts';
import type { InvitationState, LeaveReason, RoomEffect, RoomState, RoomStep } from './room-state.ts';
import { seatOfUser } from './room-state.ts';

/**
 * Takes somebody out of the room; the others are told.
 * @param isTold whether its connection must be told too: it does not leave by itself
 */
export function unseat(
  state: RoomState,
  name: string,
  reason: LeaveReason,
  { at, isTold }: { readonly at: number; readonly isTold: boolean },
): RoomStep {
  const seat = seatOfUser(state, name);
  if (!seat) return [state, []];
  const next: RoomState = {
    ...state,
    seats: state.seats
      .filter(({ person }) => person.name !== name)
      .map((other) => ({ ...other, receives: other.receives.filter((sender) => sender !== name) })),
    stays: state.stays.map((stay) => (stay.name === name ? { ...stay, leftAt: at } : stay)),
  };
  const { room } = state.facts;
  return [
    next,
    [
      ...(isTold ? [stop(state, seat.device, reason)] : []),
      { type: 'release-seat', device: seat.device, name },
      // Who comes back by another connection is still busy here.
      ...(reason === 'replaced' ? [] : [{ type: 'free', name } as const]),
      ...sendRoom(next, { id: 'participantLeft', room, name, reason }),
    ],
  ];
}

/** After somebody has gone: tells the group, or ends the call when nobody is in it or awaited any more. */
export function settle([state, effects]: RoomStep, at: number): RoomStep {
  if (state.seats.length > 0 || state.reservedFor !== undefined) {
    return [state, [...effects, ...tellGroup(state)]];
  }
  const [ended, more] = end(state, 'cancelled', { at });
  return [ended, [...effects, ...more]];
}

/**
 * Ends the call, once.
 * @param reason what those in the room, awaited or being rung are told
 * @param outcome for the record, when nobody answered
 */
export function end(
  state: RoomState,
  reason: EndReason,
  { at, endedBy }: { readonly at: number; readonly endedBy?: string | undefined },
): RoomStep {
  const rung = ringing(state);
  const settled = setInvitations(state, ({ state }) => (state === 'ringing' ? 'no-answer' : undefined));
  const ended: RoomState = {
    ...settled,
    reservedFor: undefined,
    isEnded: true,
    seats: [],
    stays: state.stays.map((stay) => ({ leftAt: at, ...stay })),
  };
  const effects: RoomEffect[] = [
    ...state.seats.flatMap((seat): RoomEffect[] => [
      stop(state, seat.device, reason),
      { type: 'release-seat', device: seat.device, name: seat.person.name },
      { type: 'free', name: seat.person.name },
    ]),
    ...endReservation(state, reason),
    ...stopRinging(state, rung, reason),
    ...missedCall(state, rung),
    ...stopIdleRounds(state, ended),
    { type: 'release-media' },
    ...tellGroup(ended),
    { type: 'record', record: recordOf(state, { at, reason, endedBy }) },
  ];
  return [ended, effects];
}

/** The caller is awaited no more. */
function endReservation(state: RoomState, reason: StopReason): RoomEffect[] {
  const { reservedFor: device } = state;
  if (device === undefined) return [];
  return [
    { type: 'stop-timer', timer: { name: 'reserve' } },
    stop(state, device, reason),
    { type: 'free', name: state.facts.caller.name },
  ];
}

/** Why a call is over for everybody. */
type EndReason = Extract<StopReason, 'cancelled' | 'ended' | 'media-failed' | 'shutdown'>;

interface Ending {
  readonly at: number;
  readonly reason: EndReason;
  readonly endedBy?: string | undefined;
}

function recordOf(
  { facts, invitations, stays, quality }: RoomState,
  { at, reason, endedBy }: Ending,
): CallRecord {
  const { callId, group, caller, media, createdAt } = facts;
  const answeredAt = stays.find(({ name }) => name !== caller.name)?.joinedAt;
  const present = new Set(stays.map(({ name }) => name));
  // A caller whose reservation lapsed may have been invited by those who came.
  const asked = new Set([...present, ...invitations.map(({ person }) => person.name)]);
  const participants: CallParticipant[] = [
    ...stays.map(({ name, joinedAt, leftAt = at }) => ({
      name,
      outcome: 'joined' as const,
      joinedAt,
      leftAt,
      ...(quality[name] && { quality: quality[name] }),
    })),
    ...(asked.has(caller.name) ? [] : [{ name: caller.name, outcome: 'cancelled' as const }]),
    ...invitations
      .filter(({ person }) => !present.has(person.name))
      .map(({ person, state }) => ({ name: person.name, outcome: outcomeOf(state) })),
  ];
  return {
    callId,
    reqType: 'group',
    groupId: group?.id,
    media,
    caller: caller.name,
    startedAt: createdAt,
    answeredAt,
    endedAt: at,
    durationMs: answeredAt === undefined ? 0 : at - answeredAt,
    outcome: answeredAt === undefined ? unanswered(reason) : 'answered',
    ...(answeredAt !== undefined && { reason: reason === 'cancelled' ? 'hangup' : reason }),
    endedBy,
    participants,
  };
}

function unanswered(reason: Ending['reason']): CallOutcome {
  return reason === 'shutdown' || reason === 'media-failed' ? reason : 'cancelled';
}

function outcomeOf(state: InvitationState): CallParticipant['outcome'] {
  return state === 'ringing' ? 'cancelled' : state;
}
