import { RpcError } from './rpc-error.ts';
import { encodeJson, isJsonObject, member, parseJson, type Json, type JsonObject } from './json.ts';
import { METHODS, required, sessionOf, type MethodContext } from './methods.ts';
import { ReplyCache, type Reply } from './reply-cache.ts';
import { checkOperationId, operationsOf, resolveReferences } from './transaction.ts';
import { toText } from './coercion.ts';

/** Parameters into which no session can be inserted; Kurento closes the connection. */
class UnusableParamsError extends RpcError {
  constructor() {
    super(-32603, 'params are not an object');
  }
}

/** Turns request texts into reply texts: envelope, the connection's session, reply cache, transactions. */
export class Dispatcher {
  readonly #context: MethodContext;
  readonly #cache: ReplyCache;
  readonly #onUnexpected: (error: unknown) => void;

  /** @param onUnexpected receives every error that is the server's fault, not the caller's */
  constructor(context: MethodContext, onUnexpected: (error: unknown) => void, cache = new ReplyCache()) {
    this.#context = context;
    this.#onUnexpected = onUnexpected;
    this.#cache = cache;
  }

  /**
   * Handles one frame.
   * @param connectionSession the session that requests without one belong to
   * @returns the reply; a promise only for operations that are asynchronous
   * @throws MalformedJsonError, UnusableParamsError: Kurento closes the connection
   */
  handle(text: string, connectionSession: string | undefined): Reply | Promise<Reply> {
    const request = withSession(parseJson(text), connectionSession);
    const id = member(request, 'id') ?? null;
    const sessionId = toText(member(member(request, 'params'), 'sessionId'));
    const cacheable = id !== null && typeof id !== 'object';
    const cached = cacheable && sessionId !== undefined ? this.#cache.get(sessionId, id) : undefined;
    if (cached) return cached;
    if (sessionId !== undefined) this.#context.sessions.keepAlive(sessionId);
    const finish = (response: JsonObject): Reply => {
      const answered = member(member(response, 'result'), 'sessionId');
      const reply = { text: encodeJson(response), sessionId: toText(answered) };
      const owner = reply.sessionId ?? sessionId;
      if (cacheable && owner !== undefined) this.#cache.add(owner, id, reply);
      return reply;
    };
    const response = this.#respond(request);
    return response instanceof Promise ? response.then(finish) : finish(response);
  }

  /** Executes a request and returns its response; never throws. */
  #respond(request: Json): JsonObject | Promise<JsonObject> {
    let id: Json = null;
    try {
      const method = methodOf(request);
      id = member(request, 'id') ?? null;
      const result = this.#call(method, member(request, 'params'));
      if (!(result instanceof Promise)) return success(id, result);
      return result
        .then((awaited) => success(id, awaited))
        .catch((error: unknown) => this.#failure(id, error));
    } catch (error) {
      return this.#failure(id, error);
    }
  }

  #call(name: string, params: Json | undefined): Json | Promise<Json> {
    if (name === 'transaction') return this.#transaction(required(params));
    const method = METHODS.get(name);
    if (!method) throw RpcError.methodNotFound();
    return method(this.#context, params);
  }

  /** Executes operations in sequence until one fails; later ones can use the ids that earlier ones returned. */
  #transaction(params: JsonObject): Json | Promise<Json> {
    const operations = operationsOf(params);
    const sessionId = sessionOf(params);
    const replies: JsonObject[] = [];
    const step = (): Json | Promise<Json> => {
      while (replies.length < operations.length) {
        const operation = operations[replies.length] ?? null;
        checkOperationId(operation, replies.length);
        const resolved = resolveReferences(operation, replies);
        const reply = this.#respond(withSession(resolved, sessionId));
        if (reply instanceof Promise) {
          return reply.then((awaited) => (replies.push(awaited), failed(awaited) ? done() : step()));
        }
        replies.push(reply);
        if (failed(reply)) break;
      }
      return done();
    };
    const done = (): Json => ({ sessionId, value: replies });
    return step();
  }

  #failure(id: Json, error: unknown): JsonObject {
    if (!(error instanceof RpcError)) this.#onUnexpected(error);
    const { code, message, data } =
      error instanceof RpcError ? error : RpcError.unexpected(error instanceof Error ? error.message : '');
    return { error: data === undefined ? { code, message } : { code, data, message }, id, jsonrpc: '2.0' };
  }
}

function success(id: Json, result: Json): JsonObject {
  // Kurento notices only after the execution that there is no id to answer.
  if (id === null) throw RpcError.notification(result);
  return { id, jsonrpc: '2.0', result };
}

function failed(response: JsonObject): boolean {
  return Object.hasOwn(response, 'error');
}

/** @throws RpcError for anything but a JSON-RPC 2.0 request; batches are not supported */
function methodOf(request: Json): string {
  const method = member(request, 'method');
  const id = member(request, 'id') ?? null;
  const valid = member(request, 'jsonrpc') === '2.0' && (id === null || typeof id !== 'object');
  if (!valid || typeof method !== 'string') throw RpcError.invalidRequest();
  return method;
}

/** The request with the session inserted, unless it names one itself. */
function withSession(request: Json, sessionId: string | undefined): Json {
  if (sessionId === undefined || !isJsonObject(request)) return request;
  const params = member(request, 'params') ?? {};
  if (!isJsonObject(params)) throw new UnusableParamsError();
  if (Object.hasOwn(params, 'sessionId')) return request;
  return { ...request, params: { ...params, sessionId } };
}
