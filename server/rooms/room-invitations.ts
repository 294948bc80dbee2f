import type { RefusalCode } from '../../protocol/index.ts';
import { errorMessage, refusal } from '../sessions/errors.ts';
import { send } from '../sessions/session-state.ts';
import { incomingCall, tellMissed, stopRinging } from './room-messages.ts';
import {
  type EventOf,
  type Invitation,
  type Invitee,
  participantNamed,
  participantOf,
  type RoomEffect,
  type RoomState,
  type RoomStep,
} from './room-state.ts';

/** Of how many who do not answer at the same time the caller is told one by one; in the room it is told of all. */
const UNANSWERED_TOLD_MAX = 50;

/** Names of those who are being rung. */
export function ringing({ invitations }: RoomState): string[] {
  return invitations.filter(({ state }) => state === 'ringing').map(({ person }) => person.name);
}

/**
 * Calls people into the room: who is free is rung; who is in it or rung stays so.
 * @param at milliseconds since 1970
 */
export function ring(state: RoomState, invitees: readonly Invitee[], at: number): RoomStep {
  const until = at + state.facts.timeouts.ring;
  const rung = new Set(ringing(state));
  const invited = new Map<string, Invitation>();
  for (const { person, availability } of invitees) {
    if (rung.has(person.name) || participantNamed(state, person.name)) continue;
    if (state.reservation && person.name === state.facts.caller.name) continue;
    const invitation: Invitation =
      availability === 'free' ? { person, state: 'ringing', until } : { person, state: availability };
    invited.set(person.name, invitation);
  }
  if (invited.size === 0) return [state, []];
  const kept = state.invitations.filter(({ person }) => !invited.has(person.name));
  const next: RoomState = {
    ...state,
    invitations: [...kept, ...invited.values()],
    barred: state.barred.filter((name) => !invited.has(name)),
  };
  const names = ringing(next).filter((name) => invited.has(name));
  return [next, names.length > 0 ? [{ type: 'send-users', names, message: incomingCall(next) }] : []];
}

/** Sets how it stands with some of the invited; none of them rings any more. */
export function settleInvitations(
  state: RoomState,
  outcome: Exclude<Invitation['state'], 'ringing'>,
  isAffected: (name: string) => boolean,
): RoomState {
  const invitations = state.invitations.map((invitation) =>
    isAffected(invitation.person.name) ? { person: invitation.person, state: outcome } : invitation,
  );
  return { ...state, invitations };
}

/** Somebody declines: the ringing stops on all its connections, and the caller and the room are told. */
export function decline(state: RoomState, { name, connectionId, code }: EventOf<'decline'>): RoomStep {
  if (!ringing(state).includes(name)) return [state, []];
  const outcome = code === 'busy' ? 'busy' : 'declined';
  const next = settleInvitations(state, outcome, (each) => each === name);
  return [
    next,
    [...stopRinging(next, [name], 'declined-elsewhere', connectionId), ...tellCaller(next, name, code)],
  ];
}

/** The time of those who have rung longest is over. */
export function ringTimeout(state: RoomState, at: number): RoomStep {
  const names = state.invitations.flatMap((invitation) =>
    invitation.state === 'ringing' && invitation.until <= at ? invitation.person.name : [],
  );
  if (names.length === 0) return [state, []];
  const next = settleInvitations(state, 'no-answer', (name) => names.includes(name));
  return [
    next,
    [
      ...stopRinging(next, names, 'no-answer'),
      ...tellMissed(next, names),
      ...names.slice(0, UNANSWERED_TOLD_MAX).flatMap((name) => tellCaller(next, name, 'no-answer')),
    ],
  ];
}

/**
 * A connection comes up: if its user is being rung, it rings there too. Who was offline, perhaps only to load
 * the page anew, is rung while the others are.
 */
export function ringConnection(
  state: RoomState,
  { name, connectionId }: EventOf<'connected'>,
  at: number,
): RoomStep {
  const rung = ringing(state);
  if (rung.includes(name)) return [state, [send(connectionId, incomingCall(state))]];
  const wasOffline = state.invitations.find(
    ({ person, state }) => person.name === name && state === 'offline',
  );
  if (!wasOffline || rung.length === 0) return [state, []];
  return ring(state, [{ person: wasOffline.person, availability: 'free' }], at);
}

/** A participant invites more people, or again those who did not come. */
export function invite(
  state: RoomState,
  { connectionId, invitees }: EventOf<'invite'>,
  at: number,
): RoomStep {
  if (!participantOf(state, connectionId)) {
    const message = 'Only who is in the room invites.';
    return [state, [send(connectionId, errorMessage('unknown-room', message, 'invite'))]];
  }
  return ring(state, invitees, at);
}

/** Tells the caller, as long as it takes part, that somebody does not come. */
function tellCaller(state: RoomState, name: string, code: RefusalCode): RoomEffect[] {
  const { callId, caller } = state.facts;
  const { connectionId } = participantNamed(state, caller.name) ?? state.reservation ?? {};
  return connectionId === undefined ? [] : [send(connectionId, refusal(callId, code, name))];
}
