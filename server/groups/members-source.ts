import type { Logger } from 'pino';
import { ImportError } from './errors.ts';
import type { GroupStore } from './group-store.ts';
import { parseJson } from './import-json.ts';
import { readPulledMembers } from './import-layim.ts';
import type { ImportPlan } from '../store/model.ts';
import { isStorableId } from '../store/storable.ts';

const TIMEOUT_MS = 2_000;
const MAX_AGE_MS = 60_000;
/** Largest answer taken, in bytes: some 100,000 members. */
const ANSWER_MAX_BYTES = 8 * 1024 * 1024;
/** While the chat does not answer, nobody else waits for it for this long. */
const RETRY_AFTER_MS = 5_000;
/** Groups of which a failure, or what was left out, is remembered. */
const REMEMBERED_MAX = 1_000;

/** What `MembersSource` needs. */
export interface MembersSourceOptions {
  readonly store: GroupStore;
  /** `MEMBERS_URL`: where the chat tells a group's members; `{id}` stands for the group's id. */
  readonly url: string;
  /** `MEMBERS_HEADERS`: what the chat wants to see, such as `Authorization`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** `MEMBERS_MAX_AGE`: how old a copy may be, in milliseconds; default 60,000. */
  readonly maxAgeMs?: number | undefined;
  /** How long to wait for the whole answer, in milliseconds; default 2,000. */
  readonly timeoutMs?: number | undefined;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

/**
 * - `fresh`: the stored copy is young enough;
 * - `pulled`: it was brought up to date;
 * - `stale`: the chat did not tell; what is stored stays.
 */
export type Freshness = 'fresh' | 'pulled' | 'stale';

/** Keeps the members of a group up to date from the chat's own `members` interface, as LayIM uses it. */
export class MembersSource {
  readonly #store: GroupStore;
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #maxAgeMs: number;
  readonly #timeoutMs: number;
  readonly #logger: MembersSourceOptions['logger'];
  readonly #running = new Map<string, Promise<Freshness>>();
  readonly #failedAt = new Map<string, number>();
  /** Groups whose answer had entries that are no members, when it last came. */
  readonly #mistaken = new Map<string, number>();
  readonly #closing = new AbortController();

  /** @throws TypeError when the URL has no `{id}`: every group would get the same members */
  constructor(options: MembersSourceOptions) {
    if (!options.url.includes('{id}')) throw new TypeError('MEMBERS_URL must contain {id}.');
    this.#store = options.store;
    this.#url = options.url;
    this.#headers = options.headers ?? {};
    this.#maxAgeMs = options.maxAgeMs ?? MAX_AGE_MS;
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.#logger = options.logger;
  }

  /**
   * Brings a group's members up to date, if the stored copy is too old: to be called when a group call starts
   * and when somebody joins it. Calls for the same group at the same time share one request.
   * @throws StoreUnavailableError; never because of the chat
   */
  async refresh(groupId: string): Promise<Freshness> {
    const running = this.#running.get(groupId);
    if (running) return await running;
    const refreshing = this.#refresh(groupId).finally(() => this.#running.delete(groupId));
    this.#running.set(groupId, refreshing);
    return await refreshing;
  }

  /** Calls off what is running. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#running.values());
  }

  async #refresh(groupId: string): Promise<Freshness> {
    if (!isAddressable(groupId)) return 'stale';
    const now = Date.now();
    const group = await this.#store.group(groupId);
    if (group?.membersAt != null && now - group.membersAt < this.#maxAgeMs) return 'fresh';
    if (now - (this.#failedAt.get(groupId) ?? -Infinity) < RETRY_AFTER_MS) return 'stale';
    const plan = await this.#pull(groupId);
    if (!plan) return 'stale';
    // An unknown group without members is no group: chats answer so to an id that they do not know.
    if (!group && plan.users.length === 0) return 'stale';
    await this.#store.importAll(plan, now);
    return 'pulled';
  }

  /** @returns undefined when the chat does not tell */
  async #pull(groupId: string): Promise<ImportPlan | undefined> {
    const startedAt = Date.now();
    try {
      const { plan, leftOut, mistake } = readPulledMembers(groupId, parseJson(await this.#fetch(groupId)));
      this.#failedAt.delete(groupId);
      this.#warnOf(groupId, leftOut, mistake);
      this.#logger.info(
        { groupId, ms: Date.now() - startedAt, members: plan.users.length },
        'members pulled',
      );
      return plan;
    } catch (error) {
      remember(this.#failedAt, groupId);
      const hint = error instanceof ImportError ? 'cannot be used' : 'did not come';
      this.#logger.warn(
        { err: error, groupId },
        `the answer of MEMBERS_URL ${hint}: keeping the stored members`,
      );
      return undefined;
    }
  }

  /** A redirect could take the headers, which authenticate this server, to somebody else. */
  async #fetch(groupId: string): Promise<string> {
    const response = await fetch(this.#url.replaceAll('{id}', encodeURIComponent(groupId)), {
      headers: { Accept: 'application/json', ...this.#headers },
      redirect: 'error',
      signal: AbortSignal.any([AbortSignal.timeout(this.#timeoutMs), this.#closing.signal]),
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`MEMBERS_URL answers ${response.status}`);
    }
    return await readText(response);
  }

  /** An answer comes every minute while people call: its mistakes are told once, and again when they come back. */
  #warnOf(groupId: string, leftOut: number, mistake: ImportError | undefined): void {
    const isKnown = this.#mistaken.delete(groupId);
    if (leftOut === 0) return;
    remember(this.#mistaken, groupId);
    if (isKnown) return;
    this.#logger.warn(
      { err: mistake, groupId, leftOut },
      'the answer of MEMBERS_URL has entries that are no members: they are left out',
    );
  }
}

/** Keeps when something happened to a group; of the oldest nothing is known any more. */
function remember(groups: Map<string, number>, groupId: string): void {
  groups.delete(groupId);
  groups.set(groupId, Date.now());
  const [oldest] = groups.keys();
  if (groups.size > REMEMBERED_MAX && oldest !== undefined) groups.delete(oldest);
}

/** `.` and `..` cannot be told in a path, however they are encoded: they would ask for something else. */
function isAddressable(groupId: string): boolean {
  return isStorableId(groupId) && groupId !== '.' && groupId !== '..';
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > ANSWER_MAX_BYTES) throw new Error(`MEMBERS_URL answers more than ${ANSWER_MAX_BYTES} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
