import { setImmediate } from 'node:timers/promises';

/** Rows in one statement: below every database's limit of parameters (SQLite's 32,766 is the lowest). */
const CHUNK_SIZE = 500;

/**
 * Does a long piece of work in slices and lets other events through between them: with SQLite,
 * statements run on the event loop, and calls must not wait for an import.
 * @param work called with at most 500 items at a time, one call after the other
 */
export async function inChunks<Item>(
  items: readonly Item[],
  work: (chunk: Item[]) => Promise<void>,
): Promise<void> {
  for (let start = 0; start < items.length; start += CHUNK_SIZE) {
    await work(items.slice(start, start + CHUNK_SIZE));
    await setImmediate();
  }
}
