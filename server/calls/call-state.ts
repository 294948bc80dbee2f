import type { ClientMessageOf, MediaFlags, Person, RefusalCode, StopReason } from '../../protocol/index.ts';
import type { CallRecord } from '../groups/index.ts';
import type {
  EndpointId,
  EndpointState,
  PageEvent,
  Quality,
  SessionEffect,
  SessionEvent,
  SessionFacts,
  SessionState,
  Tagged,
} from '../sessions/session-state.ts';

/** A connection as a call sees it. */
export interface CallConnection {
  readonly id: string;
  /** Whether its page knows `restartMedia`; the tutorials' pages do not. */
  readonly canRestart: boolean;
}

/** A call waits for one thing at a time: to be answered, or for the media of who answered. */
export type CallTimer = 'ring' | 'answer';

/** What never changes during a call. */
export interface CallFacts extends SessionFacts<CallTimer> {
  readonly callee: Person;
  readonly callerConnection: CallConnection;
}

/** Where a call is in its life. Waits end at `until`, in milliseconds since 1970. */
type Phase = Readonly<
  /** Every connection in `rung` was told `incomingCall` and not yet to stop. */
  | { name: 'ringing'; rung: readonly CallConnection[]; until: number }
  /** Somebody clicked on "accept"; the offer is not here yet. */
  | { name: 'answering'; by: CallConnection; until: number }
  /** Accepted with an offer; waits until both endpoints are ready. `calledBack`: by a call of its own. */
  | { name: 'accepted'; by: CallConnection; until: number; calledBack: boolean }
  | { name: 'running'; by: CallConnection; startedAt: number }
  | { name: 'ended' }
>;

export type Side = 'caller' | 'callee';

/** All that is known of a call; only `call-machine.ts` makes new ones. */
export interface CallState extends SessionState {
  readonly facts: CallFacts;
  readonly phase: Phase;
  /** By the connection's id. */
  readonly endpoints: Readonly<Record<string, EndpointState>>;
  readonly flags: Readonly<Partial<Record<Side, MediaFlags>>>;
  readonly quality: Readonly<Partial<Record<Side, Quality>>>;
}

/** The messages about a call that exists already. */
export type CallMessage = ClientMessageOf<
  | 'answering'
  | 'prepare'
  | 'incomingCallResponse'
  | 'onIceCandidate'
  | 'stop'
  | 'offer'
  | 'mediaState'
  | 'quality'
>;

/** What can happen to a call. */
export type CallEvent =
  | PageEvent<CallMessage>
  | Tagged<{
      connected: { connection: CallConnection };
      /** The callee calls the caller: glare. */
      'call-back': { connection: CallConnection; sdpOffer: string };
      /** Its socket has gone for good; `isClean`: the page closed it itself. */
      left: { connectionId: string; isClean: boolean };
    }>
  | SessionEvent<EndpointId, CallTimer>;

/** The call event of a type. */
export type EventOf<Type extends CallEvent['type']> = Extract<CallEvent, { type: Type }>;

/** A state and what its coming about makes necessary. */
export type Step = readonly [CallState, readonly SessionEffect[]];

/** How a call ends. */
export interface Ending {
  readonly outcome: CallRecord['outcome'];
  readonly reason?: StopReason;
  /** The user whose doing it was. */
  readonly endedBy?: string;
}

/** How a call ends, what is said then, and to whom. Who is left out is told nothing. */
export interface EndNotifications extends Ending {
  readonly caller?: { readonly refusal: RefusalCode } | { readonly stop: StopReason };
  readonly callee?: StopReason;
  /** A connection of the callee that knows already. */
  readonly except?: string;
  /** Whether the callee learns that it missed the call. */
  readonly isMissed?: boolean;
}

/** The types that make a call a kind of session. */
export interface CallKind {
  State: CallState;
  Event: CallEvent;
  Endpoint: EndpointId;
  Timer: CallTimer;
}
