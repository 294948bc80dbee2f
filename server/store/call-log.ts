import type { Logger } from 'pino';
import { writeCall } from './call-rows.ts';
import type { Database } from './database.ts';
import { StoreUnavailableError } from './errors.ts';
import type { CallRecord } from './model.ts';
import { toStorableText } from './storable.ts';
import { ID_MAX_LENGTH } from '../../protocol/index.ts';

/** Records kept in memory while the database is gone; beyond that the oldest are dropped. */
const QUEUE_MAX_LENGTH = 10_000;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 10_000;

/**
 * Writes the records of ended calls, one after the other, in the background: the end of a call never
 * waits for the database, and a record made while it is gone is written when it is back.
 */
export class CallLog {
  readonly #database: Database;
  readonly #logger: Pick<Logger, 'warn' | 'error'>;
  readonly #queue: CallRecord[] = [];
  #writing: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  #isClosing = false;

  constructor(database: Database, logger: Pick<Logger, 'warn' | 'error'>) {
    this.#database = database;
    this.#logger = logger;
  }

  /** Takes a record; it is written soon, or when the database is back. */
  add(record: CallRecord): void {
    if (this.#queue.length === QUEUE_MAX_LENGTH) {
      const dropped = this.#queue.shift();
      this.#logger.error(
        { callId: dropped?.callId },
        'call record dropped: the database is gone for too long',
      );
    }
    this.#queue.push(storable(record));
    this.#writing ??= this.#writeAll().finally(() => (this.#writing = undefined));
  }

  /** Settles when everything added so far is written, or given up by `close`. */
  async written(): Promise<void> {
    await this.#writing;
  }

  /** Tries once more to write what is waiting, without waiting for a database that is gone. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#wake?.();
    await this.#writing;
    if (this.#queue.length > 0) {
      this.#logger.error({ records: this.#queue.length }, 'call records lost: the database is gone');
    }
  }

  async #writeAll(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    for (let record = this.#queue[0]; record; record = this.#queue[0]) {
      if (await this.#write(record)) {
        // The bound may have dropped it from the front meanwhile.
        if (this.#queue[0] === record) this.#queue.shift();
        retryMs = FIRST_RETRY_MS;
        continue;
      }
      if (this.#isClosing) return;
      await this.#pause(retryMs);
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
    }
  }

  /** @returns whether the record is done with: written, or never to be written */
  async #write(record: CallRecord): Promise<boolean> {
    try {
      await this.#database.transaction((trx) => writeCall(trx, record));
      return true;
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) {
        this.#logger.error({ err: error, callId: record.callId }, 'call record cannot be written');
        return true;
      }
      this.#logger.warn({ err: error, waiting: this.#queue.length }, 'call records wait for the database');
      return false;
    }
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
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
