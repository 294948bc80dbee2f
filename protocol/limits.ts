/** Numbers alone: the widget's calls import this file, and leave the schemas to the loader. */

/** Longest ICE candidate, in bytes; browsers' take 100 to 300. */
export const CANDIDATE_MAX_BYTES = 1024;
/** Longest `sdpMid` of an ICE candidate, in characters; browsers' are single digits. */
export const SDP_MID_MAX_LENGTH = 64;

/** Most names in one `invite`; pages invite more people with several. */
export const INVITE_MAX_NAMES = 50;
/** Most names in one `invite` of a page that speaks protocol 1. */
export const INVITE_MAX_NAMES_PROTOCOL_1 = 500;

/** Most people in `groupCallState`; `participantCount` tells how many there are. */
export const GROUP_CALL_PARTICIPANTS_MAX = 9;
/** Most people in `invitedState` and in each list of `callProgress`; `counts` tells how many there are. */
export const INVITED_MAX = 200;
