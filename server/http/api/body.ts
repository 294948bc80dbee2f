import type { IncomingMessage } from 'node:http';
import { finished } from 'node:stream/promises';
import { parseJson } from '../../groups/index.ts';
import { ApiError } from './errors.ts';

/** Largest body the API takes, in bytes: some 100,000 members. */
export const BODY_MAX_BYTES = 8 * 1024 * 1024;

/** How long an answer waits for the rest of a body that nobody reads, in milliseconds. */
const DRAIN_TIMEOUT_MS = 60_000;

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
  if (Number(request.headers['content-length'] ?? 0) > BODY_MAX_BYTES) throw tooLarge();
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > BODY_MAX_BYTES) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (request.destroyed && !(error instanceof ApiError)) throw cutOff();
    throw error;
  }
  return length === 0 ? undefined : parseJson(decode(Buffer.concat(chunks)));
}

/**
 * Lets what is left of a request's body pass unread. A client that is still sending when its connection ends
 * sees an error instead of the answer, so this comes before every answer that may end it.
 * @returns whether the body has ended; a minute is allowed for it
 */
export async function drain(request: IncomingMessage): Promise<boolean> {
  request.resume();
  try {
    await finished(request, { writable: false, signal: AbortSignal.timeout(DRAIN_TIMEOUT_MS) });
    return true;
  } catch {
    return false;
  }
}

function tooLarge(): ApiError {
  return new ApiError(413, 'too-large', `The body is larger than ${BODY_MAX_BYTES} bytes: import in parts.`);
}

/** Nobody is there to read it; it keeps a client's going away from being logged as a failure of the server. */
function cutOff(): ApiError {
  return new ApiError(400, 'bad-request', 'The connection ended within the body.');
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ApiError(400, 'bad-request', 'The body is not UTF-8.');
  }
}
