import * as v from 'valibot';
import { type Person, SERVER_MESSAGES, type ServerMessage } from '../../protocol/index.ts';
import type { CallRecord } from '../../server/groups/index.ts';
import { advance, startRoom } from '../../server/rooms/room-machine.ts';
import {
  deadlinesOf,
  type RoomEffect,
  type RoomEndpoint,
  type RoomEvent,
  type RoomState,
  type RoomStep,
} from '../../server/rooms/room-state.ts';

type EffectOf<Type extends RoomEffect['type']> = Extract<RoomEffect, { type: Type }>;

/** What the pages and media servers around a room have been told: nothing is read from its state. */
export class RoomWorld {
  state: RoomState;
  /** Whom each connection in the room believes to be there with it. */
  readonly views = new Map<string, Set<string>>();
  /** Users whose pages ring. */
  readonly ringing = new Set<string>();
  /** Users who were told that they missed the call. */
  readonly missed: string[] = [];
  /** `connection<sender`: what was offered and not given up since. */
  readonly endpoints = new Set<string>();
  /** The endpoints that were answered. */
  readonly answered = new Set<string>();
  /** Offers that are being answered. */
  readonly offers: EffectOf<'negotiate'>[] = [];
  /** `connection<sender`: who gets whose picture, and whose sound. */
  readonly pictures = new Set<string>();
  readonly sounds = new Set<string>();
  readonly busy = new Set<string>();
  readonly records: CallRecord[] = [];
  readonly sent: { readonly to: string; readonly message: ServerMessage }[] = [];
  readonly refusals: string[] = [];
  /** What each user was told last of the group's call. */
  readonly banners = new Map<string, Extract<ServerMessage, { id: 'groupCallState' }>>();
  pipelines = 0;
  readonly #invited = new Map<string, Map<string, string>>();
  #at = 1_000;
  readonly #userOf: (connectionId: string) => string;

  /** @param userOf whose a connection is */
  constructor(start: RoomStep, userOf: (connectionId: string) => string) {
    this.#userOf = userOf;
    this.state = start[0];
    this.#apply(start);
  }

  /** Subscriptions, as the media server has them: endpoints for the media of somebody else. */
  get subscriptions(): string[] {
    return [...this.endpoints].filter((key) => {
      const [connectionId = '', sender] = key.split('<');
      return this.#userOf(connectionId) !== sender;
    });
  }

