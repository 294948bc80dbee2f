import type { Json } from './json.ts';

/** An object that clients create, call and subscribe to by its id. */
export interface RemoteObject {
  readonly id: string;
  /** Unqualified, for example `WebRtcEndpoint`. */
  readonly type: string;
  /** Qualified names of the types it derives from, nearest first. */
  readonly hierarchy: readonly string[];
  readonly parent: RemoteObject | null;
  readonly children: Iterable<RemoteObject>;
  supportsEvent(type: string): boolean;
  /** @throws RpcError */
  invoke(operation: string, params: Json | undefined): Json | Promise<Json>;
}

/** What the protocol needs from the objects that it controls. */
export interface ObjectModel {
  /** @throws RpcError */
  create(type: string, params: Json | undefined): RemoteObject;
  /** @throws RpcError 40101, 40109 */
  get(id: string): RemoteObject;
  find(id: string): RemoteObject | undefined;
  /** Destroys the object and its children, unless it is permanent. */
  release(object: RemoteObject): void;
}

/** Receives the events of objects. */
export interface EventSink {
  /** Whether there is a subscriber; without one the event need not be built. */
  wants(objectId: string, type: string): boolean;
  deliver(objectId: string, type: string, data: Json): void;
}
