import { RpcError } from '../rpc/rpc-error.ts';
import { isJsonObject, type Json, type JsonObject } from '../rpc/json.ts';
import type { RemoteObject } from '../rpc/object-model.ts';
import { action, getter, method, setter, type Operations } from './operations.ts';
import { boolean, text } from './parameters.ts';

/** A type of remote objects: its place in the hierarchy, its events and operations. */
export interface TypeDescription {
  /** Unqualified name. */
  readonly type: string;
  /** Qualified names of the base types, nearest first. */
  readonly hierarchy: readonly string[];
  readonly events: readonly string[];
  readonly operations: Operations<never>;
}

/** What objects need to find each other and to emit events. */
export interface ObjectHost {
  /** @throws RpcError 40101 */
  get(id: string): MediaObject;
  wants(objectId: string, type: string): boolean;
  deliver(objectId: string, type: string, data: Json): void;
}

/** Kurento's `MediaObject`, the base of all remote objects: name, tags, parent and children, events. */
export abstract class MediaObject implements RemoteObject {
  readonly id: string;
  readonly parent: MediaObject | null;
  readonly children = new Set<MediaObject>();
  readonly tags = new Map<string, string>();
  readonly host: ObjectHost;
  readonly creationTimeSeconds = Math.floor(Date.now() / 1000);
  name: string;
  sendTagsInEvents = false;

  constructor(host: ObjectHost, id: string, parent: MediaObject | null = null) {
    this.host = host;
    this.id = id;
    this.name = id;
    this.parent = parent;
  }

  abstract get description(): TypeDescription;

  /** The pipeline that it belongs to, or itself when it is one. */
  get pipelineId(): string | null {
    return this.parent?.pipelineId ?? null;
  }

  get type(): string {
    return this.description.type;
  }

  get hierarchy(): readonly string[] {
    return this.description.hierarchy;
  }

  supportsEvent(type: string): boolean {
    return this.description.events.includes(type);
  }

  /** @throws RpcError 40008 when the type has no such operation, and whatever the operation throws */
  invoke(name: string, params: Json | undefined): Json | Promise<Json> {
    const { operations } = this.description;
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (operation) return operation.call(this as never, params, (id) => this.host.get(id));
    throw RpcError.kurento(
      'MALFORMED_TRANSACTION',
      `Method '${name}' with ${sizeOf(params)} parameters not found`,
    );
  }

  /** Emits an event, with the members that all events have added. */
  emit(type: string, fields: JsonObject = {}): void {
    if (this.host.wants(this.id, type)) this.host.deliver(this.id, type, { ...this.eventData(fields), type });
  }

  /** Frees its resources; the registry calls it once, children first. */
  dispose(): void {
    this.tags.clear();
  }

  protected eventData(fields: JsonObject): JsonObject {
    return {
      ...fields,
      source: this.id,
      tags: this.sendTagsInEvents ? tagList(this) : [],
      timestampMillis: String(Date.now()),
    };
  }
}

/** Adds the name of its complex type to a value, as Kurento does in everything that it sends. */
export function complex(type: string, fields: JsonObject): JsonObject {
  return { __module__: 'kurento', __type__: type, ...fields };
}

export const MEDIA_OBJECT_EVENTS = ['Error'] as const;

export const MEDIA_OBJECT_OPERATIONS: Operations<MediaObject> = {
  getId: getter((self: MediaObject) => self.id),
  getMediaPipeline: getter((self: MediaObject) => self.pipelineId),
  getParent: getter((self: MediaObject) => self.parent?.id ?? null),
  getChildren: getter((self: MediaObject) => [...self.children].map(({ id }) => id)),
  getCreationTime: getter((self: MediaObject) => self.creationTimeSeconds),
  getName: getter((self: MediaObject) => self.name),
  setName: setter({ name: text }, (self: MediaObject, { name }) => {
    self.name = name;
  }),
  getSendTagsInEvents: getter((self: MediaObject) => self.sendTagsInEvents),
  setSendTagsInEvents: setter({ sendTagsInEvents: boolean }, (self: MediaObject, { sendTagsInEvents }) => {
    self.sendTagsInEvents = sendTagsInEvents;
  }),
  addTag: action({ key: text, value: text }, (self: MediaObject, { key, value }) => {
    self.tags.set(key, value);
  }),
  removeTag: action({ key: text }, (self: MediaObject, { key }) => {
    if (!self.tags.delete(key)) throw tagNotFound();
  }),
  getTag: method({ key: text }, (self: MediaObject, { key }) => {
    const value = self.tags.get(key);
    if (value === undefined) throw tagNotFound();
    return value;
  }),
  getTags: getter(tagList),
};

function tagList(self: MediaObject): Json {
  return [...self.tags].map(([key, value]) => complex('Tag', { key, value }));
}

function tagNotFound(): RpcError {
  return RpcError.kurento('MEDIA_OBJECT_TAG_KEY_NOT_FOUND', 'Tag key not found');
}

/** jsoncpp's `size()`: scalars have none. */
function sizeOf(params: Json | undefined): number {
  if (Array.isArray(params)) return params.length;
  return isJsonObject(params) ? Object.keys(params).length : 0;
}
