/** What one page or user may make a call or a room do, and keep. */
import type { QuotaRule } from './quota.ts';

/** Candidates taken for one offer; a browser gathers a few dozen. More are dropped quietly. */
export const CANDIDATES_MAX = 128;

/** Text of the candidates that wait at a time for one endpoint, in UTF-16 code units. */
export const WAITING_CANDIDATES_MAX_LENGTH = 32_768;

/**
 * Offers for one link: every offer makes an endpoint. A link is one person's connection for the media of one sender, so
 * that who joins a large room may offer for all who are in it at once.
 */
export const OFFER_QUOTA: QuotaRule = { max: 10, windowMs: 10_000, what: 'offers' };

/** Calls of one user: a call rings others, takes a media server and leaves a record, however short it is. */
export const CALL_QUOTA: QuotaRule = { max: 10, windowMs: 10_000, what: 'calls' };

/** Calls of groups by one user: each of them rings a whole group. */
export const GROUP_CALL_QUOTA: QuotaRule = { max: 10, windowMs: 60_000, what: 'calls' };

/** `invite`s of one user: each of them looks at the whole group, and may ring many. */
export const INVITE_QUOTA: QuotaRule = { max: 10, windowMs: 60_000, what: 'invitations' };

/** Names in all of these together; pages of protocol 1 may spread them over as many messages as they like. */
export const INVITED_NAMES_QUOTA: QuotaRule = { max: 500, windowMs: 60_000, what: 'invitations' };

/** Calls that are remembered when they are over, and rooms. */
export const REMEMBERED_MAX = 1_000;
