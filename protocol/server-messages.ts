import * as v from 'valibot';
import {
  ERROR_CODES,
  GENERAL_CODE,
  REFUSAL_CODES,
  REGISTER_REJECTION_CODES,
  STOP_REASONS,
  type StopReason,
} from './errors.ts';
import { Candidate, codeOf, Count, Generation, IceServer, Media, Person, ReqType } from './fields.ts';

const id = <const Name extends string>(name: Name) => v.literal(name);

const StopCode = codeOf<StopReason>(STOP_REASONS, 'ended');
const RejectionCode = codeOf([...REGISTER_REJECTION_CODES, GENERAL_CODE], GENERAL_CODE);

/** The state of a group's call, for those who are not in it. */
const GroupCallState = v.object({
  id: id('groupCallState'),
  groupId: v.string(),
  groupName: v.string(),
  room: v.string(),
  callId: v.string(),
  active: v.boolean(),
  /** Who came first, at most `GROUP_CALL_PARTICIPANTS_MAX`. */
  participants: v.array(Person),
  participantCount: v.optional(Count),
  startedAt: v.number(),
  media: Media,
});

const RegisterResponse = v.union([
  v.object({
    id: id('registerResponse'),
    response: v.literal('accepted'),
    user: Person,
    resumeToken: v.string(),
    resumed: v.optional(v.boolean(), false),
    iceServers: v.array(IceServer),
    groupCalls: v.array(GroupCallState),
    /** The protocol's version that is spoken from now on. */
    protocol: v.number(),
  }),
  v.object({
    id: id('registerResponse'),
    response: v.literal('rejected'),
    code: RejectionCode,
    message: v.string(),
  }),
]);

/** The token runs out within a minute: the page fetches another one and sends `renew`. */
const TokenExpiring = v.object({ id: id('tokenExpiring') });

/** The answer to `renew`; after a rejection the former token goes on to count. */
const RenewResponse = v.union([
  v.object({ id: id('renewResponse'), response: v.literal('accepted') }),
  v.object({
    id: id('renewResponse'),
    response: v.literal('rejected'),
    code: RejectionCode,
    message: v.string(),
  }),
]);

const Pong = v.object({ id: id('pong') });

const IncomingCall = v.union([
  v.object({
    id: id('incomingCall'),
    callId: v.string(),
    reqType: v.literal('ptop'),
    from: v.string(),
    caller: Person,
    media: Media,
  }),
  v.object({
    id: id('incomingCall'),
    callId: v.string(),
    reqType: v.literal('group'),
    groupId: v.string(),
    groupName: v.string(),
    room: v.string(),
    from: v.string(),
    caller: Person,
    members: v.array(Person),
    memberCount: v.number(),
    media: Media,
  }),
]);

/** What has become of the invitation to a group's call. */
const INVITED_STATES = ['ringing', 'declined', 'busy', 'no-answer', 'offline', 'joined'] as const;
export type InvitedPersonState = (typeof INVITED_STATES)[number];

const InvitedPerson = v.object({ ...Person.entries, state: codeOf(INVITED_STATES, 'no-answer') });

/** How many of all who were invited are in each state; a missing one is 0. */
export const InvitedCounts = v.object({
  ringing: v.optional(Count, 0),
  declined: v.optional(Count, 0),
  busy: v.optional(Count, 0),
  'no-answer': v.optional(Count, 0),
  offline: v.optional(Count, 0),
  joined: v.optional(Count, 0),
} satisfies Record<InvitedPersonState, unknown>);
export type InvitedCounts = v.InferOutput<typeof InvitedCounts>;

const CallProgress = v.object({
  id: id('callProgress'),
  callId: v.string(),
  state: v.picklist(['ringing', 'accepted']),
  sdpAnswer: v.optional(v.string()),
  room: v.optional(v.string()),
  invited: v.optional(v.array(Person)),
  offline: v.optional(v.array(Person)),
  counts: v.optional(InvitedCounts),
});

const Prepared = v.object({ id: id('prepared'), callId: v.string(), sdpAnswer: v.string() });

const CallResponse = v.union([
  v.object({
    id: id('callResponse'),
    callId: v.string(),
    response: v.literal('accepted'),
    sdpAnswer: v.string(),
  }),
  v.object({
    id: id('callResponse'),
    callId: v.string(),
    reqType: v.optional(ReqType, 'ptop'),
    from: v.optional(v.string()),
    response: v.literal('rejected'),
    code: codeOf([...REFUSAL_CODES, GENERAL_CODE], GENERAL_CODE),
    message: v.string(),
  }),
]);

const StartCommunication = v.object({
  id: id('startCommunication'),
  callId: v.string(),
  sdpAnswer: v.string(),
});