  /** When an event will have happened, in milliseconds since 1970: a second after the last, or when its timer goes off. */
  timeOf(event: RoomEvent, afterMs = 1_000): number {
    const deadline = event.type === 'timeout' ? deadlinesOf(this.state)[event.timer] : undefined;
    return Math.max(this.#at + afterMs, deadline ?? 0);
  }

  /**
   * Lets something happen, and does what the room wants done.
   * @param afterMs how long after what happened last, in milliseconds
   */
  happen(event: RoomEvent, afterMs?: number): readonly RoomEffect[] {
    this.#at = this.timeOf(event, afterMs);
    const step = advance(this.state, event, this.#at);
    if (event.type === 'leaveRoom' || event.type === 'left') this.#forget(event.connectionId);
    if (event.type === 'decline') this.ringing.delete(event.name);
    this.#apply(step);
    return step[1];
  }

  /** One of the offers is answered, or cannot be. One that was replaced meanwhile comes to nothing. */
  settleOffer(index: number, isAnswered: boolean): RoomEvent | undefined {
    const [offer] = this.offers.splice(index % Math.max(1, this.offers.length), 1);
    if (!offer) return undefined;
    const { endpoint, attempt } = offer;
    const key = endpointKey(endpoint);
    const isNewest =
      this.endpoints.has(key) && !this.offers.some((other) => endpointKey(other.endpoint) === key);
    if (isNewest && isAnswered) {
      // A new endpoint, with which nothing is connected yet.
      this.#unlink(key);
      this.answered.add(key);
    } else if (isNewest && !this.answered.has(key)) this.endpoints.delete(key);
    return isAnswered
      ? { type: 'negotiated', endpoint, attempt, sdpAnswer: 'v=0' }
      : { type: 'not-negotiated', endpoint, attempt, code: 'media-failed' };
  }

  /** A connection sends its media, or gets that of `sender`. */
  receive(connectionId: string, sender: string): void {
    this.happen({ type: 'receiveVideoFrom', connectionId, sender, sdpOffer: 'v=0', generation: 0 });
    const event = this.settleOffer(this.offers.length - 1, true);
    if (event) this.happen(event);
  }

  /** How it stands with the invited, as far as a connection has been told. */
  invitedAsSeenBy(connectionId: string): ReadonlyMap<string, string> {
    return this.#invited.get(connectionId) ?? new Map();
  }

  /** What a connection was sent, of one kind. */
  received<Id extends ServerMessage['id']>(to: string, id: Id): Extract<ServerMessage, { id: Id }>[] {
    return this.sent
      .filter((each) => each.to === to && each.message.id === id)
      .map(({ message }) => message as Extract<ServerMessage, { id: Id }>);
  }

  #apply([state, effects]: RoomStep): void {
    this.state = state;
    for (const effect of effects) this.#do(effect);
    for (const { person } of state.participants) this.busy.add(person.name);
    if (state.reservation) this.busy.add(state.facts.caller.name);
  }

  #do(effect: RoomEffect): void {
    switch (effect.type) {
      case 'send':
        for (const connectionId of effect.to) this.#deliver(connectionId, check(effect.message));
        return;
      case 'send-users':
        for (const name of effect.names) this.#deliverToUser(name, check(effect.message));
        return;
      case 'open-media':
        this.pipelines++;
        return;
      case 'recover-media':
        return this.#release(() => true);
      case 'negotiate':
        this.endpoints.add(endpointKey(effect.endpoint));
        this.offers.push(effect);
        return;
      case 'add-candidate':
      case 'forward-candidates':
        return;
      case 'release-endpoints': {
        const { connectionId, sender } = effect.of;
        return this.#release((key) => {
          const [receiver, from] = key.split('<');
          return (connectionId ?? receiver) === receiver && (sender ?? from) === from;
        });
      }
      case 'connect':
        return this.#connect(effect);
      case 'disconnect':
        (effect.kind === 'audio' ? this.sounds : this.pictures).delete(endpointKey(effect.to));
        return;
      case 'free':
        for (const name of effect.names) this.busy.delete(name);
        return;
      case 'release-media':
        this.pipelines--;
        return this.#release(() => true);
      case 'record':
        this.records.push(effect.record);
        return;
      default:
        return effect satisfies never;
    }
  }

  #connect({ from, to, kind }: EffectOf<'connect'>): void {
    const [source, sink] = [endpointKey(from), endpointKey(to)];
    for (const end of [source, sink]) {
      if (!this.answered.has(end)) throw new Error(`${end} is not there to be connected`);
    }
    if (from.sender !== to.sender || source === sink)
      throw new Error(`${sink} is not for what ${source} sends`);
    if (kind !== 'audio') this.pictures.add(sink);
    if (kind !== 'video') this.sounds.add(sink);
  }

  #deliver(connectionId: string, message: ServerMessage): void {
    this.sent.push({ to: connectionId, message });
    const view = this.views.get(connectionId);
    switch (message.id) {
      case 'error':
        this.refusals.push(`${connectionId}: ${message.code}`);
        return;
      case 'existingParticipants':
        this.views.set(connectionId, new Set(message.data));
        this.ringing.delete(this.#userOf(connectionId));
        return;
      case 'invitedState':
        this.#invited.set(connectionId, new Map());
        return this.#see(connectionId, message.data);
      case 'invitedChanged':
        if (!this.#invited.has(connectionId)) throw new Error(`${connectionId} cannot use what changed`);
        return this.#see(connectionId, message.data);
      case 'newParticipantArrived':
        if (!view || view.has(message.name))
          throw new Error(`${connectionId} cannot use the news of ${message.name}`);
        view.add(message.name);
        return;
      case 'participantLeft':
        if (!view?.delete(message.name)) throw new Error(`${connectionId} never saw ${message.name}`);
        return;
      case 'stopCommunication':
        return this.#forget(connectionId);
      case 'incomingCall':
        if (!this.ringing.has(this.#userOf(connectionId))) throw new Error(`${connectionId} rings alone`);
        return;
    }
  }

  /** A page that is out of the room begins anew when it comes again. */
  #forget(connectionId: string): void {
    this.views.delete(connectionId);
    this.#invited.delete(connectionId);
  }

  #see(connectionId: string, data: readonly { readonly name: string; readonly state: string }[]): void {
    for (const { name, state } of data) this.#invited.get(connectionId)?.set(name, state);
  }

  #deliverToUser(name: string, message: ServerMessage): void {
    this.sent.push({ to: name, message });
    if (message.id === 'incomingCall') this.ringing.add(name);
    if (message.id === 'stopCommunication') this.ringing.delete(name);
    if (message.id === 'missedCall') this.missed.push(name);
    if (message.id === 'groupCallState') this.banners.set(name, message);
  }

  /** What is connected with an endpoint ends with it. */
  #release(isGone: (key: string) => boolean): void {
    for (const key of [...this.endpoints].filter(isGone)) {
      this.#unlink(key);
      this.endpoints.delete(key);
      this.answered.delete(key);
    }
  }

  #unlink(key: string): void {
    const [connectionId = '', sender = ''] = key.split('<');
    const isPublisher = this.#userOf(connectionId) === sender;
    for (const links of [this.pictures, this.sounds]) {
      for (const link of links) {
        if (isPublisher ? link.endsWith(`<${sender}`) : link === key) links.delete(link);
      }
    }
  }
}

function endpointKey({ connectionId, sender }: RoomEndpoint): string {
  return `${connectionId}<${sender}`;
}

function check(message: { readonly id: keyof typeof SERVER_MESSAGES }): ServerMessage {
  return v.parse(SERVER_MESSAGES[message.id], message) as ServerMessage;
}

/** A person of this name. */
export const person = (name: string): Person => ({ name, displayName: name.toUpperCase(), avatar: '' });

/** Whose a connection is: `ann/1` is Ann's. */
export const userOf = (connectionId: string): string => connectionId.split('/')[0] ?? '';

/** A call of Ann's to a group that Bob owns. */
export const GROUP_CALL = {
  callId: 'call',
  room: 'g',
  group: { id: 'g', name: 'Group', owner: 'bob' },
  caller: person('ann'),
  media: 'video',
  createdAt: 1_000,
  timeouts: { ring: 30_000, reserve: 20_000 },
} as const;

/** Ann calls the group: Bob and Cid are free, Dan is busy, Eve is offline. */
export function annCallsGroup(): RoomWorld {
  const invitees = [
    { person: person('bob'), availability: 'free' },
    { person: person('cid'), availability: 'free' },
    { person: person('dan'), availability: 'busy' },
    { person: person('eve'), availability: 'offline' },
  ] as const;
  return new RoomWorld(startRoom(GROUP_CALL, 'ann/1', invitees), userOf);
}
