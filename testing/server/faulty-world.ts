import { EventEmitter } from 'node:events';
import { type Logger, pino } from 'pino';
import type { ServerMessageInput } from '../../protocol/index.ts';
import { LocalOccupancy } from '../../server/cluster/occupancy.ts';
import { type ConnectionRef, LocalPresence } from '../../server/cluster/presence.ts';
import type { MediaEndpoint, MediaPool, MediaPipeline } from '../../server/sessions/media.ts';

/** Everything that a session calls in the world, and so everything that may throw. */
export const FAULT_POINTS = [
  'presence.send',
  'presence.sendToUser',
  'pool.createPipeline',
  'pool.whenReady',
  'pipeline.createEndpoint',
  'pipeline.release',
  'endpoint.negotiate',
  'endpoint.addCandidate',
  'endpoint.connect',
  'endpoint.disconnect',
  'endpoint.release',
  'occupancy.release',
  'records.record',
] as const;

export type FaultPoint = (typeof FAULT_POINTS)[number];

/** What is thrown. */
export class Fault extends Error {
  override readonly name = 'Fault';
}

/** A world for calls and rooms in which whatever a test names throws. */
export class FaultyWorld {
  /** What throws at the moment. */
  failing: ReadonlySet<string> = new Set();
  /** Faults that were thrown, and those that were logged. */
  readonly thrown: Fault[] = [];
  readonly logged: unknown[] = [];
  /** Messages that reached a connection, by its id. */
  readonly inboxes = new Map<string, ServerMessageInput[]>();
  readonly #presence = new LocalPresence();
  readonly #mediaServers = new Set<EventEmitter>();
  readonly presence = this.#breakable('presence', this.#presence);
  readonly occupancy = this.#breakable('occupancy', new LocalOccupancy());
  readonly records = this.#breakable('records', { record: () => undefined });
  readonly pool: MediaPool = this.#breakable('pool', {
    available: true,
    whenReady: async () => true,
    createPipeline: async () => this.#createPipeline(),
  });
  readonly logger: Logger;

  constructor() {
    const write = (object: unknown) => {
      if (object && typeof object === 'object' && 'err' in object) this.logged.push(object.err);
    };
    this.logger = Object.assign(pino({ level: 'silent' }), { info: write, warn: write, error: write });
  }

  /** A page comes up. */
  async connect(name: string, id = `${name}/1`): Promise<ConnectionRef> {
    const connection = {
      id,
      user: { name, displayName: name, avatar: '' },
      dialect: 'widget',
      protocol: 2,
    } as const;
    const inbox: ServerMessageInput[] = [];
    this.inboxes.set(id, inbox);
    await this.#presence.add(connection, (message) => void inbox.push(message));
    return connection;
  }

  /** Whether a page has been sent a message of this kind. */
  has({ id }: ConnectionRef, messageId: ServerMessageInput['id']): boolean {
    return this.inboxes.get(id)?.some((message) => message.id === messageId) ?? false;
  }

  /** Every media server goes away. */
  loseMedia(): void {
    for (const server of [...this.#mediaServers]) server.emit('lost');
  }

  /** Waits until everything that follows without waiting for the outside has happened. */
  async settled(): Promise<void> {
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  #createPipeline(): MediaPipeline {
    const events = new EventEmitter();
    this.#mediaServers.add(events);
    return this.#breakable('pipeline', {
      on: (event: 'lost', listener: () => void) => events.on(event, listener),
      release: () => void this.#mediaServers.delete(events),
      createEndpoint: async () => this.#createEndpoint(),
    });
  }

  #createEndpoint(): MediaEndpoint {
    const events = new EventEmitter();
    return this.#breakable('endpoint', {
      on: (event: 'candidate', listener: (candidate: { candidate: string }) => void) =>
        events.on(event, listener),
      negotiate: async () => {
        setImmediate(() => events.emit('candidate', { candidate: 'candidate:1' }));
        return 'v=0';
      },
      addCandidate: () => undefined,
      connect: async () => undefined,
      disconnect: async () => undefined,
      release: () => undefined,
    });
  }

  /** An object whose methods throw when they are to. */
  #breakable<T extends object>(name: string, object: T): T {
    return new Proxy(object, {
      get: (target, property) => {
        const value: unknown = Reflect.get(target, property, target);
        if (typeof value !== 'function') return value;
        return (...values: unknown[]): unknown => {
          const point = `${name}.${String(property)}`;
          if (!this.failing.has(point)) return Reflect.apply(value, target, values);
          const fault = new Fault(point);
          this.thrown.push(fault);
          throw fault;
        };
      },
    });
  }
}
