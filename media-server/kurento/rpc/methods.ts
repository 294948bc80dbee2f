import { randomUUID } from 'node:crypto';
import { toBoolean, toText } from './coercion.ts';
import { RpcError } from './rpc-error.ts';
import { isJsonObject, member, type Json, type JsonObject } from './json.ts';
import type { ObjectModel } from './object-model.ts';
import type { Sessions } from './sessions.ts';
import type { Subscriptions } from './subscriptions.ts';

/** What the methods operate on. */
export interface MethodContext {
  readonly serverId: string;
  readonly model: ObjectModel;
  readonly sessions: Sessions;
  readonly subscriptions: Subscriptions;
}

/** Executes one method: takes `params`, returns `result`; throws RpcError. */
type Method = (context: MethodContext, params: Json | undefined) => Json | Promise<Json>;

/** Kurento's JSON-RPC methods except `transaction`, which the dispatcher implements. */
export const METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['connect', connect],
  ['ping', ping],
  ['keepAlive', keepAlive],
  ['create', create],
  ['invoke', invoke],
  ['subscribe', subscribe],
  ['unsubscribe', unsubscribe],
  ['describe', describe],
  ['ref', ref],
  ['unref', unref],
  ['release', release],
  ['closeSession', closeSession],
]);

function connect({ serverId, sessions }: MethodContext, params: Json | undefined): Json {
  const sessionId = optionalText(objectOrNothing(params), 'sessionId');
  if (sessionId === undefined) return { serverId, sessionId: randomUUID() };
  if (!sessions.has(sessionId)) throw RpcError.invalidSession();
  return { serverId, sessionId };
}

function ping(_context: MethodContext, params: Json | undefined): Json {
  const sessionId = optionalText(objectOrNothing(params), 'sessionId');
  return sessionId === undefined ? { value: 'pong' } : { sessionId, value: 'pong' };
}

function keepAlive({ sessions }: MethodContext, given: Json | undefined): Json {
  const sessionId = text(required(given), 'sessionId');
  if (!sessions.has(sessionId)) throw RpcError.invalidSession();
  return { sessionId };
}

function create({ model, sessions }: MethodContext, given: Json | undefined): Json {
  const params = required(given);
  const type = text(params, 'type');
  const object = model.create(type, member(params, 'constructorParams'));
  const sessionId = sessionOf(params);
  sessions.ref(sessionId, object);
  return { sessionId, value: object.id };
}

function invoke({ model, sessions }: MethodContext, given: Json | undefined): Json | Promise<Json> {
  const params = required(given);
  const operation = text(params, 'operation');
  const object = model.get(text(params, 'object'));
  const sessionId = sessionOf(params);
  sessions.ref(sessionId, object);
  const value = object.invoke(operation, member(params, 'operationParams'));
  if (value instanceof Promise) return value.then((awaited) => ({ sessionId, value: awaited }));
  return { sessionId, value };
}

function subscribe({ model, sessions, subscriptions }: MethodContext, given: Json | undefined): Json {
  const params = required(given);
  const type = text(params, 'type');
  const object = model.get(text(params, 'object'));
  if (!object.supportsEvent(type)) {
    throw RpcError.kurento('MEDIA_OBJECT_EVENT_NOT_SUPPORTED', `Event '${type}' not supported`);
  }
  const sessionId = sessionOf(params);
  sessions.ref(sessionId, object);
  return { sessionId, value: subscriptions.add(sessionId, object.id, type) };
}

function unsubscribe({ subscriptions }: MethodContext, given: Json | undefined): Json {
  const params = required(given);
  const subscription = text(params, 'subscription');
  text(params, 'object');
  const sessionId = text(params, 'sessionId');
  subscriptions.remove(sessionId, subscription);
  return { sessionId };
}

function describe({ model, sessions }: MethodContext, given: Json | undefined): Json {
  const params = required(given);
  const object = model.get(text(params, 'object'));
  const sessionId = sessionOf(params);
  sessions.ref(sessionId, object);
  const { hierarchy, type } = object;
  return { hierarchy, qualifiedType: `kurento.${type}`, sessionId, type };
}

function ref({ model, sessions }: MethodContext, given: Json | undefined): Json {
  const params = required(given);
  const id = text(params, 'object');
  const sessionId = text(params, 'sessionId');
  sessions.ref(sessionId, model.get(id));
  return { sessionId };
}

function unref({ model, sessions }: MethodContext, given: Json | undefined): Json {
  const params = required(given);
  const object = model.find(text(params, 'object'));
  const sessionId = text(params, 'sessionId');
  if (object) sessions.unref(sessionId, object);
  return { sessionId };
}

function release({ model }: MethodContext, given: Json | undefined): Json {
  const params = required(given);
  const object = model.find(text(params, 'object'));
  if (object) model.release(object);
  return { sessionId: sessionOf(params) };
}

function closeSession({ sessions }: MethodContext, given: Json | undefined): Json {
  const params = required(given);
  const sessionId = text(params, 'sessionId');
  sessions.close(sessionId, toBoolean(member(params, 'release')) ?? false);
  return null;
}

/** The session that a request names, else the id of a new one. */
export function sessionOf(params: JsonObject): string {
  return optionalText(params, 'sessionId') ?? randomUUID();
}

/** @throws RpcError when a method that requires `params` got none */
export function required(params: Json | undefined): JsonObject {
  const object = objectOrNothing(params);
  if (!object) throw RpcError.paramsRequired();
  return object;
}

function objectOrNothing(params: Json | undefined): JsonObject | undefined {
  if (params === undefined || params === null) return undefined;
  if (isJsonObject(params)) return params;
  throw RpcError.unexpected('in Json::Value::find(begin, end): requires objectValue or nullValue');
}

function text(params: JsonObject, name: string): string {
  const value = optionalText(params, name);
  if (value === undefined) throw RpcError.parameter(`'${name}' parameter is required`);
  return value;
}

function optionalText(params: JsonObject | undefined, name: string): string | undefined {
  const value = member(params, name);
  if (value === undefined) return undefined;
  const converted = toText(value);
  if (converted === undefined) throw RpcError.parameter(`'${name}' parameter should be a string`);
  return converted;
}
