import type { Candidate } from '../../protocol/index.ts';
import { without } from '../call/without.ts';
import type { InRoom, Link, RoomEffect, RoomState } from './state.ts';

/** Connections of one's own media that may fail one after the other before the call is given up. */
export const MAX_FAILURES = 5;
/** Pause before the second repair of a connection; doubles with each further one, in milliseconds. */
const REPAIR_PAUSE_MS = 1_000;
const REPAIR_PAUSE_MAX_MS = 15_000;

/** What becomes of the room's links, and what must be done about it. */
export type LinkStep = readonly [InRoom, readonly RoomEffect[]];

type Named = Pick<RoomState, 'self' | 'online'>;

/** Begins the connection of somebody who has none. */
export function openLink(state: Named, room: InRoom, name: string): LinkStep {
  if (room.links.has(name)) return [room, []];
  const { generation } = room;
  return make(state, room, name, { generation, offer: 'making', held: [], connected: false, failures: 0 }, 0);
}

/** Lets go of somebody's connection; another one of that name begins with a higher generation. */
export function dropLink(room: InRoom, name: string): LinkStep {
  const link = room.links.get(name);
  if (!link) return [room, []];
  const links = new Map(room.links);
  links.delete(name);
  const generation = Math.max(room.generation, link.generation + 1);
  return [{ ...room, links, generation }, [{ type: 'drop-link', name }]];
}

/** Lets go of every connection. */
export function dropAllLinks(room: InRoom): LinkStep {
  return each(room, [...room.links.keys()], dropLink);
}

/** Makes a connection anew: Kurento's endpoints cannot be negotiated twice. */
export function restartLink(state: Named, room: InRoom, name: string, generation: number): LinkStep {
  const link = room.links.get(name);
  if (!link || generation <= link.generation) return [room, []];
  return make(state, room, name, { ...fresh(link), generation, failures: 0 }, 0);
}

/** A connection failed: makes it anew, after a pause that grows. */
export function repairLink(state: Named, room: InRoom, name: string): LinkStep {
  const link = room.links.get(name);
  if (!link) return [room, []];
  const failures = link.failures + 1;
  const delayMs = failures === 1 ? 0 : Math.min(REPAIR_PAUSE_MAX_MS, REPAIR_PAUSE_MS * 2 ** (failures - 2));
  const repaired = { ...fresh(link), generation: link.generation + 1, failures };
  return make(state, room, name, repaired, delayMs);
}

/** Goes on with what waited for the socket; what was said on the lost one and not answered is said anew. */
export function resumeLinks(state: Named, room: InRoom): LinkStep {
  return each(room, [...room.links.keys()], (before, name) => {
    const link = before.links.get(name);
    if (link?.offer === 'waiting') return make(state, before, name, link, 0);
    if (link?.offer === 'sent') return restartLink(state, before, name, link.generation + 1);
    return link?.offer === 'made' ? sendOffer(state, before, name, link) : [before, []];
  });
}

/** The browser has written an offer. */
export function offerMade(
  state: Named,
  room: InRoom,
  event: { readonly name: string; readonly generation: number; readonly sdpOffer: string },
): LinkStep {
  const link = room.links.get(event.name);
  if (link?.offer !== 'making' || link.generation !== event.generation) return [room, []];
  return sendOffer(state, room, event.name, { ...link, offer: 'made', sdpOffer: event.sdpOffer });
}

/** The server answers an offer. */
export function answerLink(room: InRoom, name: string, generation: number, sdpAnswer: string): LinkStep {
  const link = room.links.get(name);
  if (link?.offer !== 'sent' || link.generation !== generation) return [room, []];
  return [
    withLink(room, name, { ...link, offer: 'answered' }),
    [{ type: 'apply-answer', name, generation, sdpAnswer }],
  ];
}

/** One's own candidate: sent, or kept until its offer is. */
export function holdCandidate(
  room: InRoom,
  event: { readonly name: string; readonly generation: number; readonly candidate: Candidate },
): LinkStep {
  const { name, generation, candidate } = event;
  const link = room.links.get(name);
  if (link?.generation !== generation) return [room, []];
  if (link.offer === 'sent' || link.offer === 'answered') {
    return [room, [sendCandidate(room, name, generation, candidate)]];
  }
  return [withLink(room, name, { ...link, held: [...link.held, candidate] }), []];
}

/** A connection is up. */
export function linkUp(room: InRoom, name: string, generation: number): InRoom {
  const link = room.links.get(name);
  if (link?.generation !== generation) return room;
  return withLink(room, name, { ...link, connected: true, failures: 0 });
}

/** Does something with several connections, one after the other. */
export function each(
  room: InRoom,
  names: readonly string[],
  change: (room: InRoom, name: string) => LinkStep,
): LinkStep {
  const effects: RoomEffect[] = [];
  let next = room;
  for (const name of names) {
    const [changed, more] = change(next, name);
    next = changed;
    effects.push(...more);
  }
  return [next, effects];
}

function make(state: Named, room: InRoom, name: string, link: Link, delayMs: number): LinkStep {
  if (!state.online) return [withLink(room, name, { ...link, offer: 'waiting' }), []];
  const direction = name === state.self?.name ? 'sendonly' : 'recvonly';
  return [
    withLink(room, name, { ...link, offer: 'making' }),
    [{ type: 'make-offer', name, generation: link.generation, direction, delayMs }],
  ];
}

function sendOffer(state: Named, room: InRoom, name: string, link: Link): LinkStep {
  const { sdpOffer, generation, held } = link;
  if (!state.online || sdpOffer === undefined) return [withLink(room, name, link), []];
  const message = { id: 'receiveVideoFrom', room: room.room, sender: name, sdpOffer, generation } as const;
  return [
    withLink(room, name, { ...without(link, 'sdpOffer'), offer: 'sent', held: [] }),
    [{ type: 'send', message }, ...held.map((candidate) => sendCandidate(room, name, generation, candidate))],
  ];
}

function sendCandidate({ room }: InRoom, name: string, generation: number, candidate: Candidate): RoomEffect {
  return { type: 'send', message: { id: 'onIceCandidate', room, name, candidate, generation } };
}

function fresh(link: Link): Link {
  return { ...without(link, 'sdpOffer'), offer: 'making', held: [], connected: false };
}

function withLink(room: InRoom, name: string, link: Link): InRoom {
  return { ...room, links: new Map(room.links).set(name, link) };
}
