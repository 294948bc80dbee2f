import * as v from 'valibot';
import { CANDIDATE_MAX_BYTES, SDP_MID_MAX_LENGTH } from './limits.ts';

/** Longest user or group id, in characters. */
export const ID_MAX_LENGTH = 128;
/** Longest display name, in characters. */
export const DISPLAY_NAME_MAX_LENGTH = 128;
/** Longest avatar address, in characters. */
export const AVATAR_MAX_LENGTH = 2048;

/** A user's or group's id. LayIM sends numbers or strings; inside it is always a string. */
export const Id = v.pipe(
  v.union([v.string(), v.pipe(v.number(), v.finite())]),
  v.transform(String),
  v.minLength(1),
  v.maxLength(ID_MAX_LENGTH),
);

/** An id made by the server (call, room). */
export const ServerId = v.pipe(v.string(), v.minLength(1), v.maxLength(ID_MAX_LENGTH));

export const DisplayName = v.pipe(v.string(), v.maxLength(DISPLAY_NAME_MAX_LENGTH));
export const Avatar = v.pipe(v.string(), v.maxLength(AVATAR_MAX_LENGTH));

/** A user as others see it; `name` is the user's id. */
export const Person = v.object({ name: Id, displayName: v.string(), avatar: v.string() });
export type Person = v.InferOutput<typeof Person>;

/** What a call is for. */
export const Media = v.picklist(['video', 'audio']);
export type Media = v.InferOutput<typeof Media>;

/** LayIM's words for one to one and group. */
export const ReqType = v.picklist(['ptop', 'group']);
export type ReqType = v.InferOutput<typeof ReqType>;

/** A session description (RFC 8866); checked by the media server, not here. */
export const Sdp = v.pipe(v.string(), v.minLength(1));

/** `RTCIceCandidateInit` of W3C WebRTC, as the browser gives and takes it. */
export const Candidate = v.object({
  candidate: v.pipe(v.string(), v.maxBytes(CANDIDATE_MAX_BYTES)),
  sdpMid: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(SDP_MID_MAX_LENGTH)))),
  sdpMLineIndex: v.optional(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0)))),
});
export type Candidate = v.InferOutput<typeof Candidate>;

/** Counts the media connections of a call: 0 is the first, each restart adds one. */
export const Generation = v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0);

/** `RTCIceServer` of W3C WebRTC. */
export const IceServer = v.object({
  urls: v.union([v.string(), v.array(v.string())]),
  username: v.optional(v.string()),
  credential: v.optional(v.string()),
});
export type IceServer = v.InferOutput<typeof IceServer>;

/** How many people there are of a kind. */
export const Count = v.pipe(v.number(), v.integer(), v.minValue(0));

/**
 * A code out of a closed list. One that a newer version has added counts as a general one, so that the message
 * around it is not lost.
 *
 * @param codes those that are known
 * @param general the one of them that an unknown one counts as
 */
export function codeOf<const Code extends string>(codes: readonly Code[], general: NoInfer<Code>) {
  return v.fallback(v.picklist(codes), general);
}

/** What a participant sends at the moment. */
export const MediaFlags = v.object({ audio: v.boolean(), video: v.boolean(), screen: v.boolean() });
export type MediaFlags = v.InferOutput<typeof MediaFlags>;
