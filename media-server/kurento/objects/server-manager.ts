import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { RpcError } from '../rpc/rpc-error.ts';
import type { Json, JsonObject } from '../rpc/json.ts';
import { MEDIA_OBJECT_EVENTS, MEDIA_OBJECT_OPERATIONS, MediaObject } from './media-object.ts';
import type { ObjectHost, TypeDescription } from './media-object.ts';
import { moduleDescription, serverInfo, type Module } from './modules.ts';
import { getter, method, type Operations } from './operations.ts';
import { integer, text } from './parameters.ts';

const SERVER_MANAGER_ID = 'manager_ServerManager';

const BYTES_PER_KILOBYTE = 1024;

/**
 * `getSessions` of Kurento returns as many empty names as its own count of sessions, which is two above the number
 * listed, before the real ones (it sizes the list before it appends to it).
 */
const UNLISTED_SESSIONS = 2;

/** What the manager reports. */
interface ServerFacts {
  readonly modules: readonly Module[];
  pipelineIds(): string[];
  sessionIds(): string[];
}

/**
 * Kurento's `ServerManager`, the only permanent object: reports facts about the server, and the creation and
 * destruction of all other objects.
 */
export class ServerManager extends MediaObject {
  readonly facts: ServerFacts;
  readonly startedAt = new Date();

  constructor(host: ObjectHost, facts: ServerFacts) {
    super(host, SERVER_MANAGER_ID);
    this.facts = facts;
  }

  override get description(): TypeDescription {
    return SERVER_MANAGER;
  }

  announceCreated(id: string): void {
    this.#announce('ObjectCreated', { object: id });
  }

  announceDestroyed(id: string): void {
    this.#announce('ObjectDestroyed', { objectId: id });
  }

  /** Unlike all other events these two do not contain their type. */
  #announce(type: string, fields: JsonObject): void {
    if (this.host.wants(this.id, type)) this.host.deliver(this.id, type, this.eventData(fields));
  }
}

/**
 * The processor time used in the next `intervalMs`, in per cent of one core.
 * @returns `null` for an interval that is not positive
 */
async function usedCpu(intervalMs: number): Promise<Json> {
  if (intervalMs <= 0) return null;
  const before = process.cpuUsage();
  const startedAt = performance.now();
  await delay(intervalMs, undefined, { ref: false });
  const { user, system } = process.cpuUsage(before);
  const elapsedMicroseconds = (performance.now() - startedAt) * 1000;
  return Math.fround((100 * (user + system)) / elapsedMicroseconds);
}

function describeModule(self: ServerManager, name: string): string {
  const module = self.facts.modules.find((candidate) => candidate.name === name);
  if (!module) throw RpcError.kurento('UNDEFINED', "Requested kmd module doesn't exist");
  return moduleDescription(module);
}

const OPERATIONS: Operations<ServerManager> = {
  ...MEDIA_OBJECT_OPERATIONS,
  getInfo: getter((self: ServerManager) => serverInfo(self.facts.modules, self.startedAt)),
  getPipelines: getter((self: ServerManager) => self.facts.pipelineIds()),
  getSessions: getter((self: ServerManager) => {
    const ids = self.facts.sessionIds();
    return [...Array<string>(ids.length + UNLISTED_SESSIONS).fill(''), ...ids];
  }),
  getMetadata: getter(() => ''),
  getCpuCount: getter(() => availableParallelism()),
  getUsedMemory: getter(() => Math.round(process.memoryUsage.rss() / BYTES_PER_KILOBYTE)),
  getUsedCpu: method({ interval: integer }, (_self: ServerManager, { interval }) => usedCpu(interval)),
  getKmd: method({ moduleName: text }, (self: ServerManager, { moduleName }) =>
    describeModule(self, moduleName),
  ),
};

const SERVER_MANAGER: TypeDescription = {
  type: 'ServerManager',
  hierarchy: ['kurento.MediaObject'],
  events: [...MEDIA_OBJECT_EVENTS, 'ObjectCreated', 'ObjectDestroyed'],
  operations: OPERATIONS,
};
