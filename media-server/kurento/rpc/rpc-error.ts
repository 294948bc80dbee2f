import type { Json } from './json.ts';

/** Kurento's own error types and their codes (`KurentoException.hpp`). */
const KURENTO_CODES = {
  MARSHALL_ERROR: 40001,
  CONNECT_ERROR: 40004,
  INVALID_SESSION: 40007,
  MALFORMED_TRANSACTION: 40008,
  NOT_ENOUGH_RESOURCES: 40009,
  MEDIA_OBJECT_NOT_FOUND: 40101,
  MEDIA_OBJECT_EVENT_NOT_SUPPORTED: 40106,
  MEDIA_OBJECT_NOT_AVAILABLE: 40108,
  MEDIA_OBJECT_NOT_FOUND_TRANSACTION_NO_COMMIT: 40109,
  MEDIA_OBJECT_TAG_KEY_NOT_FOUND: 40110,
  MEDIA_OBJECT_OPERATION_NOT_SUPPORTED: 40111,
  SDP_PARSE_ERROR: 40201,
  SDP_END_POINT_NO_LOCAL_SDP_ERROR: 40202,
  SDP_END_POINT_NO_REMOTE_SDP_ERROR: 40203,
  SDP_END_POINT_ALREADY_NEGOTIATED: 40208,
  SDP_END_POINT_NOT_OFFER_GENERATED: 40209,
  ICE_ADD_CANDIDATE_ERROR: 40401,
  UNDEFINED: 40500,
} as const;

export type KurentoErrorType = keyof typeof KURENTO_CODES;

/** The `error` member of a JSON-RPC reply. */
export class RpcError extends Error {
  readonly code: number;
  readonly data: Json | undefined;

  constructor(code: number, message: string, data?: Json) {
    super(message);
    this.name = 'RpcError';
    this.code = code;
    this.data = data;
  }

  /** An error of Kurento itself: 40xxx, with its type in `data.type`. */
  static kurento(type: KurentoErrorType, message: string): RpcError {
    return new RpcError(KURENTO_CODES[type], message, { type });
  }

  static invalidRequest(): RpcError {
    return new RpcError(-32600, 'Invalid JSON-RPC request.');
  }

  static methodNotFound(): RpcError {
    return new RpcError(-32601, 'Method not found.');
  }

  static paramsRequired(): RpcError {
    return new RpcError(-32602, "'params' is required", { type: 'INVALID_PARAMS' });
  }

  /** A parameter of an RPC method (not of an operation) is missing or of the wrong type. */
  static parameter(problem: string): RpcError {
    return new RpcError(-32000, problem);
  }

  /** Kurento executes a request without id, and then answers it with this error. */
  static notification(result: Json): RpcError {
    return new RpcError(-32000, 'Ignoring response because of a notification request', result);
  }

  static unexpected(what: string): RpcError {
    return new RpcError(-32603, `Unexpected error while processing method: ${what}`);
  }

  static marshall(problem: string): RpcError {
    return RpcError.kurento('MARSHALL_ERROR', problem);
  }

  static invalidSession(): RpcError {
    return RpcError.kurento('INVALID_SESSION', 'Invalid session');
  }

  static objectNotFound(id: string): RpcError {
    if (id.startsWith('newref:')) {
      return RpcError.kurento(
        'MEDIA_OBJECT_NOT_FOUND_TRANSACTION_NO_COMMIT',
        `Object '${id}' not found. Possibly using a transactional object without committing the transaction.`,
      );
    }
    return RpcError.kurento('MEDIA_OBJECT_NOT_FOUND', `Object '${id}' not found`);
  }
}
