import { randomUUID } from 'node:crypto';
import { encodeJson, type Json } from './json.ts';
import type { EventSink } from './object-model.ts';

interface Subscription {
  readonly sessionId: string;
  readonly objectId: string;
  readonly type: string;
}

/** Session id → ids of its subscriptions to one event of one object. */
type Subscribers = Map<string, Set<string>>;

/**
 * Which session subscribed to which event of which object. A session receives an event once, however often it
 * subscribed, until its last subscription is removed.
 */
export class Subscriptions implements EventSink {
  readonly #send: (sessionId: string, text: string) => void;
  readonly #subscriptions = new Map<string, Subscription>();
  /** Object id → event type → subscribers. */
  readonly #byObject = new Map<string, Map<string, Subscribers>>();

  /** @param send sends a notification to a session; it is lost when the session has no connection */
  constructor(send: (sessionId: string, text: string) => void) {
    this.#send = send;
  }

  /** Returns the id of the new subscription. */
  add(sessionId: string, objectId: string, type: string): string {
    const id = randomUUID();
    this.#subscriptions.set(id, { sessionId, objectId, type });
    const types = this.#byObject.get(objectId) ?? new Map<string, Subscribers>();
    const subscribers = types.get(type) ?? new Map<string, Set<string>>();
    const ids = subscribers.get(sessionId) ?? new Set<string>();
    this.#byObject.set(objectId, types.set(type, subscribers.set(sessionId, ids.add(id))));
    return id;
  }

  /** Ends a subscription, if it belongs to this session. */
  remove(sessionId: string, subscriptionId: string): void {
    const subscription = this.#subscriptions.get(subscriptionId);
    if (subscription?.sessionId === sessionId) this.#drop(subscriptionId, subscription);
  }

  /** Ends all subscriptions of a session. */
  removeSession(sessionId: string): void {
    for (const [id, subscription] of this.#subscriptions) {
      if (subscription.sessionId === sessionId) this.#drop(id, subscription);
    }
  }

  /** Ends all subscriptions to a destroyed object. */
  removeObject(objectId: string): void {
    for (const subscribers of this.#byObject.get(objectId)?.values() ?? []) {
      for (const ids of subscribers.values()) for (const id of ids) this.#subscriptions.delete(id);
    }
    this.#byObject.delete(objectId);
  }

  wants(objectId: string, type: string): boolean {
    return this.#byObject.get(objectId)?.has(type) ?? false;
  }

  deliver(objectId: string, type: string, data: Json): void {
    const subscribers = this.#byObject.get(objectId)?.get(type);
    if (!subscribers) return;
    const params = { value: { data, object: objectId, type } };
    const text = encodeJson({ jsonrpc: '2.0', method: 'onEvent', params });
    for (const sessionId of subscribers.keys()) this.#send(sessionId, text);
  }

  #drop(id: string, { sessionId, objectId, type }: Subscription): void {
    this.#subscriptions.delete(id);
    const types = this.#byObject.get(objectId);
    const subscribers = types?.get(type);
    const ids = subscribers?.get(sessionId);
    ids?.delete(id);
    if (ids?.size === 0) subscribers?.delete(sessionId);
    if (subscribers?.size === 0) types?.delete(type);
    if (types?.size === 0) this.#byObject.delete(objectId);
  }
}
