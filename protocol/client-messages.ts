import * as v from 'valibot';
import { Avatar, Candidate, codeOf, DisplayName, Generation, Id, Media, Sdp, ServerId } from './fields.ts';
import { INVITE_MAX_NAMES_PROTOCOL_1 } from './limits.ts';

const id = <const Name extends string>(name: Name) => v.literal(name);

/** `callId` may be missing: the tutorials' pages send none; see `docs/protocol.md`. */
const OptionalCall = v.optional(ServerId);

/** The protocol's version that the page speaks; missing means the first. */
const Version = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)));

const Register = v.object({
  id: id('register'),
  protocol: Version,
  name: v.optional(Id),
  token: v.optional(v.string()),
  displayName: v.optional(DisplayName),
  avatar: v.optional(Avatar),
});

const Resume = v.object({ id: id('resume'), protocol: Version, resumeToken: v.string() });

/** Answers `tokenExpiring` with a fresh token of the same user. */
const Renew = v.object({ id: id('renew'), token: v.string() });

const Ping = v.object({ id: id('ping') });

const CallPerson = v.object({
  id: id('call'),
  reqType: v.optional(v.literal('ptop'), 'ptop'),
  to: Id,
  from: v.optional(Id),
  media: v.optional(Media, 'video'),
  sdpOffer: Sdp,
});

const CallGroup = v.object({
  id: id('call'),
  reqType: v.literal('group'),
  groupId: Id,
  from: v.optional(Id),
  media: v.optional(Media, 'video'),
});

/** Sent on the click on "accept", before the camera is open. */
const Answering = v.object({ id: id('answering'), callId: OptionalCall, from: v.optional(Id) });

/** Lets the callee's media connection come up while it rings. */
const Prepare = v.object({ id: id('prepare'), callId: OptionalCall, sdpOffer: Sdp });

const IncomingCallResponse = v.object({
  id: id('incomingCallResponse'),
  callId: OptionalCall,
  from: v.optional(Id),
  callResponse: v.picklist(['accept', 'reject']),
  code: v.optional(codeOf(['declined', 'busy', 'no-device'], 'declined')),
  sdpOffer: v.optional(Sdp),
});

const OnIceCandidate = v.object({
  id: id('onIceCandidate'),
  callId: OptionalCall,
  room: v.optional(Id),
  /** Whose media in a room the candidate is for; missing for a one-to-one call. */
  name: v.optional(Id),
  candidate: Candidate,
  generation: Generation,
});

const Stop = v.object({ id: id('stop'), callId: OptionalCall });

const Offer = v.object({
  id: id('offer'),
  callId: OptionalCall,
  sdpOffer: Sdp,
  generation: Generation,
});

const JoinRoom = v.object({
  id: id('joinRoom'),
  name: v.optional(Id),
  room: Id,
  media: v.optional(Media, 'video'),
});

const ReceiveVideoFrom = v.object({
  id: id('receiveVideoFrom'),
  room: v.optional(Id),
  sender: Id,
  sdpOffer: Sdp,
  generation: Generation,
});

const CancelVideoFrom = v.object({ id: id('cancelVideoFrom'), room: v.optional(Id), sender: Id });

const LeaveRoom = v.object({ id: id('leaveRoom'), name: v.optional(Id), room: v.optional(Id) });

/** How many names are too many depends on the version that is spoken. */
const Invite = v.object({
  id: id('invite'),
  room: Id,
  to: v.pipe(v.array(Id), v.minLength(1), v.maxLength(INVITE_MAX_NAMES_PROTOCOL_1)),
});

const Moderate = v.object({
  id: id('moderate'),
  room: Id,
  action: v.picklist(['mute', 'remove', 'end']),
  target: v.optional(Id),
});

const MediaState = v.object({
  id: id('mediaState'),
  name: v.optional(Id),
  callId: OptionalCall,
  room: v.optional(Id),
  audio: v.boolean(),
  video: v.boolean(),
  screen: v.optional(v.boolean(), false),
});

const Metric = v.optional(v.pipe(v.number(), v.finite()));

/** What `getStats` shows, every 10 s; milliseconds, fractions from 0 to 1, kilobits a second, frames a second. */
const Quality = v.object({
  id: id('quality'),
  callId: OptionalCall,
  room: v.optional(Id),
  roundTripMs: Metric,
  lossIn: Metric,
  lossOut: Metric,
  kbpsIn: Metric,
  kbpsOut: Metric,
  framesPerSecondIn: Metric,
});

/** Every message that a client may send, by its `id`. */
export const CLIENT_MESSAGES = {
  register: Register,
  resume: Resume,
  renew: Renew,
  ping: Ping,
  call: v.variant('reqType', [CallPerson, CallGroup]),
  answering: Answering,
  prepare: Prepare,
  incomingCallResponse: IncomingCallResponse,
  onIceCandidate: OnIceCandidate,
  stop: Stop,
  offer: Offer,
  joinRoom: JoinRoom,
  receiveVideoFrom: ReceiveVideoFrom,
  cancelVideoFrom: CancelVideoFrom,
  leaveRoom: LeaveRoom,
  invite: Invite,
  moderate: Moderate,
  mediaState: MediaState,
  quality: Quality,
} as const;

export type ClientMessageId = keyof typeof CLIENT_MESSAGES;

/** A message from a client once validated: defaults filled in, ids as strings. */
export type ClientMessage = {
  [K in ClientMessageId]: v.InferOutput<(typeof CLIENT_MESSAGES)[K]>;
}[ClientMessageId];

/** A message as a client may write it: what has a default may be missing. */
export type ClientMessageInput = {
  [K in ClientMessageId]: v.InferInput<(typeof CLIENT_MESSAGES)[K]>;
}[ClientMessageId];

export type ClientMessageOf<K extends ClientMessageId> = v.InferOutput<(typeof CLIENT_MESSAGES)[K]>;
