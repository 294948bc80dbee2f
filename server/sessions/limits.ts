/** What one page may make a call or a room keep. */

/** Candidates taken for one offer; a browser gathers a few dozen. More are dropped quietly. */
export const CANDIDATES_MAX = 128;

/** Text of the candidates that wait at a time for one endpoint, in UTF-16 code units. */
export const WAITING_CANDIDATES_MAX_LENGTH = 32_768;

/** Offers for one link within 10 s. */
export const OFFERS_MAX = 10;

/** Calls that are remembered when they are over, and rooms. */
export const REMEMBERED_MAX = 1_000;
