import type { CallsCursor } from './call-rows.ts';
import { BadCursorError } from './errors.ts';
import { isStorableId } from './storable.ts';

/**
 * Lists in the order of ids go on after the last id of the page before.
 * @throws BadCursorError when it cannot be an id
 */
export function assertIdCursor(after: string | undefined): void {
  if (after !== undefined && !isStorableId(after)) throw new BadCursorError();
}

/** Where the next page of calls begins, as opaque text. */
export function encodeCursor({ startedAt, callId }: CallsCursor): string {
  return `${startedAt}.${callId}`;
}

/** @throws BadCursorError when `encodeCursor` did not make it */
export function decodeCursor(text: string): CallsCursor {
  const [, startedAt, callId] = /^(\d{1,16})\.(.+)$/su.exec(text) ?? [];
  if (!startedAt || !callId || !isStorableId(callId)) throw new BadCursorError();
  return { startedAt: Number(startedAt), callId };
}