const IceCandidate = v.object({
  id: id('iceCandidate'),
  callId: v.optional(v.string()),
  room: v.optional(v.string()),
  name: v.optional(v.string()),
  candidate: Candidate,
  generation: Generation,
});

const StopCommunication = v.object({
  id: id('stopCommunication'),
  callId: v.optional(v.string()),
  room: v.optional(v.string()),
  reason: StopCode,
});

const MissedCall = v.object({
  id: id('missedCall'),
  callId: v.string(),
  from: v.string(),
  caller: Person,
  media: Media,
  /** Milliseconds since 1970. */
  at: v.number(),
  /** Set when it was a group's call. */
  groupId: v.optional(v.string()),
  groupName: v.optional(v.string()),
});

const Answer = v.object({
  id: id('answer'),
  callId: v.string(),
  sdpAnswer: v.string(),
  generation: Generation,
});

const RestartMedia = v.object({
  id: id('restartMedia'),
  callId: v.optional(v.string()),
  room: v.optional(v.string()),
  generation: Generation,
});

const ServerMediaState = v.object({
  id: id('mediaState'),
  callId: v.optional(v.string()),
  room: v.optional(v.string()),
  name: v.string(),
  audio: v.boolean(),
  video: v.boolean(),
  screen: v.boolean(),
});

export const Participant = v.object({
  ...Person.entries,
  audio: v.boolean(),
  video: v.boolean(),
  screen: v.boolean(),
});
export type Participant = v.InferOutput<typeof Participant>;

const ExistingParticipants = v.object({
  id: id('existingParticipants'),
  room: v.optional(v.string()),
  data: v.array(v.string()),
  participants: v.array(Participant),
  /** Whether the one who joins may mute, remove and end for all. */
  canModerate: v.optional(v.boolean()),
});

const NewParticipantArrived = v.object({
  id: id('newParticipantArrived'),
  room: v.optional(v.string()),
  name: v.string(),
  participant: Participant,
});

const ParticipantLeft = v.object({
  id: id('participantLeft'),
  room: v.optional(v.string()),
  name: v.string(),
  reason: StopCode,
});

const ReceiveVideoAnswer = v.object({
  id: id('receiveVideoAnswer'),
  room: v.optional(v.string()),
  name: v.string(),
  sdpAnswer: v.string(),
  generation: Generation,
});

const InvitedState = v.object({
  id: id('invitedState'),
  room: v.string(),
  /** At most `INVITED_MAX`. */
  data: v.array(InvitedPerson),
  counts: v.optional(InvitedCounts),
});

/** What has changed of `invitedState`. */
const InvitedChanged = v.object({
  id: id('invitedChanged'),
  room: v.string(),
  /** Those whose state is another one now, or who are new. */
  data: v.array(InvitedPerson),
  /** Of all who are invited, not only of those in `data`. */
  counts: InvitedCounts,
});

const Moderated = v.object({
  id: id('moderated'),
  room: v.string(),
  action: v.literal('mute'),
  by: v.string(),
});

const ServerError = v.object({
  id: id('error'),
  code: codeOf([...ERROR_CODES, GENERAL_CODE], GENERAL_CODE),
  message: v.string(),
  inReplyTo: v.optional(v.string()),
  /** When the same request may succeed, in milliseconds from now. */
  retryAfterMs: v.optional(v.number()),
});

/** Every message that the server may send, by its `id`. */
export const SERVER_MESSAGES = {
  registerResponse: RegisterResponse,
  tokenExpiring: TokenExpiring,
  renewResponse: RenewResponse,
  pong: Pong,
  incomingCall: IncomingCall,
  callProgress: CallProgress,
  prepared: Prepared,
  callResponse: CallResponse,
  startCommunication: StartCommunication,
  iceCandidate: IceCandidate,
  stopCommunication: StopCommunication,
  missedCall: MissedCall,
  answer: Answer,
  restartMedia: RestartMedia,
  mediaState: ServerMediaState,
  existingParticipants: ExistingParticipants,
  newParticipantArrived: NewParticipantArrived,
  participantLeft: ParticipantLeft,
  receiveVideoAnswer: ReceiveVideoAnswer,
  invitedState: InvitedState,
  invitedChanged: InvitedChanged,
  groupCallState: GroupCallState,
  moderated: Moderated,
  error: ServerError,
} as const;

export type ServerMessageId = keyof typeof SERVER_MESSAGES;

/** A message from the server once validated. */
export type ServerMessage = {
  [K in ServerMessageId]: v.InferOutput<(typeof SERVER_MESSAGES)[K]>;
}[ServerMessageId];

/** A message as the server writes it. */
export type ServerMessageInput = {
  [K in ServerMessageId]: v.InferInput<(typeof SERVER_MESSAGES)[K]>;
}[ServerMessageId];

export type ServerMessageOf<K extends ServerMessageId> = v.InferOutput<(typeof SERVER_MESSAGES)[K]>;
