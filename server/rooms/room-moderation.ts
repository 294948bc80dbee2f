import { end, settle, unseat } from './room-ending.ts';
import { ringing, setInvitations, stopIdleRounds } from './room-invitations.ts';
import { sendRoom, stopRinging, tellInvitations } from './room-messages.ts';
import type { RoomEvent, RoomState, RoomStep, Seat } from './room-state.ts';
import { seatOf, seatOfUser } from './room-state.ts';

type Moderation = Extract<RoomEvent, { type: 'moderate' }>;

/** Whether this is the caller, or the group's owner. */
export function mayModerate({ facts }: RoomState, name: string | undefined): boolean {
  return name !== undefined && (name === facts.caller.name || name === facts.group?.owner);
}

/** The caller and the group's owner moderate, while they are in the room. */
export function moderate(state: RoomState, { device, action, target }: Moderation, at: number): RoomStep {
  const refuse = (code: 'not-allowed' | 'no-such-participant', message: string): RoomStep => [
    state,
    [{ type: 'refuse', device, code, message, inReplyTo: 'moderate' }],
  ];
  const by = seatOf(state, device)?.person.name;
  if (by === undefined || !mayModerate(state, by)) {
    return refuse(
      'not-allowed',
      'Only the caller and the owner of the group moderate, from within the room.',
    );
  }
  if (action === 'end') return end(state, 'ended', { at, endedBy: by });
  const seat = target === undefined ? undefined : seatOfUser(state, target);
  if (action === 'mute' && seat) return mute(state, seat, by);
  const isThere = seat !== undefined || (target !== undefined && ringing(state).includes(target));
  if (action === 'remove' && target !== undefined && isThere) return remove(state, target, at);
  return refuse('no-such-participant', `"${target ?? ''}" is not in the room.`);
}

/** Takes somebody's audio off, whatever its page does, until its next `mediaState` puts it back. */
function mute(state: RoomState, seat: Seat, by: string): RoomStep {
  const flags = { ...seat.flags, audio: false };
  const next: RoomState = {
    ...state,
    seats: state.seats.map((other) => (other === seat ? { ...seat, flags, isMuted: true } : other)),
  };
  const { room } = state.facts;
  return [
    next,
    [
      { type: 'mute', sender: seat.person.name },
      { type: 'send', devices: [seat.device], message: { id: 'moderated', room, action: 'mute', by } },
      ...sendRoom(next, { id: 'mediaState', room, name: seat.person.name, ...flags }, seat.device),
    ],
  ];
}

/** Takes somebody out of the call, who may not come back until invited again. */
function remove(state: RoomState, target: string, at: number): RoomStep {
  const isRung = ringing(state).includes(target);
  const barred: RoomState = { ...state, barred: [...state.barred.filter((name) => name !== target), target] };
  const [unseated, effects] = unseat(barred, target, 'removed', { at, isTold: true });
  const silenced = setInvitations(unseated, ({ person, state }) =>
    person.name === target && state === 'ringing' ? 'no-answer' : undefined,
  );
  const [next, settling] = settle([silenced, effects], at);
  return [
    next,
    [
      ...(isRung ? stopRinging(state, [target], 'removed') : []),
      ...stopIdleRounds(state, silenced),
      ...settling,
      ...(next.isEnded ? [] : tellInvitations(next)),
    ],
  ];
}
