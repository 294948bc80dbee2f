import * as v from 'valibot';
import { CLIENT_MESSAGES, type ClientMessage } from './client-messages.ts';
import { ProtocolError } from './errors.ts';
import { SERVER_MESSAGES, type ServerMessage } from './server-messages.ts';

type Schemas = Readonly<Record<string, v.GenericSchema>>;

/**
 * Validates a frame from a client.
 * @param frame the text of one WebSocket frame
 * @throws ProtocolError `bad-message` if it is no valid message, `unknown-message` if nobody knows its `id`
 */
export function parseClientMessage(frame: string): ClientMessage {
  return parse(frame, CLIENT_MESSAGES) as ClientMessage;
}

/**
 * Validates a frame from the server.
 * @param frame the text of one WebSocket frame
 * @throws ProtocolError `bad-message` or `unknown-message`
 */
export function parseServerMessage(frame: string): ServerMessage {
  return parse(frame, SERVER_MESSAGES) as ServerMessage;
}

/** The `id` of a frame that may not be a valid message, for `inReplyTo`. */
export function messageIdOf(frame: string): string | undefined {
  try {
    const id: unknown = (JSON.parse(frame) as { id?: unknown } | null)?.id;
    return typeof id === 'string' ? id.slice(0, 64) : undefined;
  } catch {
    return undefined;
  }
}

function parse(frame: string, schemas: Schemas): unknown {
  let value: unknown;
  try {
    value = JSON.parse(frame);
  } catch {
    throw new ProtocolError('bad-message', 'The frame is not JSON.');
  }
  if (typeof value !== 'object' || value === null || !('id' in value) || typeof value.id !== 'string') {
    throw new ProtocolError('bad-message', 'A message must be a JSON object with a string "id".');
  }
  const schema = Object.hasOwn(schemas, value.id) ? schemas[value.id] : undefined;
  if (!schema) throw new ProtocolError('unknown-message', `There is no message "${value.id.slice(0, 64)}".`);
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  throw new ProtocolError('bad-message', `"${value.id}"${path ? `, field "${path}"` : ''}: ${issue.message}`);
}
