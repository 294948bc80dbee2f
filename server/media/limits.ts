/** What one endpoint may have under way with its media server. */

/** Candidates that wait for the answers to others; a browser finds far fewer. */
export const WAITING_CANDIDATES_MAX = 128;

/** Everybody in a room may be connected to one endpoint at the same time, when its media is recovered. */
export const REQUEST_LIMITS = { inFlightMax: 16, waitingMax: 1_024 };
