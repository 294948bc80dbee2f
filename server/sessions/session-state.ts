/** What the states, events and effects of calls and of rooms have in common. */
import type {
  Candidate,
  ClientMessage,
  ClientMessageOf,
  Media,
  MediaFlags,
  Person,
  ServerMessageInput,
} from '../../protocol/index.ts';
import type { CallRecord } from '../groups/index.ts';
import type { FoundCandidate, Offer } from './endpoint-negotiation.ts';
import type { MediaKind } from './media.ts';

/**
 * All that is known of a session. It is plain data, complete in itself: written as JSON and read by another process, it
 * goes on there.
 */
export interface SessionState {
  /** Whether there is a media server, as far as is known. */
  readonly isMediaUp: boolean;
  /** Offers that were taken so far. */
  readonly attempts: number;
  /** The highest generation of any offer or `restartMedia` so far. */
  readonly generation: number;
}

/** What never changes during a session, be it of two people or of a group. */
export interface SessionFacts<Timer extends string> {
  readonly callId: string;
  readonly caller: Person;
  readonly media: Media;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** How long each wait lasts, in milliseconds. */
  readonly timeouts: Readonly<Record<Timer, number>>;
}

/** One offer on its way to its answer. */
export type PendingOffer = Pick<Offer, 'attempt' | 'generation'>;

/** What a session knows of one endpoint: the answer that its page has, and the offer that is to replace it. */
export interface EndpointState {
  /** `isPreparation`: made by `prepare`, so that its answer goes out as `prepared`. */
  readonly pending?: PendingOffer & { readonly isPreparation?: boolean };
  /** The answer is kept where it may be needed again. */
  readonly ready?: { readonly generation: number; readonly sdpAnswer?: string };
}

/** The generation of an endpoint's newest offer. */
export function generationOf(endpoint: EndpointState | undefined): number | undefined {
  return (endpoint?.pending ?? endpoint?.ready)?.generation;
}

/** What a page measured last; see the `quality` message. */
export type Quality = {
  readonly [K in Exclude<keyof ClientMessageOf<'quality'>, 'id' | 'callId' | 'room'>]?: number | undefined;
};

/** What a `quality` message tells. */
export function qualityOf(event: Quality): Quality {
  const { roundTripMs, lossIn, lossOut, kbpsIn, kbpsOut, framesPerSecondIn } = event;
  return { roundTripMs, lossIn, lossOut, kbpsIn, kbpsOut, framesPerSecondIn };
}

/** What a `mediaState` message tells. */
export function flagsOf({ audio, video, screen }: MediaFlags): MediaFlags {
  return { audio, video, screen };
}

/** A union of readonly objects, told apart by `type`: one for each entry of `Kinds`. */
export type Tagged<Kinds> = {
  [Type in keyof Kinds]: { readonly type: Type } & Readonly<Kinds[Type]>;
}[keyof Kinds];

/** Which endpoint of a session. */
export interface EndpointId {
  /** The connection whose page it serves. */
  readonly connectionId: string;
  /** Whose media it carries, where a connection has several. */
  readonly sender?: string;
}

/** Why an offer was not answered. */
export type NegotiationFailure = 'bad-sdp' | 'media-failed';

/** What comes of a session's media. */
export type MediaEvent<Endpoint extends EndpointId> = Tagged<{
  negotiated: { endpoint: Endpoint; attempt: number; sdpAnswer: string };
  'not-negotiated': { endpoint: Endpoint; attempt: number; code: NegotiationFailure };
  /** No media server could be had. */
  'media-unavailable': object;
  'media-lost': object;
  /** There is a media server again, after `recover`. */
  'media-recovered': object;
}>;

/** Who is told what comes of a session's media. */
export interface SessionMediaListener<Endpoint extends EndpointId> {
  /** @param cause what went wrong, if something did */
  readonly onEvent: (event: MediaEvent<Endpoint>, cause?: unknown) => void;
  /** Something failed that nobody waits for, and not because the media server was lost. */
  readonly onError: (error: unknown) => void;
  /** An endpoint's candidate, after `forwardCandidates`. */
  readonly onCandidate: (endpoint: Endpoint, found: FoundCandidate) => void;
}

/** A message of a page as an event of its session: what it says, and by which connection. */
export type PageEvent<Message extends ClientMessage> = Message extends unknown
  ? Omit<Message, 'id' | 'callId' | 'room' | 'from'> & {
      readonly type: Message['id'];
      readonly connectionId: string;
    }
  : never;

/** The event that a message is. */
export function pageEvent<Message extends ClientMessage>(connectionId: string, message: Message) {
  return { ...message, type: message.id, connectionId } as unknown as PageEvent<Message>;
}

/** What can happen to every session. */
export type SessionEvent<Endpoint extends EndpointId, Timer extends string> =
  | MediaEvent<Endpoint>
  | { readonly type: 'timeout'; readonly timer: Timer }
  /** The server stops. */
  | { readonly type: 'shutdown' };

/** What has to be done for a session, in this order. */
export type SessionEffect<Endpoint extends EndpointId = EndpointId> = Tagged<{
  /** To these connections. */
  send: { to: readonly string[]; message: ServerMessageInput };
  /** To every connection of these users, but for one that knows already. */
  'send-users': { names: readonly string[]; except?: string; message: ServerMessageInput };
  'open-media': object;
  /** Waits for a media server, after the one that had the session was lost. */
  'recover-media': object;
  'release-media': object;
  negotiate: { endpoint: Endpoint } & Offer;
  'add-candidate': { endpoint: Endpoint; generation: number; candidate: Candidate };
  /** From now on the page may be sent its endpoint's candidates: it has the answer. */
  'forward-candidates': { endpoint: Endpoint };
  /** Releases all endpoints of a connection, of a sender, or of both. */
  'release-endpoints': { of: Partial<EndpointId> };
  /** Media flows from one endpoint to the other; without `kind` all of it. */
  connect: { from: Endpoint; to: Endpoint; kind?: MediaKind };
  disconnect: { from: Endpoint; to: Endpoint; kind: MediaKind };
  /** These users may take part in another session. */
  free: { names: readonly string[] };
  record: { record: CallRecord };
}>;

/** Until when each timer of a session runs, in milliseconds since 1970. */
export type Deadlines<Timer extends string> = Readonly<Partial<Record<Timer, number>>>;

/** One message to one connection. */
export function send(connectionId: string, message: ServerMessageInput) {
  return { type: 'send', to: [connectionId], message } as const;
}

/** Takes a new offer for an endpoint; its answer is told by `negotiated`. */
export function negotiate<State extends SessionState, Endpoint extends EndpointId>(
  state: State,
  endpoint: Endpoint,
  { generation, sdpOffer }: { readonly generation: number; readonly sdpOffer: string },
): { readonly state: State; readonly pending: PendingOffer; readonly effect: SessionEffect<Endpoint> } {
  const pending = { attempt: state.attempts + 1, generation };
  return {
    state: { ...state, attempts: pending.attempt, generation: Math.max(state.generation, generation) },
    pending,
    effect: { type: 'negotiate', endpoint, ...pending, sdpOffer },
  };
}
