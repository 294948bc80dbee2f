/** The media part of a room's life: who publishes, who subscribes, and starting anew when a media server was lost. Pure. */
import type { ClientMessageId } from '../../protocol/index.ts';
import { errorMessage, negotiationError } from '../sessions/errors.ts';
import { type EndpointState, generationOf, negotiate, send } from '../sessions/session-state.ts';
import { end } from './room-ending.ts';
import { sendRoom } from './room-messages.ts';
import {
  type EventOf,
  type Participant,
  participantNamed,
  participantOf,
  type RoomEffect,
  type RoomEndpoint,
  type RoomState,
  type RoomStep,
  withParticipant,
} from './room-state.ts';

/**
 * Somebody wants to send its media (`sender` is its own name), or to get somebody else's. While media is lost
 * nothing is begun: `restartMedia` will ask for another offer.
 */
export function receive(state: RoomState, event: EventOf<'receiveVideoFrom'>): RoomStep {
  const { connectionId, sender, generation } = event;
  const participant = participantOf(state, connectionId);
  if (!participant) return refuseStranger(state, connectionId, 'receiveVideoFrom');
  if (!participantNamed(state, sender)) {
    const message = `"${sender}" is not in the room.`;
    return [state, [send(connectionId, errorMessage('no-such-participant', message, 'receiveVideoFrom'))]];
  }
  const current = endpointOf(participant, sender);
  if (!state.isMediaUp || generation < (generationOf(current) ?? -1)) return [state, []];
  const { state: next, pending, effect } = negotiate(state, { connectionId, sender }, event);
  return [withEndpoint(next, participant, sender, { ...current, pending }), [effect]];
}

/** An answer is there: its page gets it, and media flows between those endpoints that are ready. */
export function negotiated(state: RoomState, event: EventOf<'negotiated'>): RoomStep {
  const { endpoint, attempt, sdpAnswer } = event;
  const { connectionId, sender } = endpoint;
  const participant = participantOf(state, connectionId);
  const pending = endpointOf(participant, sender)?.pending;
  if (!participant || pending?.attempt !== attempt) return [state, []];
  const { generation } = pending;
  const next = withEndpoint(state, participant, sender, { ready: { generation } });
  const answer = {
    id: 'receiveVideoAnswer',
    room: state.facts.room,
    name: sender,
    sdpAnswer,
    generation,
  } as const;
  const allowed = participantNamed(next, sender)?.isMuted ? { kind: 'video' as const } : {};
  const links = linksOf(next, sender).filter(({ from, to }) =>
    [from, to].some((end) => end.connectionId === connectionId),
  );
  return [
    next,
    [
      ...links.map((link): RoomEffect => ({ type: 'connect', ...link, ...allowed })),
      send(connectionId, answer),
      { type: 'forward-candidates', endpoint },
    ],
  ];
}

/** An offer could not be answered: what there was goes on. */
export function notNegotiated(state: RoomState, event: EventOf<'not-negotiated'>): RoomStep {
  const { connectionId, sender } = event.endpoint;
  const participant = participantOf(state, connectionId);
  const failed = endpointOf(participant, sender);
  if (!participant || failed?.pending?.attempt !== event.attempt) return [state, []];
  const former = failed.ready && { ready: failed.ready };
  return [
    withEndpoint(state, participant, sender, former),
    [send(connectionId, negotiationError(event.code, 'receiveVideoFrom'))],
  ];
}

/** Lets a sender's audio reach nobody, or its subscribers again. */
export function switchAudio(state: RoomState, sender: string, type: 'connect' | 'disconnect'): RoomEffect[] {
  return linksOf(state, sender).map((link) => ({ type, ...link, kind: 'audio' }));
}

/** From a sender's endpoint to those of its subscribers, as far as they are ready. */
function linksOf(state: RoomState, sender: string): { from: RoomEndpoint; to: RoomEndpoint }[] {
  const publisher = participantNamed(state, sender);
  if (!publisher || !endpointOf(publisher, sender)?.ready) return [];
  const from = { connectionId: publisher.connectionId, sender };
  return state.participants
    .filter((other) => other !== publisher && endpointOf(other, sender)?.ready)
    .map(({ connectionId }) => ({ from, to: { connectionId, sender } }));
}

/** Somebody wants somebody else's media no more. */
export function cancelReceive(
  state: RoomState,
  { connectionId, sender }: EventOf<'cancelVideoFrom'>,
): RoomStep {
  const participant = participantOf(state, connectionId);
  if (!participant || participant.person.name === sender) return [state, []];
  return [
    withEndpoint(state, participant, sender, undefined),
    [{ type: 'release-endpoints', of: { connectionId, sender } }],
  ];
}

/** A candidate that crossed the end of what it was for is no mistake of its page. */
export function candidate(state: RoomState, event: EventOf<'onIceCandidate'>): RoomStep {
  const { connectionId, generation, candidate } = event;
  const participant = participantOf(state, connectionId);
  const sender = event.name ?? participant?.person.name ?? '';
  if (!participant || !participantNamed(state, sender) || !state.isMediaUp) return [state, []];
  const endpoint = { connectionId, sender };
  return [state, [{ type: 'add-candidate', endpoint, generation, candidate }]];
}

/** The media server went away: nothing of what was negotiated is left. The tutorials' pages cannot start anew. */
export function mediaLost(state: RoomState, at: number): RoomStep {
  if (!state.facts.group) return end(state, 'media-failed', { at });
  if (!state.isMediaUp) return [state, []];
  const participants = state.participants.map((participant) => ({ ...participant, endpoints: [] }));
  return [{ ...state, isMediaUp: false, participants }, [{ type: 'recover-media' }]];
}

/** There is a media server again: everybody is asked for new offers. */
export function mediaRecovered(state: RoomState): RoomStep {
  if (state.isMediaUp) return [state, []];
  const generation = state.generation + 1;
  const next: RoomState = { ...state, isMediaUp: true, generation };
  return [next, sendRoom(next, { id: 'restartMedia', room: state.facts.room, generation })];
}

/** Refuses a request of a connection that is not in the room. */
export function refuseStranger(state: RoomState, connectionId: string, inReplyTo: ClientMessageId): RoomStep {
  return [state, [send(connectionId, errorMessage('unknown-room', 'You are not in this room.', inReplyTo))]];
}

/** A participant's endpoint for the media of a sender. */
function endpointOf(participant: Participant | undefined, sender: string): EndpointState | undefined {
  return participant?.endpoints.find((endpoint) => endpoint.sender === sender);
}

function withEndpoint(
  state: RoomState,
  participant: Participant,
  sender: string,
  endpoint: EndpointState | undefined,
): RoomState {
  const others = participant.endpoints.filter((other) => other.sender !== sender);
  const endpoints = endpoint ? [...others, { ...endpoint, sender }] : others;
  return withParticipant(state, { ...participant, endpoints });
}
