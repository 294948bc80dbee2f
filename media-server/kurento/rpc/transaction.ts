import { isJsonObject, member, type Json, type JsonObject } from './json.ts';
import { RpcError } from './rpc-error.ts';

const REFERENCE = 'newref:';

/**
 * Replaces each `newref:N` by the id that operation N of the transaction returned.
 * @throws RpcError 40008 for a reference to an operation without a result
 */
export function resolveReferences(value: Json, replies: readonly JsonObject[]): Json {
  if (typeof value === 'string') return value.startsWith(REFERENCE) ? resultOf(value, replies) : value;
  if (Array.isArray(value)) return value.map((item) => resolveReferences(item as Json, replies));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, resolveReferences(item, replies)]),
  );
}

function resultOf(reference: string, replies: readonly JsonObject[]): Json {
  const index = reference.slice(REFERENCE.length);
  if (!/^\d+$/.test(index)) throw malformed(`Invalid index of newref '${index}'`);
  const value = member(member(replies[Number(index)], 'result'), 'value');
  if (value === undefined) throw malformed(`Result not found on request ${Number(index)}`);
  return value;
}

/**
 * The operations of a transaction.
 * @throws RpcError when there are none
 */
export function operationsOf(params: JsonObject): readonly Json[] {
  const operations = member(params, 'operations');
  if (operations === undefined) throw RpcError.parameter("'operations' parameter is required");
  if (!Array.isArray(operations)) throw RpcError.parameter("'operations' parameter should be an array");
  return operations as readonly Json[];
}

/**
 * Checks that an operation is numbered by its position.
 * @throws RpcError 40008
 */
export function checkOperationId(operation: Json, index: number): asserts operation is JsonObject {
  // The message contains the position twice, as Kurento's does.
  if (member(operation, 'id') !== index) throw malformed(`Id of request '${index}' should be '${index}'`);
}

function malformed(problem: string): RpcError {
  return RpcError.kurento('MALFORMED_TRANSACTION', problem);
}
