import type { ClientMessageOf, Media, Person, RefusalCode, StopReason } from '../../protocol/index.ts';

/** What a client measured last; see the `quality` message. */
export type CallQuality = {
  readonly [K in Exclude<keyof ClientMessageOf<'quality'>, 'id' | 'callId' | 'room'>]?: number | undefined;
};

/** How a call came out: `answered`, or why it did not come about. */
export type CallOutcome = 'answered' | 'cancelled' | 'shutdown' | RefusalCode;

/** What is kept of a call once it is over. Times are milliseconds since 1970. */
export interface CallRecord {
  readonly callId: string;
  readonly reqType: 'ptop';
  readonly caller: Person;
  readonly callee: Person;
  readonly media: Media;
  readonly createdAt: number;
  /** When both had their media; missing if that never happened. */
  readonly startedAt?: number;
  readonly endedAt: number;
  readonly outcome: CallOutcome;
  /** Why an answered call ended. */
  readonly reason?: StopReason;
  /** Whose doing the end was; missing if it was nobody's. */
  readonly endedBy?: string;
  readonly quality: { readonly caller?: CallQuality; readonly callee?: CallQuality };
}

/** Where finished calls are written down. */
export interface CallRecords {
  add(record: CallRecord): void;
}
