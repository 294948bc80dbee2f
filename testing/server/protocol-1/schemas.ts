/**
 * The server's messages of protocol 1, as its pages check them: a frame that does not fit is dropped by them.
 * Frozen: pages stay open while the server is upgraded. Never changed to make a test pass.
 */
import * as v from 'valibot';

/** Codes of the `error` message. They are stable: clients decide by them. */
const ERROR_CODES = [
  'bad-message',
  'unknown-message',
  'not-registered',
  'already-registered',
  'not-allowed',
  'already-in-call',
  'unknown-call',
  'unknown-group',
  'unknown-room',
  'not-a-member',
  'group-of-one',
  'no-such-participant',
  'bad-sdp',
  'need-offer',
  'media-unavailable',
  'store-unavailable',
  'rate-limited',
  'overloaded',
] as const;

/** Why a one-to-one call did not come about, as the caller is told in `callResponse`. */
const REFUSAL_CODES = [
  'declined',
  'busy',
  'no-answer',
  'offline',
  'not-allowed',
  'no-device',
  'media-failed',
  'media-unavailable',
] as const;

/** Why a call or one's part in it ended, as told in `stopCommunication`. */
const STOP_REASONS = [
  'hangup',
  'cancelled',
  'answered-elsewhere',
  'declined-elsewhere',
  'no-answer',
  'peer-lost',
  'media-failed',
  'replaced',
  'removed',
  'ended',
  'shutdown',
] as const;

/** Why `register` or `resume` was refused. */
const REGISTER_REJECTION_CODES = [
  'bad-message',
  'not-allowed',
  'token-missing',
  'token-expired',
  'token-invalid',
  'resume-expired',
  'rate-limited',
  'overloaded',
] as const;

/** Longest user or group id, in characters. */
const ID_MAX_LENGTH = 128;

/** A user's or group's id. LayIM sends numbers or strings; inside it is always a string. */
const Id = v.pipe(
  v.union([v.string(), v.pipe(v.number(), v.finite())]),
  v.transform(String),
  v.minLength(1),
  v.maxLength(ID_MAX_LENGTH),
);

/** A user as others see it; `name` is the user's id. */
const Person = v.object({ name: Id, displayName: v.string(), avatar: v.string() });

/** What a call is for. */
const Media = v.picklist(['video', 'audio']);

/** LayIM's words for one to one and group. */
const ReqType = v.picklist(['ptop', 'group']);

/** `RTCIceCandidateInit` of W3C WebRTC, as the browser gives and takes it. */
const Candidate = v.object({
  candidate: v.string(),
  sdpMid: v.optional(v.nullable(v.string())),
  sdpMLineIndex: v.optional(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0)))),
});

/** Counts the media connections of a call: 0 is the first, each restart adds one. */
const Generation = v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0);

/** `RTCIceServer` of W3C WebRTC. */
const IceServer = v.object({
  urls: v.union([v.string(), v.array(v.string())]),
  username: v.optional(v.string()),
  credential: v.optional(v.string()),
});

const id = <const Name extends string>(name: Name) => v.literal(name);

/** The state of a group's call, for those who are not in it. */
const GroupCallState = v.object({
  id: id('groupCallState'),
  groupId: v.string(),
  groupName: v.string(),
  room: v.string(),
  callId: v.string(),
  active: v.boolean(),
  participants: v.array(Person),
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
    protocol: v.number(),
  }),
  v.object({
    id: id('registerResponse'),
    response: v.literal('rejected'),
    code: v.picklist(REGISTER_REJECTION_CODES),
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

const CallProgress = v.object({
  id: id('callProgress'),
  callId: v.string(),
  state: v.picklist(['ringing', 'accepted']),
  sdpAnswer: v.optional(v.string()),
  room: v.optional(v.string()),
  invited: v.optional(v.array(Person)),
  offline: v.optional(v.array(Person)),
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
    code: v.picklist(REFUSAL_CODES),
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
  reason: v.picklist(STOP_REASONS),
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

const Participant = v.object({
  ...Person.entries,
  audio: v.boolean(),
  video: v.boolean(),
  screen: v.boolean(),
});

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
  reason: v.picklist(STOP_REASONS),
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
  data: v.array(
    v.object({
      ...Person.entries,
      state: v.picklist(['ringing', 'declined', 'busy', 'no-answer', 'offline', 'joined']),
    }),
  ),
});

const Moderated = v.object({
  id: id('moderated'),
  room: v.string(),
  action: v.literal('mute'),
  by: v.string(),
});

const ServerError = v.object({
  id: id('error'),
  code: v.picklist(ERROR_CODES),
  message: v.string(),
  inReplyTo: v.optional(v.string()),
});

/** Every message that the server may send, by its `id`. */
export const SERVER_MESSAGES = {
  registerResponse: RegisterResponse,
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
  groupCallState: GroupCallState,
  moderated: Moderated,
  error: ServerError,
} as const;
