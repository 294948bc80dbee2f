import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type CallRecord, GroupStore, MembersSource, StoreUnavailableError } from './groups/index.ts';
import type { Config } from './config.ts';

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5_000;
/** How long the start of the server waits for the database. */
const START_TIMEOUT_MS = 2_000;
/** Records of calls kept while there is no store; beyond that the oldest are dropped. */
const RECORDS_MAX = 1_000;

export interface StoreKeeperOptions {
  readonly databaseUrl: string;
  readonly members: Config['members'];
  readonly logger: Logger;
}

/**
 * Opens the membership store, and goes on trying while its database is down: one-to-one calls need no groups,
 * so that must not keep the server from starting.
 */
export class StoreKeeper {
  readonly #options: StoreKeeperOptions;
  readonly #closing = new AbortController();
  #opening = Promise.resolve();
  readonly #waiting: CallRecord[] = [];
  #store: GroupStore | undefined;
  #source: MembersSource | undefined;

  constructor(options: StoreKeeperOptions) {
    this.#options = options;
  }

  /**
   * Begins to open the store; waits for it, but not for long.
   * @param onOpen is called with the store before anybody else gets it
   * @throws DatabaseUrlError
   */
  async open(onOpen: (store: GroupStore) => Promise<void>): Promise<void> {
    const patience = new AbortController();
    const waiting = sleep(START_TIMEOUT_MS, undefined, { signal: patience.signal }).catch(() => undefined);
    this.#opening = this.#keepOpening(onOpen);
    this.#opening.catch((error: unknown) =>
      this.#options.logger.error({ error }, 'no store, and so no groups'),
    );
    await Promise.race([this.#opening, waiting]).finally(() => patience.abort());
  }

  /** @throws StoreUnavailableError as long as it has not been opened */
  get store(): GroupStore {
    if (!this.#store) throw new StoreUnavailableError(new Error('not opened yet'));
    return this.#store;
  }

  /** Where the chat tells the members of its groups, if it does. */
  get source(): MembersSource | undefined {
    return this.#source;
  }

  /** Keeps the record of an ended call. */
  record(record: CallRecord): void {
    if (this.#store) return this.#store.recordCall(record);
    this.#waiting.push(record);
    if (this.#waiting.length > RECORDS_MAX) this.#waiting.shift();
  }

  /** Writes what is to be written, and closes the store. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#opening.catch(() => undefined);
    await this.#source?.close();
    await this.#store?.close();
  }

  async #keepOpening(onOpen: (store: GroupStore) => Promise<void>): Promise<void> {
    const { logger } = this.#options;
    const { signal } = this.#closing;
    for (let pauseMs = FIRST_RETRY_MS; !signal.aborted; pauseMs = Math.min(2 * pauseMs, LAST_RETRY_MS)) {
      try {
        return await this.#openOnce(onOpen);
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
        logger.warn({ err: error }, 'no groups: their database does not answer; trying again');
      }
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #openOnce(onOpen: (store: GroupStore) => Promise<void>): Promise<void> {
    const { databaseUrl, members, logger } = this.#options;
    const store = await GroupStore.open(databaseUrl, { logger, openTimeoutMs: 0 });
    try {
      await onOpen(store);
    } catch (error) {
      await store.close();
      throw error;
    }
    if (members.url !== undefined)
      this.#source = new MembersSource({ store, ...members, url: members.url, logger });
    this.#store = store;
    for (const record of this.#waiting.splice(0)) store.recordCall(record);
  }
}
