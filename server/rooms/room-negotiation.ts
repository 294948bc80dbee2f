/** The media part of a room's life: who sends, who watches whom, and starting anew when a media server was lost. Pure. */
import type { ClientMessageId } from '../../protocol/index.ts';
import { end } from './room-ending.ts';
import { sendRoom } from './room-messages.ts';
import type { RoomEvent, RoomState, RoomStep } from './room-state.ts';
import { seatOf, seatOfUser } from './room-state.ts';

type EventOf<Type extends RoomEvent['type']> = Extract<RoomEvent, { type: Type }>;

/**
 * Somebody wants to send its media (`sender` is its own name), or to get somebody else's. While media is lost
 * nothing is begun: `restartMedia` will ask for another offer.
 */
export function receive(state: RoomState, event: EventOf<'receive'>): RoomStep {
  const { device, sender, sdpOffer, generation } = event;
  const seat = seatOf(state, device);
  if (!seat) return refuseStranger(state, device, 'receiveVideoFrom');
  if (!seatOfUser(state, sender)) {
    const message = `"${sender}" is not in the room.`;
    return [
      state,
      [{ type: 'refuse', device, code: 'no-such-participant', message, inReplyTo: 'receiveVideoFrom' }],
    ];
  }
  if (!state.isMediaUp) return [state, []];
  const negotiation = { device, sender, sdpOffer, generation };
  const next: RoomState = { ...state, generation: Math.max(state.generation, generation) };
  if (sender === seat.person.name) return [next, [{ type: 'publish', ...negotiation }]];
  const receives = [...seat.receives.filter((name) => name !== sender), sender];
  return [withReceives(next, device, receives), [{ type: 'subscribe', ...negotiation }]];
}

/** Somebody wants somebody else's media no more. */
export function cancelReceive(state: RoomState, { device, sender }: EventOf<'cancel-receive'>): RoomStep {
  const seat = seatOf(state, device);
  if (!seat?.receives.includes(sender)) return [state, []];
  const receives = seat.receives.filter((name) => name !== sender);
  return [withReceives(state, device, receives), [{ type: 'unsubscribe', device, sender }]];
}

/** A candidate that crossed the end of what it was for is no mistake of its page. */
export function candidate(state: RoomState, event: EventOf<'candidate'>): RoomStep {
  const isInRoom = seatOf(state, event.device) && seatOfUser(state, event.sender);
  return [state, isInRoom && state.isMediaUp ? [{ ...event, type: 'add-candidate' }] : []];
}

/** The media server went away: nothing of what was negotiated is left. The tutorials' pages cannot start anew. */
export function mediaLost(state: RoomState, at: number): RoomStep {
  if (!state.facts.group) return end(state, 'media-failed', { at });
  if (!state.isMediaUp) return [state, []];
  const seats = state.seats.map((seat) => ({ ...seat, receives: [] }));
  return [{ ...state, isMediaUp: false, seats }, [{ type: 'reopen-media' }]];
}

/** There is a media server again: everybody is asked for new offers. */
export function mediaBack(state: RoomState): RoomStep {
  if (state.isMediaUp) return [state, []];
  const generation = state.generation + 1;
  const next: RoomState = { ...state, isMediaUp: true, generation };
  return [next, sendRoom(next, { id: 'restartMedia', room: state.facts.room, generation })];
}

/** Refuses a request of a connection that is not in the room. */
export function refuseStranger(state: RoomState, device: string, inReplyTo: ClientMessageId): RoomStep {
  const message = 'You are not in this room.';
  return [state, [{ type: 'refuse', device, code: 'unknown-room', message, inReplyTo }]];
}

function withReceives(state: RoomState, device: string, receives: readonly string[]): RoomState {
  return {
    ...state,
    seats: state.seats.map((seat) => (seat.device === device ? { ...seat, receives } : seat)),
  };
}
