import type { IncomingMessage } from 'node:http';
import { parseJson } from '../../groups/index.ts';
import { ApiError } from './errors.ts';

/** Largest body the API takes, in bytes: some 100,000 members. */
export const BODY_MAX_BYTES = 8 * 1024 * 1024;

/**
 * Reads a request's body as JSON, whatever its content type says.
 * @returns undefined when there is no body
 * @throws ApiError `too-large` or `unsupported-encoding`; ImportError when it is no JSON
 */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    throw new ApiError(415, 'unsupported-encoding', 'Send the body uncompressed.');
  }
  if (Number(request.headers['content-length'] ?? 0) > BODY_MAX_BYTES) throw refuse(request);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > BODY_MAX_BYTES) throw refuse(request);
    chunks.push(chunk);
  }
  return length === 0 ? undefined : parseJson(decode(Buffer.concat(chunks)));
}

/** Lets the rest of the body pass unread: a client that is still sending would not see the answer otherwise. */
function refuse(request: IncomingMessage): ApiError {
  request.resume();
  const message = `The body is larger than ${BODY_MAX_BYTES} bytes: import in parts.`;
  return new ApiError(413, 'too-large', message, { Connection: 'close' });
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ApiError(400, 'bad-request', 'The body is not UTF-8.');
  }
}
