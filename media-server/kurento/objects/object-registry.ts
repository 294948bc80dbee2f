import { RpcError } from '../rpc/rpc-error.ts';
import type { Json } from '../rpc/json.ts';
import type { EventSink, ObjectModel } from '../rpc/object-model.ts';
import { factoryOf, MODULES, type MediaOptions } from './factories.ts';
import type { MediaObject, ObjectHost } from './media-object.ts';
import { MediaPipeline } from './media-pipeline.ts';
import { ServerManager } from './server-manager.ts';

/** What the registry needs from its host. */
interface RegistryHost {
  readonly events: EventSink;
  readonly media: MediaOptions;
  sessionIds(): string[];
  /** Called for every object that is released, children first, before anything is freed. */
  onReleased(id: string): void;
}

/** All remote objects by id: creates, finds and destroys them. */
export class ObjectRegistry implements ObjectModel, ObjectHost {
  readonly #objects = new Map<string, MediaObject>();
  readonly #host: RegistryHost;
  readonly #manager: ServerManager;

  constructor(host: RegistryHost) {
    this.#host = host;
    this.#manager = new ServerManager(this, {
      modules: MODULES,
      pipelineIds: () => this.#pipelines().map(({ id }) => id),
      sessionIds: () => host.sessionIds(),
    });
    this.#objects.set(this.#manager.id, this.#manager);
  }

  get(id: string): MediaObject {
    const object = this.#objects.get(id);
    if (!object) throw RpcError.objectNotFound(id);
    return object;
  }

  find(id: string): MediaObject | undefined {
    return this.#objects.get(id);
  }

  create(type: string, params: Json | undefined): MediaObject {
    const object = factoryOf(type).create(this, params, this.#host.media);
    this.#objects.set(object.id, object);
    object.parent?.children.add(object);
    this.#manager.announceCreated(object.id);
    return object;
  }

  release(object: { readonly id: string }): void {
    const found = this.#objects.get(object.id);
    if (!found || found === this.#manager) return;
    const released = [...found.children, found];
    // All of them are removed first, so that none receives events of the others' destruction.
    for (const { id } of released) {
      this.#objects.delete(id);
      this.#host.onReleased(id);
    }
    for (const member of released) {
      member.dispose();
      member.parent?.children.delete(member);
      this.#manager.announceDestroyed(member.id);
    }
  }

  /** Destroys everything but the manager. */
  close(): void {
    for (const pipeline of this.#pipelines()) this.release(pipeline);
  }

  wants(objectId: string, type: string): boolean {
    return this.#host.events.wants(objectId, type);
  }

  deliver(objectId: string, type: string, data: Json): void {
    this.#host.events.deliver(objectId, type, data);
  }

  #pipelines(): MediaPipeline[] {
    return [...this.#objects.values()].filter((object) => object instanceof MediaPipeline);
  }
}
