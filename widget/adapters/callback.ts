import type { Identity } from '../signaling/credentials.ts';
import type { ChatAdapter, ChatRecord } from './chat.ts';

/** Never resolves: somebody else has to know. */
const UNKNOWN = new Promise<Identity>(() => undefined);

/**
 * Any chat but LayIM: it says who is using it and takes the call records as it likes.
 *
 * @param identity who is using the page, if the page says so
 * @param onRecord is given each line for the chat with somebody
 */
export function callbackAdapter(
  identity: Identity | undefined,
  onRecord: (record: ChatRecord) => void,
): ChatAdapter {
  return {
    identity: () => (identity ? Promise.resolve(identity) : UNKNOWN),
    record: onRecord,
    dispose: () => undefined,
  };
}
