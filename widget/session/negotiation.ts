import type { Candidate } from '../../protocol/index.ts';

/** Connections that may fail one after the other before the call is given up. */
export const MAX_FAILURES = 5;
/** Pause before the second repair of a connection; doubles with each further one, in milliseconds. */
const REPAIR_PAUSE_MS = 1_000;
const REPAIR_PAUSE_MAX_MS = 15_000;

/** How one peer connection is negotiated, from its offer to its answer, and again when it fails. */
export interface Negotiation {
  /** Counts the connections: each new one in place of another has a higher number. */
  readonly generation: number;
  /** `none` → `waiting` (for the socket) → `making` (the browser writes it) → `made` → `sent` → `answered`. */
  readonly offer: 'none' | 'waiting' | 'making' | 'made' | 'sent' | 'answered';
  /** The written offer, until it is sent. */
  readonly sdpOffer?: string;
  /** One's own candidates that wait for their offer to be sent. */
  readonly held: readonly Candidate[];
  readonly connected: boolean;
  /** Connections that failed one after the other. */
  readonly failures: number;
}

/** A connection that nothing has been done for yet. */
export function newNegotiation(
  generation: number,
  offer: Negotiation['offer'] = 'none',
  failures = 0,
): Negotiation {
  return { generation, offer, held: [], connected: false, failures };
}

/** How long to wait before a connection is made that replaces so many failed ones, in milliseconds. */
export function repairPauseMs(failures: number): number {
  return failures <= 1 ? 0 : Math.min(REPAIR_PAUSE_MAX_MS, REPAIR_PAUSE_MS * 2 ** (failures - 2));
}

/** The browser has written the offer. */
export function offerMade(negotiation: Negotiation, sdpOffer: string): Negotiation {
  return { ...negotiation, offer: 'made', sdpOffer };
}

/** The server is told the offer. */
export function offerSent({ generation, held, connected, failures }: Negotiation): Negotiation {
  return { generation, offer: 'sent', held, connected, failures };
}

/** Whether the server knows what candidates of this connection belong to. */
export function isOfferSent({ offer }: Negotiation): boolean {
  return offer === 'sent' || offer === 'answered';
}

/** Whether an answer is to the offer that is out; the same answer comes more than once. */
export function awaitsAnswer({ offer, generation }: Negotiation, answered: number): boolean {
  return offer === 'sent' && generation === answered;
}
