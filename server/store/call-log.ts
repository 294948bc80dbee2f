import type { Logger } from 'pino';
import { ID_MAX_LENGTH } from '../../protocol/index.ts';
import { writeCall } from './call-rows.ts';
import type { Database } from './database.ts';
import { StoreUnavailableError } from './errors.ts';
import type { CallRecord } from './model.ts';
import { retry } from './retry.ts';
import { toStorableText } from './storable.ts';

/**
 * What may wait in memory while the database is gone, in rows: a record has one and one for each participant.
 * Beyond that the oldest records are dropped.
 */
const WAITING_ROWS_MAX = 100_000;
const PAUSES = { firstPauseMs: 250, lastPauseMs: 5_000 } as const;

/**
 * Writes the records of ended calls, one after the other, in the background: the end of a call never
 * waits for the database, and a record made while it is gone is written when it is back.
 */
export class CallLog {
  readonly #database: Database;
  readonly #logger: Pick<Logger, 'warn' | 'error'>;
  readonly #queue: CallRecord[] = [];
  readonly #closing = new AbortController();
  #waitingRows = 0;
  #writing: Promise<void> | undefined;

  /** @param database may be opened later: until then records wait */
  constructor(database: Database, logger: Pick<Logger, 'warn' | 'error'>) {
    this.#database = database;
    this.#logger = logger;
  }

  /** Takes a record; it is written soon, or when the database is back. */
  add(record: CallRecord): void {
    this.#queue.push(storable(record));
    this.#waitingRows += rowsOf(record);
    while (this.#waitingRows > WAITING_ROWS_MAX && this.#queue.length > 1) this.#dropOldest();
    this.#writing ??= this.#writeAll().finally(() => (this.#writing = undefined));
  }

  /** Settles when everything added so far is written, or given up by `close`. */
  async written(): Promise<void> {
    await this.#writing;
  }

  /** Tries once more to write what is waiting, without waiting for a database that is gone. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#writing;
    await this.#writeAll();
    if (this.#queue.length > 0) {
      this.#logger.error({ records: this.#queue.length }, 'call records lost: the database is gone');
    }
  }

  /** Ends when nothing waits any more, or when it is closed and the database is gone. */
  async #writeAll(): Promise<void> {
    for (let record = this.#queue[0]; record; record = this.#queue[0]) {
      try {
        await this.#write(record);
      } catch (error) {
        if (error instanceof StoreUnavailableError) return;
        this.#logger.error({ err: error, callId: record.callId }, 'call record cannot be written');
      }
      // The bound may have dropped it meanwhile.
      if (this.#queue[0] === record) this.#shift();
    }
  }

  async #write(record: CallRecord): Promise<void> {
    const writeUnlessDropped = async () => {
      if (this.#queue[0] === record) await this.#database.transaction((trx) => writeCall(trx, record));
    };
    await retry(writeUnlessDropped, {
      ...PAUSES,
      when: (error) => error instanceof StoreUnavailableError,
      forMs: Infinity,
      signal: this.#closing.signal,
      onFailure: (error) =>
        this.#logger.warn({ err: error, waiting: this.#queue.length }, 'call records wait for the database'),
    });
  }

  #dropOldest(): void {
    const callId = this.#shift()?.callId;
    this.#logger.error({ callId }, 'call record dropped: the database is gone for too long');
  }

  #shift(): CallRecord | undefined {
    const record = this.#queue.shift();
    if (record) this.#waitingRows -= rowsOf(record);
    return record;
  }
}

function rowsOf({ participants }: CallRecord): number {
  return 1 + participants.length;
}

/** Names come from clients; what a database cannot keep must not cost the record. */
function storable(record: CallRecord): CallRecord {
  const id = (text: string) => toStorableText(text, ID_MAX_LENGTH);
  return {
    ...record,
    callId: id(record.callId),
    groupId: record.groupId === undefined ? undefined : id(record.groupId),
    caller: id(record.caller),
    endedBy: record.endedBy === undefined ? undefined : id(record.endedBy),
    participants: record.participants.map((participant) => ({ ...participant, name: id(participant.name) })),
  };
}
