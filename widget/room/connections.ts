import type { Candidate } from '../../protocol/index.ts';
import {
  awaitsAnswer,
  isOfferSent,
  newNegotiation,
  offerMade,
  offerSent,
  repairPauseMs,
  type Negotiation,
} from '../session/negotiation.ts';
import type { ConnectionRef } from '../session/state.ts';
import type { InRoom, RoomEffect, RoomState } from './state.ts';

/** What becomes of the room's connections, and what must be done about it. */
export type ConnectionStep = readonly [InRoom, readonly RoomEffect[]];

type Self = Pick<RoomState, 'self' | 'online'>;

/** Begins the connection of somebody who has none. */
export function openConnection(state: Self, room: InRoom, name: string): ConnectionStep {
  if (room.connections.has(name)) return [room, []];
  return make(state, room, name, newNegotiation(room.generation));
}

/** Lets go of somebody's connection; another one of that name begins with a higher generation. */
export function dropConnection(room: InRoom, name: string): ConnectionStep {
  const dropped = room.connections.get(name);
  if (!dropped) return [room, []];
  const connections = new Map(room.connections);
  connections.delete(name);
  const generation = Math.max(room.generation, dropped.generation + 1);
  return [{ ...room, connections, generation }, [{ type: 'drop-connection', name }]];
}

/** Lets go of every connection. */
export function dropAllConnections(room: InRoom): ConnectionStep {
  return each(room, [...room.connections.keys()], dropConnection);
}

/** Makes a connection anew: Kurento's endpoints cannot be negotiated twice. */
export function restartConnection(
  state: Self,
  room: InRoom,
  name: string,
  generation: number,
): ConnectionStep {
  const before = room.connections.get(name);
  if (!before || generation <= before.generation) return [room, []];
  return make(state, room, name, newNegotiation(generation));
}

/** A connection failed: makes it anew, after a pause that grows. */
export function repairConnection(state: Self, room: InRoom, name: string): ConnectionStep {
  const failed = room.connections.get(name);
  if (!failed) return [room, []];
  return make(state, room, name, newNegotiation(failed.generation + 1, 'none', failed.failures + 1));
}

/** Goes on with what waited for the socket; what was said on the lost one and not answered is said anew. */
export function resumeConnections(state: Self, room: InRoom): ConnectionStep {
  return each(room, [...room.connections.keys()], (before, name) => {
    const waiting = before.connections.get(name);
    if (waiting?.offer === 'waiting') return make(state, before, name, waiting, 0);
    if (waiting?.offer === 'sent') return restartConnection(state, before, name, waiting.generation + 1);
    return waiting?.offer === 'made' ? sendOffer(state, before, name, waiting) : [before, []];
  });
}

/** The browser has written an offer. */
export function takeOffer(
  state: Self,
  room: InRoom,
  { name, generation, sdpOffer }: ConnectionRef & { readonly sdpOffer: string },
): ConnectionStep {
  const making = find(room, { name, generation });
  return making?.offer === 'making' ? sendOffer(state, room, name, offerMade(making, sdpOffer)) : [room, []];
}

/** The server answers an offer. */
export function takeAnswer(
  room: InRoom,
  { name, generation, sdpAnswer }: ConnectionRef & { readonly sdpAnswer: string },
): ConnectionStep {
  const asked = room.connections.get(name);
  if (!asked || !awaitsAnswer(asked, generation)) return [room, []];
  return [
    withConnection(room, name, { ...asked, offer: 'answered' }),
    [{ type: 'apply-answer', name, generation, sdpAnswer }],
  ];
}

/** One's own candidate: sent, or kept until its offer is. */
export function takeCandidate(
  room: InRoom,
  { name, generation, candidate }: ConnectionRef & { readonly candidate: Candidate },
): ConnectionStep {
  const connection = find(room, { name, generation });
  if (!connection) return [room, []];
  if (isOfferSent(connection)) return [room, [sendCandidate(room, name, generation, candidate)]];
  return [withConnection(room, name, { ...connection, held: [...connection.held, candidate] }), []];
}

/** A connection is up. */
export function connected(room: InRoom, ref: ConnectionRef): InRoom {
  const connection = find(room, ref);
  return connection ? withConnection(room, ref.name, { ...connection, connected: true, failures: 0 }) : room;
}

/** Somebody's connection, unless it is of another generation. */
export function find(room: InRoom, { name, generation }: ConnectionRef): Negotiation | undefined {
  const connection = room.connections.get(name);
  return connection?.generation === generation ? connection : undefined;
}

/** Does something with several connections, one after the other. */
export function each(
  room: InRoom,
  names: readonly string[],
  change: (room: InRoom, name: string) => ConnectionStep,
): ConnectionStep {
  const effects: RoomEffect[] = [];
  let next = room;
  for (const name of names) {
    const [changed, more] = change(next, name);
    next = changed;
    effects.push(...more);
  }
  return [next, effects];
}

function make(
  state: Self,
  room: InRoom,
  name: string,
  negotiation: Negotiation,
  delayMs = repairPauseMs(negotiation.failures),
): ConnectionStep {
  const { generation } = negotiation;
  const offer = state.online ? 'making' : 'waiting';
  const changed = withConnection(room, name, { ...negotiation, offer });
  if (!state.online) return [changed, []];
  const direction = name === state.self?.name ? 'sendonly' : 'recvonly';
  return [changed, [{ type: 'make-offer', name, generation, direction, delayMs }]];
}

function sendOffer(state: Self, room: InRoom, name: string, made: Negotiation): ConnectionStep {
  const { sdpOffer, generation, held } = made;
  if (!state.online || sdpOffer === undefined) return [withConnection(room, name, made), []];
  const message = { id: 'receiveVideoFrom', room: room.room, sender: name, sdpOffer, generation } as const;
  return [
    withConnection(room, name, { ...offerSent(made), held: [] }),
    [{ type: 'send', message }, ...held.map((candidate) => sendCandidate(room, name, generation, candidate))],
  ];
}

function sendCandidate({ room }: InRoom, name: string, generation: number, candidate: Candidate): RoomEffect {
  return { type: 'send', message: { id: 'onIceCandidate', room, name, candidate, generation } };
}

function withConnection(room: InRoom, name: string, negotiation: Negotiation): InRoom {
  return { ...room, connections: new Map(room.connections).set(name, negotiation) };
}
