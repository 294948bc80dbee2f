import type {
  DeclineCode,
  Invitation,
  Invitee,
  RoomEffect,
  RoomEvent,
  RoomState,
  RoomStep,
} from './room-state.ts';
import { seatOf, seatOfUser } from './room-state.ts';
import { incomingCall, missedCall, stopRinging, tellInvitations } from './room-messages.ts';

type EventOf<Type extends RoomEvent['type']> = Extract<RoomEvent, { type: Type }>;

const DECLINE_MESSAGES: Record<DeclineCode, string> = {
  declined: 'The call was declined.',
  busy: 'The user is busy.',
  'no-device': 'The user has no usable device.',
  'no-answer': 'The user did not answer.',
};

/** Names of those who are being rung. */
export function ringing({ invitations }: RoomState): string[] {
  return invitations.filter(({ state }) => state === 'ringing').map(({ person }) => person.name);
}

/** Calls people into the room: who is free is rung, in a round of its own; who is in it or rung stays so. */
export function ring(state: RoomState, invitees: readonly Invitee[]): RoomStep {
  const round = state.rounds + 1;
  const rung = new Set(ringing(state));
  const invited = new Map<string, Invitation>();
  for (const { person, availability } of invitees) {
    if (rung.has(person.name) || seatOfUser(state, person.name)) continue;
    if (state.reservedFor !== undefined && person.name === state.facts.caller.name) continue;
    invited.set(person.name, { person, round, state: availability === 'free' ? 'ringing' : availability });
  }
  if (invited.size === 0) return [state, []];
  const kept = state.invitations.filter(({ person }) => !invited.has(person.name));
  const next: RoomState = {
    ...state,
    rounds: round,
    invitations: [...kept, ...invited.values()],
    barred: state.barred.filter((name) => !invited.has(name)),
  };
  const names = [...invited.values()]
    .filter(({ state }) => state === 'ringing')
    .map(({ person }) => person.name);
  if (names.length === 0) return [next, []];
  return [
    next,
    [
      { type: 'send-users', names, message: incomingCall(next) },
      { type: 'start-timer', timer: { name: 'ring', round } },
    ],
  ];
}

/** Sets how it stands with those of the invited whom `change` names. */
export function setInvitations(
  state: RoomState,
  change: (invitation: Invitation) => Invitation['state'] | undefined,
): RoomState {
  return {
    ...state,
    invitations: state.invitations.map((invitation) => {
      const changed = change(invitation);
      return changed ? { ...invitation, state: changed } : invitation;
    }),
  };
}

/** Stops the timers of rounds in which nobody rings any more. */
export function stopIdleRounds(before: RoomState, after: RoomState): RoomEffect[] {
  const still = rounds(after);
  return [...rounds(before)]
    .filter((round) => !still.has(round))
    .map((round) => ({ type: 'stop-timer', timer: { name: 'ring', round } }));
}

function rounds({ invitations }: RoomState): Set<number> {
  return new Set(invitations.filter(({ state }) => state === 'ringing').map(({ round }) => round));
}

/** Somebody declines: the ringing stops on all its connections, and the caller and the room are told. */
export function decline(
  state: RoomState,
  { name, device, code }: { name: string; device: string; code: Exclude<DeclineCode, 'no-answer'> },
): RoomStep {
  if (!ringing(state).includes(name)) return [state, []];
  const next = setInvitations(state, ({ person }) =>
    person.name === name ? (code === 'busy' ? 'busy' : 'declined') : undefined,
  );
  return [
    next,
    [
      ...stopRinging(next, [name], 'declined-elsewhere', device),
      ...stopIdleRounds(state, next),
      ...tellCaller(next, name, code),
      ...tellInvitations(next),
    ],
  ];
}

/** The time of one round of ringing is over. */
export function ringTimeout(state: RoomState, round: number): RoomStep {
  const late = state.invitations.filter(
    (invitation) => invitation.state === 'ringing' && invitation.round === round,
  );
  const names = late.map(({ person }) => person.name);
  if (names.length === 0) return [state, []];
  const next = setInvitations(state, ({ person }) => (names.includes(person.name) ? 'no-answer' : undefined));
  return [
    next,
    [
      ...stopRinging(next, names, 'no-answer'),
      ...missedCall(next, names),
      ...names.flatMap((name) => tellCaller(next, name, 'no-answer')),
      ...tellInvitations(next),
    ],
  ];
}

/**
 * A connection comes up: if its user is being rung, it rings there too. Who was offline, perhaps only to load
 * the page anew, is rung while the others are.
 */
export function ringConnection(state: RoomState, { name, device }: EventOf<'connected'>): RoomStep {
  const rung = ringing(state);
  if (rung.includes(name)) {
    return [state, [{ type: 'send', devices: [device], message: incomingCall(state) }]];
  }
  const wasOffline = state.invitations.find(
    ({ person, state }) => person.name === name && state === 'offline',
  );
  if (!wasOffline || rung.length === 0) return [state, []];
  const [next, effects] = ring(state, [{ person: wasOffline.person, availability: 'free' }]);
  return [next, [...effects, ...tellInvitations(next)]];
}

/** A participant invites more people, or again those who did not come. */
export function invite(state: RoomState, device: string, invitees: readonly Invitee[]): RoomStep {
  if (!seatOf(state, device)) {
    return [
      state,
      [
        {
          type: 'refuse',
          device,
          code: 'unknown-room',
          message: 'Only who is in the room invites.',
          inReplyTo: 'invite',
        },
      ],
    ];
  }
  const [next, effects] = ring(state, invitees);
  return [next, next === state ? [] : [...effects, ...tellInvitations(next)]];
}

/** Tells the caller, as long as it takes part, that somebody does not come. */
function tellCaller(state: RoomState, from: string, code: DeclineCode): RoomEffect[] {
  const device = seatOfUser(state, state.facts.caller.name)?.device ?? state.reservedFor;
  if (device === undefined) return [];
  const message = {
    id: 'callResponse',
    callId: state.facts.callId,
    reqType: 'group',
    response: 'rejected',
    from,
    code,
    message: DECLINE_MESSAGES[code],
  } as const;
  return [{ type: 'send', devices: [device], message }];
}
