import { RpcError } from '../rpc/rpc-error.ts';
import type { Json } from '../rpc/json.ts';
import type { EventSink, ObjectModel } from '../rpc/object-model.ts';
import { factoryOf, MODULES, type MediaOptions } from './factories.ts';
import type { MediaObject, ObjectHost } from './media-object.ts';
import { MediaPipeline } from './media-pipeline.ts';
import { ServerManager } from './server-manager.ts';

/** What the registry needs of its surroundings. */
interface RegistrySurroundings {
  readonly events: EventSink;
  readonly media: MediaOptions;
  sessionIds(): string[];
  /** Told of every object that goes, children first, before anything is freed. */
  onGone(id: string): void;
}

/** All remote objects by id: makes them, finds them, destroys them. */
export class ObjectRegistry implements ObjectModel, ObjectHost {
  readonly #objects = new Map<string, MediaObject>();
  readonly #surroundings: RegistrySurroundings;
  readonly #manager: ServerManager;

  constructor(surroundings: RegistrySurroundings) {
    this.#surroundings = surroundings;
    this.#manager = new ServerManager(this, {
      modules: MODULES,
      pipelineIds: () => this.#pipelines().map(({ id }) => id),
      sessionIds: () => surroundings.sessionIds(),
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
    const object = factoryOf(type).create(this, params, this.#surroundings.media);
    this.#objects.set(object.id, object);
    object.parent?.children.add(object);
    this.#manager.announceCreated(object.id);
    return object;
  }

  release(object: { readonly id: string }): void {
    const found = this.#objects.get(object.id);
    if (!found || found === this.#manager) return;
    const leaving = [...found.children, found];
    // First all of them become unknown, so that none is told of the end of the others.
    for (const { id } of leaving) {
      this.#objects.delete(id);
      this.#surroundings.onGone(id);
    }
    for (const gone of leaving) {
      gone.dispose();
      gone.parent?.children.delete(gone);
      this.#manager.announceDestroyed(gone.id);
    }
  }

  /** Destroys everything but the manager. */
  close(): void {
    for (const pipeline of this.#pipelines()) this.release(pipeline);
  }

  wants(objectId: string, type: string): boolean {
    return this.#surroundings.events.wants(objectId, type);
  }

  deliver(objectId: string, type: string, data: Json): void {
    this.#surroundings.events.deliver(objectId, type, data);
  }

  #pipelines(): MediaPipeline[] {
    return [...this.#objects.values()].filter((object) => object instanceof MediaPipeline);
  }
}
